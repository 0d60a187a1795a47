"""Fixtures of the deployment's tests: an embedded AWS with a service, and ways to deploy to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from backend import deploy
from tests.deploy.kit import (
    CLUSTER,
    COMPLETED,
    NEW,
    PARAMETERS,
    PATH,
    SERVICE,
    Clock,
    ScriptedEcs,
    terraforms_revision,
)
from verification.engine.aws.emulator import EmbeddedAws


@pytest.fixture(scope="session")
def _started() -> Iterator[EmbeddedAws]:
    with EmbeddedAws.start() as world:
        ecs, ssm = world.client("ecs"), world.client("ssm")
        for name, value in PARAMETERS.items():
            ssm.put_parameter(Name=PATH + name, Value=value, Type="String")
        ecs.create_cluster(clusterName=CLUSTER)
        ecs.register_task_definition(**terraforms_revision("repository:running"))
        ecs.create_service(
            cluster=CLUSTER, serviceName=SERVICE, taskDefinition=SERVICE, desiredCount=1
        )
        yield world


@pytest.fixture
def world(_started: EmbeddedAws) -> Iterator[EmbeddedAws]:
    """A world of the test's own, with the six parameters and a service that runs."""
    with _started.fork() as fork:
        yield fork


@pytest.fixture
def clock() -> Clock:
    """The clock that deployments of the test wait by."""
    return Clock()


@pytest.fixture
def scripted(world: EmbeddedAws) -> Callable[..., ScriptedEcs]:
    """An ECS whose rollout goes as told; without a word it completes at once."""
    return lambda *script: ScriptedEcs(world.client("ecs"), script or [COMPLETED])


@pytest.fixture
def run(
    world: EmbeddedAws, clock: Clock, scripted: Callable[..., ScriptedEcs]
) -> Callable[..., int]:
    """Deploy in this process; gives the exit code."""

    def run_main(*more: str, ecs: Any = None, environ: dict[str, str] | None = None) -> int:
        words: Sequence[str] = ("--environment", "dev", "--image", NEW, *more)
        clients = {"ecs": ecs or scripted(), "ssm": world.client("ssm")}
        return deploy.main(words, **clients, environ=environ or {}, patience=clock.patience())

    return run_main
