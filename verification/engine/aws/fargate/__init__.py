"""The ECS agent of an embedded AWS: tasks are processes, behind a load balancer on 127.0.0.1.

Like AWS: what a task sees (its definition's variables, its role's credentials from the container
endpoint, an empty disk that goes with it), rolling deployments within the service's percentages,
circuit breaker and rollback with their states, counts and events, replacement of dead tasks,
health checks, draining, SIGTERM and SIGKILL after stopTimeout, log streams.

Simpler than AWS:
- An image is a folder of sources, run by the interpreter of the suite: `images` says which. There
  are no limits on CPU and memory, no read-only file system, no container health check, no network
  of its own: a task's address is a port of 127.0.0.1, which PORT tells it.
- AWS_REGION is not given, although Fargate gives it: a definition that forgets it shows.
- Health check intervals and the grace period pass `speed` times faster; the grace is never under
  5 seconds. Timeouts, deregistration delay and stopTimeout are real seconds. A target that never
  was healthy is checked ten times a second and is healthy after its first good answer. On a slow
  or busy machine all of these last longer, by the factor that `engine.yardstick` measures: tasks
  start and answer later there, and must not be ended for it.
- One container, one target group, one service for each agent; no listener rules, no TLS: clients
  are told apart from nothing but their path, and X-Forwarded-Proto is http.
- Like an ALB the load balancer fails open: with no healthy target it uses unhealthy ones, and
  answers 503 when there are none. It retries only a connection that was refused.
- Only the primary deployment gets new tasks. A failed one without rollback gets none any more.
- Failed tasks count in a row, until one is healthy. AWS's waits between failing tasks are
  shortened to at most 5 seconds. A failed deployment stays listed until the rollback completes.
- ECS's own calls (log events, AssumeRole, secrets) are made as the administrator of the embedded
  AWS, not by the execution role and the service principal. Of the task role's trust only its
  principal is looked at.
- RunTask, task sets, blue/green deployments and alarms of deployments are unknown.
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
