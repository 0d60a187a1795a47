"""The next revision of the task definition: Terraform's newest one, with an image and variables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from backend.deployment.target import BOOTSTRAP_TAG, CONTAINER, DeployError
from backend.deployment.variables import Variables

# Docker label with the names of variables that a deployment set. All others are Terraform's;
# without the label, as on Terraform's own revisions, all are.
LABEL = "fileshare.deploy.variables"
# Fields that ECS returns and RegisterTaskDefinition does not accept.
_ANSWER_ONLY = (
    "compatibilities",
    "deregisteredAt",
    "registeredAt",
    "registeredBy",
    "requiresAttributes",
    "revision",
    "status",
    "taskDefinitionArn",
)


def newest(ecs: Any, family: str) -> dict[str, Any]:
    """The family's newest revision, as input of RegisterTaskDefinition, with its tags.

    It is registered by an apply that changed it; the service still runs an older one.
    """
    answer = ecs.describe_task_definition(taskDefinition=family, include=["TAGS"])
    definition = {k: v for k, v in answer["taskDefinition"].items() if k not in _ANSWER_ONLY}
    return definition | ({"tags": answer["tags"]} if answer.get("tags") else {})


def running_image(ecs: Any, service: Mapping[str, Any]) -> str:
    """The image of the revision that the service runs; "" for Terraform's placeholder.

    Not the newest revision's: after an apply that one has the placeholder.
    """
    answer = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])
    image = str(_container(answer["taskDefinition"])["image"])
    return "" if image.endswith(f":{BOOTSTRAP_TAG}") else image


def next_revision(definition: dict[str, Any], image: str, variables: Variables) -> dict[str, Any]:
    """A copy of `definition` with the image, Terraform's variables, and those given.

    Raises:
        DeployError: Terraform and the parameters both set a variable, or there is no container.
    """
    old = _container(definition)
    ours = set(filter(None, old.get("dockerLabels", {}).get(LABEL, "").split(",")))
    environment = [pair for pair in old.get("environment", []) if pair["name"] not in ours]
    secrets = [pair for pair in old.get("secrets", []) if pair["name"] not in ours]
    _refuse_both([pair["name"] for pair in environment + secrets], variables)
    new = old | {
        "image": image,
        "environment": environment + _pairs(variables.plain, "value"),
        "secrets": secrets + _pairs(variables.secret, "valueFrom"),
        "dockerLabels": old.get("dockerLabels", {}) | {LABEL: ",".join(variables.names)},
    }
    containers = definition["containerDefinitions"]
    return definition | {"containerDefinitions": [new if c is old else c for c in containers]}


def environment_of(definition: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """The container's variables with their values, and its secrets with their ARNs."""
    container = _container(definition)
    plain = {pair["name"]: pair["value"] for pair in container.get("environment", [])}
    return plain, {pair["name"]: pair["valueFrom"] for pair in container.get("secrets", [])}


def _container(definition: Mapping[str, Any]) -> dict[str, Any]:
    containers: list[dict[str, Any]] = definition["containerDefinitions"]
    for container in containers:
        if container["name"] == CONTAINER:
            return container
    family = definition.get("family", "of the service")
    raise DeployError(
        f"Task definition {family} has no container {CONTAINER}: apply the environment's Terraform."
    )


def _refuse_both(terraform: Iterable[str], variables: Variables) -> None:
    both = sorted(set(terraform) & set(variables.names))
    if both:
        raise DeployError(
            f"Both Terraform's task definition and the parameters set {', '.join(both)}: remove "
            "the parameter, or the variable from container_environment."
        )


def _pairs(values: Mapping[str, str], key: str) -> list[dict[str, str]]:
    return [{"name": name, key: value} for name, value in sorted(values.items())]
