"""How a container's log lines are delivered: set explicitly, since AWS changed its default.

In June 2025 the default of `mode` became non-blocking: lines that do not fit into a buffer are
dropped, and those of a bad minute are the most (Amazon ECS Developer Guide, "Send Amazon ECS logs
to CloudWatch", https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html).
"""

from collections.abc import Mapping
from typing import Any

from fsp.policy import Answer, Policy, fail, hold, unknown
from fsp.resources import Resource
from fsp.values import UNKNOWN, decoded, known

ID = "CKV_FSP_18"
NAME = "A container sets how its log lines are delivered"
SEVERITY = "MEDIUM"
CRITERION = "monitoring"
GUIDELINE = (
    "Without `mode` in the awslogs options AWS chooses non-blocking with a small buffer, and drops "
    "lines when there are many: an alarm on errors may miss them. Set mode to non-blocking with "
    "max-buffer-size, or to blocking, which makes the application wait for CloudWatch Logs."
)

_MODES = ("blocking", "non-blocking")


def judge(definition: Resource) -> list[Answer]:
    """Each container sends its lines somewhere, and says what happens when there are many."""
    containers = decoded(definition.raw("container_definitions"))
    containers = [containers] if isinstance(containers, Mapping) else containers
    if not isinstance(containers, list) or not all(isinstance(c, Mapping) for c in containers):
        return [unknown("the containers are not known yet")]
    return [_of_container(container) for container in containers]


def _of_container(container: Mapping[str, Any]) -> Answer:
    name, logs = container.get("name"), container.get("logConfiguration")
    if logs is None:
        return fail(f"the lines of {name} go nowhere: it has no logConfiguration")
    if not isinstance(logs, Mapping):
        return unknown(f"the logConfiguration of {name} is not known yet")
    driver, options = known(logs.get("logDriver")), logs.get("options", {})
    if driver is UNKNOWN or not isinstance(options, Mapping):
        return unknown(f"the log driver of {name} or its options are not known yet")
    if driver != "awslogs":
        return hold(f"{name} uses the log driver {driver}")
    return _of_options(str(name), options)


def _of_options(name: str, options: Mapping[str, Any]) -> Answer:
    mode = known(options.get("mode"))
    if mode is UNKNOWN:
        return unknown(f"mode of {name} is not known yet")
    if mode not in _MODES:
        return fail(f"mode of {name} is {'not set' if mode is None else repr(mode)}")
    if mode == "non-blocking" and options.get("max-buffer-size") is None:
        return fail(f"max-buffer-size of {name} is not set")
    return hold(f"mode of {name} is {mode}")


check = Policy(ID, NAME, GUIDELINE, ["aws_ecs_task_definition"], judge)
