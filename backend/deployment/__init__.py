"""One deployment of the backend, step by step; `backend.deploy` is its command line.

`variables` reads the parameter store, `revision` makes the task definition, `rollout` starts the
deployment and tells how it ended, `trouble` says why, `report` puts it all into words.
"""
