"""A task that cannot be started ends; it stays pending for nobody."""

from __future__ import annotations

import pytest

from verification.engine.aws.fargate.definitions import TaskDefinition
from verification.engine.aws.fargate.tasks.execution_role import parameter_of
from verification.engine.aws.fargate.tasks.process import TaskProcess
from verification.engine.aws.fargate.tasks.task import STOPPED, StartFailure, Task
from verification.engine.errors import ToolError


class NoTargets:
    """A load balancer that is told of nothing but the end of a target."""

    def __init__(self) -> None:
        self.removed: list[str] = []

    def register(self, ident: str, port: int) -> None:
        """Not called for a task that did not start."""
        raise AssertionError(ident)

    def deregister(self, ident: str) -> None:
        """Not called either."""
        raise AssertionError(ident)

    def drained(self, ident: str) -> bool:
        """Nothing is under way."""
        return True

    def remove(self, ident: str) -> None:
        """Keep who was removed."""
        self.removed.append(ident)

    def state(self, ident: str) -> str:
        """Nobody is known."""
        return "unused"


def refuses(error: Exception, task: Task) -> TaskProcess:
    """A launch that fails."""
    raise error


def pending(targets: NoTargets) -> Task:
    """A task that was not started yet."""
    arn, image = (
        "arn:aws:ecs:us-east-1:123456789012:task-definition/app:1",
        "registry.invalid/app:1",
    )
    definition = TaskDefinition(arn, "backend", image, {}, {}, None, None, 30.0, {}, "app", 1)
    return Task("task", "deployment", definition, 1, targets)


def test_what_ecs_would_say_ends_it() -> None:
    """A failure that ECS knows is the stopped reason."""
    targets = NoTargets()
    task = pending(targets)
    task.start(lambda task: refuses(StartFailure("no image"), task))
    assert (task.status, task.failed, task.reason) == (STOPPED, True, "no image")
    assert targets.removed == ["task"]


def test_what_nobody_foresaw_ends_it_too() -> None:
    """Any other error is raised, and the task has stopped by it: another one can be started."""
    targets = NoTargets()
    task = pending(targets)
    with pytest.raises(OSError, match="no memory"):
        task.start(lambda task: refuses(OSError("no memory"), task))
    assert (task.status, task.failed, task.live) == (STOPPED, True, False)
    assert "OSError('no memory')" in task.reason
    assert targets.removed == ["task"]


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("arn:aws:ssm:us-east-1:123456789012:parameter/fileshare/dev/key", "/fileshare/dev/key"),
        ("arn:aws:ssm:us-east-1:123456789012:parameter/key", "key"),
        ("/fileshare/dev/key", "/fileshare/dev/key"),
        ("key", "key"),
    ],
)
def test_a_secret_names_its_parameter(source: str, name: str) -> None:
    """By its ARN, or by its name in the same region."""
    assert parameter_of(source) == name


def test_a_secret_from_elsewhere_is_no_parameter() -> None:
    """Secrets Manager is not asked: the deploy passes parameters only."""
    with pytest.raises(ToolError, match="from SSM only"):
        parameter_of("arn:aws:secretsmanager:us-east-1:123456789012:secret:key-AbCdEf")
