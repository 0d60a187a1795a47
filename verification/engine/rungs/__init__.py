"""The rungs: one module each, with the jobs whose results the rung's tests judge.

`run.get(job, ...)` starts a job unless it was started, and waits for it.
"""
