"""What each rung does: one module a rung, whose jobs are done once and give what tests judge.

`run.get(job, ...)` starts a job unless it was started, and waits for it.
"""
