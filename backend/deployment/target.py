"""What is deployed where, and the one error that stops a deployment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# Terraform's names for the container, and for the image of a service that never had one.
CONTAINER = "backend"
BOOTSTRAP_TAG = "bootstrap"


class DeployError(Exception):
    """The deployment cannot be made or watched; the text names the thing and the remedy."""


@dataclass(frozen=True)
class Target:
    """One environment of one project; the names are those that Terraform gives."""

    project: str
    environment: str
    parameter_path: str

    @property
    def cluster(self) -> str:
        """Name of the ECS cluster."""
        return f"{self.project}-{self.environment}"

    @property
    def service(self) -> str:
        """Name of the ECS service."""
        return f"{self.cluster}-backend"

    @property
    def family(self) -> str:
        """Family of the task definition's revisions."""
        return self.service


def describe_service(ecs: Any, target: Target) -> dict[str, Any]:
    """The service as ECS describes it.

    Raises:
        DeployError: there is no such service, or it is being deleted.
    """
    answer = ecs.describe_services(cluster=target.cluster, services=[target.service])
    for service in answer["services"]:
        if service.get("status") == "ACTIVE":
            return dict(service)
    raise DeployError(
        f"Cluster {target.cluster} has no active service {target.service}: apply "
        f"terraform/environments/{target.environment} first, or correct --project."
    )
