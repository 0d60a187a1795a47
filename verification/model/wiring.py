"""The wiring: settings that Terraform and the deploy workflow provide and the backend reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verification.model.contract import Contract
from verification.model.stack import Stack

BACKEND = "backend"
CONFIG = f"{BACKEND}/config.py"
WORKFLOW = ".github/workflows/deploy-backend.yml"
LOCAL = "container_environment"
"""The Terraform local with the container variables that Terraform sets."""


@dataclass(frozen=True)
class Place:
    """Something in a file; `address` is its name, `source` is `file:line`."""

    address: str
    source: str


@dataclass(frozen=True)
class Read(Place):
    """A variable that the configuration reads; `address` is its name, "" if not a constant."""

    required: bool = True
    default: object = None


@dataclass(frozen=True)
class Value(Place):
    """A value in a file."""

    value: object = None


@dataclass(frozen=True)
class PythonFile(Place):
    """A Python file of the backend; `address` is its path from the repository's root.

    `deploys` is whether it belongs to the deployment, which does not run in the container.
    `environment` are its uses of the process environment outside the configuration's reader,
    `strings` all of its strings except docstrings.
    """

    deploys: bool = False
    environment: tuple[Place, ...] = ()
    strings: tuple[Value, ...] = ()


@dataclass(frozen=True)
class Wiring:
    """All settings that are provided or read.

    `provided` are the container's variables, with all their sources; `ports`, `health_checks` and
    `probes` are the container's ports and health check paths in Terraform and the image; `routes`
    are the backend's paths. `constants` are those of the deployment, by name; `image_tag` is the
    first image's tag. `grace` is gunicorn's graceful_timeout in seconds; `stops` are stopTimeout of
    ECS and `drains` the deregistration delays. `deploy` is the workflow's command, `options` are
    its options.
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
    """One empty stack for each environment, to fill the contract's templates."""
    return [
        Stack(environment=name, account="", region="", partition="")
        for name in contract.environments
    ]
