"""The roles of tasks: task roles and execution roles."""

from __future__ import annotations

from typing import Any

from fsp.resources import Resource, same_text
from fsp.values import UNKNOWN

ROLE = "aws_iam_role"
TASK, EXECUTION = "a task role", "an execution role"
_ARGUMENTS = (("execution_role_arn", EXECUTION), ("task_role_arn", TASK))


def denotes(at: Resource, text: Any, role: Resource) -> Any:
    """Whether a role's name, ARN or reference in a resource is this role.

    True, False, or UNKNOWN if it is not known yet.
    """
    if (referred := at.referred(text, ROLE)) is not None:
        return referred.is_same(role)
    name = text.rpartition(":role/")[2] if isinstance(text, str) else text
    return False if text is None else same_text(role.raw("name"), name)


def use_of(role: Resource) -> Any:
    """EXECUTION if a task definition has it as execution role, else TASK if as task role, else
    False.

    UNKNOWN if a task definition that decides it is not known yet.
    """
    uses = {
        (denotes(definition, definition.raw(argument), role), use)
        for definition in role.others("aws_ecs_task_definition")
        for argument, use in _ARGUMENTS
    }
    if (True, EXECUTION) in uses:
        return EXECUTION
    if (UNKNOWN, EXECUTION) in uses:
        return UNKNOWN
    if (True, TASK) in uses:
        return TASK
    return UNKNOWN if (UNKNOWN, TASK) in uses else False


def role_of(at: Resource, text: Any) -> Resource | None:
    """The role of a name, an ARN or a reference, if it is known."""
    return next((one for one in at.others(ROLE) if denotes(at, text, one) is True), None)
