"""Distinguishes existing resources from deleted ones that AWS still lists."""

from __future__ import annotations

from collections.abc import Callable

from botocore.exceptions import ClientError

from verification.engine.aws.live.errors import code
from verification.engine.aws.live.scope import Scope

_ENDED = {
    *("deleted", "INACTIVE", "DRAINING", "DELETE_IN_PROGRESS"),
    *("PendingDeletion", "PendingReplicaDeletion"),
}


def really_there(scope: Scope, arn: str) -> bool:
    """Ask the service itself about kinds that stay listed, or tagged, after their deletion."""
    for kind, state in _STATES.items():
        if kind in arn:
            try:
                return state(scope, arn) not in _ENDED
            except ClientError as error:
                # For an unknown task definition ECS returns ClientException.
                if "NotFound" in code(error) or code(error) == "ClientException":
                    return False
                raise
    return True


def _task_definition(scope: Scope, arn: str) -> str:
    answer = scope["ecs"].describe_task_definition(taskDefinition=arn)
    return str(answer["taskDefinition"]["status"])


def _cluster(scope: Scope, arn: str) -> str:
    found = scope["ecs"].describe_clusters(clusters=[arn])["clusters"]
    return str(found[0]["status"]) if found else "deleted"


def _service(scope: Scope, arn: str) -> str:
    cluster = arn.split("/")[-2]
    found = scope["ecs"].describe_services(cluster=cluster, services=[arn])["services"]
    return str(found[0]["status"]) if found else "deleted"


def _key(scope: Scope, arn: str) -> str:
    return str(scope["kms"].describe_key(KeyId=arn)["KeyMetadata"]["KeyState"])


_STATES: dict[str, Callable[[Scope, str], str]] = {
    ":task-definition/": _task_definition,
    ":cluster/": _cluster,
    ":service/": _service,
    ":key/": _key,
}
