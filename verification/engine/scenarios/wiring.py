"""From the parameter store to the running task."""

from __future__ import annotations

from verification.engine.scenarios.observing import refused
from verification.engine.scenarios.registry import Stages, scenario
from verification.engine.stage import Stage
from verification.model.seen import WiringSeen


@scenario
def wiring(run: Stages, environment: str) -> WiringSeen:
    """What the parameter store holds, and what the running task definition says."""
    with run.stage(environment, "wiring") as stage:
        path = str(stage.outputs["parameter_path"]).rstrip("/") + "/"
        pages = stage.world.client("ssm").get_paginator("get_parameters_by_path")
        parameters = {
            str(parameter["Name"]): str(parameter["Value"])
            for page in pages.paginate(Path=path, Recursive=True)
            for parameter in page["Parameters"]
        }
        running = stage.deployment.service.describe()["taskDefinition"]
        # Terraform registers the family's first revision, deploys all later ones.
        first = f"{stage.outputs['task_definition_family']}:1"
        stage.deployment.visitor().get("/ready")
        return WiringSeen(
            path, parameters, _variables(stage, running), _variables(stage, first), refused(stage)
        )


def _variables(stage: Stage, revision: str) -> dict[str, str]:
    found = stage.world.client("ecs").describe_task_definition(taskDefinition=revision)
    container = found["taskDefinition"]["containerDefinitions"][0]
    return {str(one["name"]): str(one["value"]) for one in container["environment"]}
