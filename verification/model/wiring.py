"""What hands a setting over and what takes it: Terraform, the backend and the deploy workflow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verification.model.contract import Contract
from verification.model.stack import Stack

BACKEND = "backend"
CONFIG = f"{BACKEND}/config.py"
WORKFLOW = ".github/workflows/deploy-backend.yml"
LOCAL = "container_environment"
"""Terraform's local with the variables that it gives the container itself."""


@dataclass(frozen=True)
class Place:
    """Something found in a file; `address` says what, `source` is `file:line`."""

    address: str
    source: str


@dataclass(frozen=True)
class Read(Place):
    """A variable that the configuration reads; `address` is its name, or "" if not a constant."""

    required: bool = True
    default: object = None


@dataclass(frozen=True)
class Value(Place):
    """A value that is written somewhere."""

    value: object = None


@dataclass(frozen=True)
class PythonFile(Place):
    """A Python file of the backend; `address` is its path from the repository's root.

    `deploys` says whether it belongs to the deployment, which does not run in the container.
    `environment` are its uses of the process's environment beside the configuration's reader,
    `strings` all of its strings but docstrings.
    """

    deploys: bool = False
    environment: tuple[Place, ...] = ()
    strings: tuple[Value, ...] = ()


@dataclass(frozen=True)
class Wiring:
    """All that is handed over or taken.

    `provided` are the variables that the container gets, with all that provide each; `ports`,
    `health_checks` and `probes` what Terraform and the image say of the container's port, and of
    the paths that the load balancer and the container ask for; `routes` are the paths that are
    answered. `constants` are the deployment's own, by name; `image_tag` is the first image's.
    `grace` is how many seconds gunicorn leaves requests when a task ends; `stops` and `drains` are
    those that ECS and the load balancer leave it. `deploy` is the workflow's command, `options` are
    those that it gives.
    """

    files: tuple[PythonFile, ...]
    configuration: tuple[Read, ...]
    routes: Mapping[str, Place]
    constants: Mapping[str, Value]
    provided: Mapping[str, tuple[Place, ...]]
    ports: tuple[Value, ...]
    health_checks: tuple[Value, ...]
    probes: tuple[Value, ...]
    image_tag: object
    grace: Value | None
    stops: tuple[Value, ...]
    drains: tuple[Value, ...]
    deploy: Place | None
    options: Mapping[str, str]


def stacks(contract: Contract) -> list[Stack]:
    """One empty stack for each environment, to fill the contract's templates with."""
    return [
        Stack(environment=name, account="", region="", partition="")
        for name in contract.environments
    ]
