"""Finds the deployment: from Terraform's outputs, or from the ECS service."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from verification.engine.errors import EnvironmentUnavailable, ToolError
from verification.engine.smoke.http_session import Session
from verification.model.contract import Contract

Outputs = dict[str, Any]
# The outputs of Terraform that the rung uses.
NEEDED = (
    "base_url",
    "cluster_name",
    "log_group_name",
    "parameter_path",
    "service_name",
    "task_definition_family",
    "uploads_bucket_name",
    "urls_table_name",
    "user_pool_client_id",
    "user_pool_id",
    "users_table_name",
)


def read_outputs(file: Path, parameter_path: str) -> Outputs:
    """Read a file made by `terraform output -json`.

    Raises:
        ToolError: it cannot be read, lacks an output, or is for another environment.
    """
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        outputs: Outputs = {name: output["value"] for name, output in told.items()}
    except (OSError, ValueError, AttributeError, KeyError, TypeError) as error:
        raise ToolError(
            f"{file} is not the output of `terraform output -json`: {error!r}."
        ) from error
    if lacking := [name for name in NEEDED if name not in outputs]:
        raise ToolError(f"{file} has no output {', '.join(lacking)}: run terraform apply again.")
    if (path := f"/{str(outputs['parameter_path']).strip('/')}/") != parameter_path:
        raise ToolError(f"{file} is for another environment: its parameters are under {path}.")
    return outputs


def discover(client: Callable[[str], Any], contract: Contract, environment: str) -> Outputs:
    """Find the outputs from the service, whose name consists of project and environment.

    Raises:
        ToolError: there is no such service, or its task lacks a required variable.
    """
    cluster = f"{contract.project}-{environment}"
    name = f"{cluster}-backend"
    answer = client("ecs").describe_services(cluster=cluster, services=[name])
    active = [service for service in answer["services"] if service["status"] == "ACTIVE"]
    if not active:
        raise ToolError(f"cluster {cluster} has no active service {name}: apply and deploy first.")
    revision = active[0]["taskDefinition"]
    told = client("ecs").describe_task_definition(taskDefinition=revision)["taskDefinition"]
    container = told["containerDefinitions"][0]
    variables = {pair["name"]: pair["value"] for pair in container.get("environment", ())}
    try:
        of_task = {
            "base_url": variables["PUBLIC_URL"],
            "log_group_name": container["logConfiguration"]["options"]["awslogs-group"],
            "uploads_bucket_name": variables["UPLOADS_BUCKET_NAME"],
            "user_pool_client_id": variables["COGNITO_CLIENT_ID"],
            "user_pool_id": variables["COGNITO_USER_POOL_ID"],
        }
    except KeyError as error:
        raise ToolError(
            f"{revision} lacks {error}: deploy again, or add --terraform-outputs."
        ) from error
    tables = {
        f"{table.key}_table_name": table.name.format(
            project=contract.project, environment=environment
        )
        for table in contract.tables
    }
    return (
        of_task
        | tables
        | {
            "cluster_name": cluster,
            "service_name": name,
            "task_definition_family": told["family"],
            "parameter_path": contract.parameter_path.format(environment=environment),
        }
    )


def demand_application(base_url: str, user_pool: str) -> None:
    """Require that the application answers at the URL, with this user pool.

    Raises:
        EnvironmentUnavailable: it does not.
    """
    session = Session(base_url)
    try:
        answer = session.get("/config.json")
        told = answer.json() if answer.status == 200 else {}
        found = told.get("user_pool_id")
    except (OSError, ValueError, AttributeError) as error:
        raise EnvironmentUnavailable(
            f"{base_url} does not answer like this application ({error!r}): deploy it, or "
            "correct --base-url."
        ) from error
    finally:
        session.close()
    if found != user_pool:
        status = f"answered {answer.status}" if answer.status != 200 else f"has the pool {found}"
        raise EnvironmentUnavailable(
            f"{base_url}/config.json {status}; expected the user pool {user_pool}. Correct "
            "--base-url or --environment."
        )
