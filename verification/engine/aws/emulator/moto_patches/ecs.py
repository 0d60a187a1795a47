"""ECS services, as far as Terraform reads them, and pulls of images. They have no running tasks.

`deployments` marks every rollout as completed at once, unless an agent is attached to the service;
then `ecs_agent` reports its rollouts.
"""

from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.ecr.responses import ECRResponse
from moto.ecs.models import EC2ContainerServiceBackend, Service
from moto.ecs.responses import EC2ContainerServiceResponse
from moto.moto_api._internal import mock_random

from verification.engine.aws.emulator.moto_patches import ecs_agent
from verification.engine.aws.emulator.moto_patches.patching import Method, wrap

_DROPPED = {
    "availabilityZoneRebalancing": "availability_zone_rebalancing",
    "capacityProviderStrategy": "capacity_provider_strategy",
    "deploymentConfiguration": "deployment_configuration",
    "enableECSManagedTags": "enable_ecs_managed_tags",
    "enableExecuteCommand": "enable_execute_command",
    "healthCheckGracePeriodSeconds": "health_check_grace_period_seconds",
    "placementConstraints": "placement_constraints",
    "placementStrategy": "placement_strategy",
}


def kept_fields() -> None:
    """moto 5.2.5 drops these fields of CreateService, so every plan sets them again.

    AWS stores them.
    """
    wrap(EC2ContainerServiceResponse, "create_service", _keeping)


def _keeping(original: Method) -> Method:
    def create_service(self: Any) -> Any:
        result = original(self)
        for name, attribute in _DROPPED.items():
            if (value := self._get_param(name)) is not None:
                setattr(result.result["service"], attribute, value)
        return result

    return create_service


def deployments() -> None:
    """moto 5.2.5 leaves a service pending, with its deployment at the first task definition.

    Its taskDefinition repeats the update's text. AWS returns the ARN, starts a deployment for a new
    task definition, and reaches runningCount = desiredCount.
    """
    wrap(Service, "__init__", _settled)
    wrap(EC2ContainerServiceBackend, "update_service", _rolled_out)


def _settled(original: Method) -> Method:
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        settle(self)

    return __init__


def _rolled_out(original: Method) -> Method:
    def update_service(self: Any, properties: dict[str, Any]) -> Any:
        old = self._get_service(properties.get("cluster", "default"), properties["service"])
        before, forced = old.task_definition, properties.pop("force_new_deployment", False)
        counts = old.running_count, old.pending_count
        # moto removes the service's tasks from the cluster, and adds them again only with a count.
        if properties.get("desired_count") is None:
            properties["desired_count"] = old.desired_count
        service = original(self, properties)
        service.task_definition = self.describe_task_definition(service.task_definition).arn
        renewed = service.deployments and (forced or before != service.task_definition)
        if ecs_agent.attached(service):
            service.running_count, service.pending_count = counts
            if renewed:
                ecs_agent.begin_deployment(service)
            return service
        if renewed:
            now, number = utcnow(), mock_random.randint(0, 32**12)
            service.deployments[0] |= {"id": f"ecs-svc/{number}", "createdAt": now}
        settle(service)
        return service

    return update_service


def settle(service: Any) -> None:
    """Set the service's tasks to running and its deployment to completed."""
    service.settled = True
    service.running_count, service.pending_count = service.desired_count, 0
    for deployment in service.deployments:
        deployment |= {
            "desiredCount": service.desired_count,
            "runningCount": service.desired_count,
            "pendingCount": 0,
            "rolloutState": "COMPLETED",
            "rolloutStateReason": f"ECS deployment {deployment['id']} completed.",
            "taskDefinition": service.task_definition,
            "networkConfiguration": service.network_configuration or None,
            "updatedAt": utcnow(),
        }


def layer_downloads() -> None:
    """moto 5.2.5 does not implement GetDownloadUrlForLayer, which every pull of an image needs.

    The repositories hold no layers, so each has the URL of a layer that nobody can download.
    """
    wrap(ECRResponse, "get_download_url_for_layer", _answering)


def _answering(_: Method) -> Method:
    def get_download_url_for_layer(self: Any) -> ActionResult:
        name, digest = self._get_param("repositoryName"), self._get_param("layerDigest")
        self.ecr_backend._get_repository(name, self._get_param("registryId"))
        url = f"https://layers.invalid/{name}/{digest}"
        return ActionResult({"downloadUrl": url, "layerDigest": digest})

    return get_download_url_for_layer
