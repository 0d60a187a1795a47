"""One deployment of the backend, step by step; `backend.deploy` is its command line.

`variables` reads the parameter store, `revision` makes the task definition, `rollout` starts the
deployment and waits for its end, `trouble` finds the reasons of a failure, `report` describes it.
"""
