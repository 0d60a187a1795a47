"""The ECS agent of the embedded AWS: tasks are processes, behind a load balancer on 127.0.0.1.

Like AWS: a task's environment (its definition's variables, credentials of its role from the
container endpoint, an empty disk that is deleted with it), rolling deployments within the service's
percentages, circuit breaker and rollback with their states, counts and events, replacement of
stopped tasks, health checks, draining, SIGTERM and SIGKILL after stopTimeout, log streams.

Simpler than AWS:
- An image is a source folder, run by the suite's interpreter; `images` maps tags to folders. There
  are no limits on CPU and memory, no read-only file system, no container health check and no
  separate network: a task's address is a port of 127.0.0.1, passed in PORT.
- AWS_REGION is not set, although Fargate sets it, to find definitions that do not set it.
- Health check intervals and the grace period are `speed` times shorter; the grace period is at
  least 5 seconds. Timeouts, deregistration delay and stopTimeout are in real seconds. A new target
  is checked ten times a second and is healthy after its first successful check. On a slow or busy
  machine all of these are longer, by the factor of `engine.system.yardstick`, because tasks start
  and answer more slowly there.
- One container, one target group and one service per agent; no listener rules, no TLS: requests are
  routed by path only, and X-Forwarded-Proto is http.
- Like an ALB, the load balancer fails open: without a healthy target it uses unhealthy ones, and
  without any target it answers 503. It retries only refused connections.
- Only the primary deployment gets new tasks, and none after it has failed without rollback.
- Failed tasks are counted in a row, until one is healthy. AWS's delays between failing tasks are
  shortened to at most 5 seconds. A failed deployment is listed until the rollback completes.
- Secrets, the registry's credentials, the image's manifest and layers, and log streams are asked
  for as the execution role, in one session for all tasks. No layer is transferred, and secrets are
  read from SSM only. AssumeRole and the settings of service and revision are asked for as the
  administrator of the embedded AWS; only the principal of the roles' trust policies is checked.
- RunTask, task sets, blue/green deployments and deployment alarms are not supported.
"""

from verification.engine.aws.fargate.agent import SPEED, Fargate
from verification.engine.aws.fargate.tasks.launcher import Images, images_of, repository_image
from verification.engine.aws.fargate.tasks.logstreams import Line
from verification.engine.aws.fargate.tasks.process import Command, gunicorn

__all__ = [
    "SPEED",
    "Command",
    "Fargate",
    "Images",
    "Line",
    "gunicorn",
    "images_of",
    "repository_image",
]
