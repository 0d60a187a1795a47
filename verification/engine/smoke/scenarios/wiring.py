"""From the parameter store to the running task."""

from __future__ import annotations

from typing import Any

from verification.engine.smoke.scenarios.helpers import refused
from verification.engine.smoke.scenarios.registry import Stages, scenario
from verification.engine.smoke.stage import Stage
from verification.model.smoke.observations import WiringSeen


@scenario
def wiring(stages: Stages, environment: str) -> WiringSeen:
    """The parameters, and the running task definition."""
    with stages.stage(environment, "wiring") as stage:
        path = str(stage.outputs["parameter_path"]).rstrip("/") + "/"
        pages = stage.client("ssm").get_paginator("get_parameters_by_path")
        parameters = {
            str(parameter["Name"]): str(parameter["ARN" if _is_secret(parameter) else "Value"])
            for page in pages.paginate(Path=path, Recursive=True)
            for parameter in page["Parameters"]
        }
        running = stage.deployment.service.describe()["taskDefinition"]
        stage.deployment.visitor().get("/ready")
        return WiringSeen(
            path, parameters, _variables(stage, running), _terraforms(stage), refused(stage)
        )


def _terraforms(stage: Stage) -> dict[str, str]:
    """The variables of the newest revision that no deploy made; {} if every one was a deploy's."""
    # The backend's packages, such as Flask, are imported with it.
    from backend.deployment.revision import LABEL

    family = stage.outputs["task_definition_family"]
    pages = stage.client("ecs").get_paginator("list_task_definitions")
    for page in pages.paginate(familyPrefix=family, sort="DESC"):
        for revision in page["taskDefinitionArns"]:
            if LABEL not in _container(stage, revision).get("dockerLabels", {}):
                return _variables(stage, revision)
    return {}


def _is_secret(parameter: dict[str, Any]) -> bool:
    return bool(parameter["Type"] == "SecureString")


def _variables(stage: Stage, revision: str) -> dict[str, str]:
    """The container's variables with their values, and its secrets with the parameters' ARNs."""
    container = _container(stage, revision)
    variables = {str(one["name"]): str(one["value"]) for one in container["environment"]}
    secrets = {str(one["name"]): str(one["valueFrom"]) for one in container.get("secrets", ())}
    return variables | secrets


def _container(stage: Stage, revision: str) -> dict[str, Any]:
    found = stage.client("ecs").describe_task_definition(taskDefinition=revision)
    container: dict[str, Any] = found["taskDefinition"]["containerDefinitions"][0]
    return container
