"""The target of a deployment, and its error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# Terraform's names of the container, and of the placeholder image.
CONTAINER = "backend"
BOOTSTRAP_TAG = "bootstrap"


class DeployError(Exception):
    """The deployment cannot be made or followed; the text has cause and remedy."""


@dataclass(frozen=True)
class Target:
    """One environment of one project, with Terraform's resource names."""

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
    """The answer of DescribeServices for the service.

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
