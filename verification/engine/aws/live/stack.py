"""The live stack, from all readers."""

from __future__ import annotations

from verification.engine.aws.live.data import read_data
from verification.engine.aws.live.errors import translated
from verification.engine.aws.live.iam import read_access
from verification.engine.aws.live.monitoring import read_monitoring
from verification.engine.aws.live.network import read_network
from verification.engine.aws.live.scope import Client, Scope, open_scope
from verification.engine.aws.live.service import read_service
from verification.model.stack import Stack


def read_live_stack(client: Client, environment: str, prefix: str, parameter_path: str) -> Stack:
    """Read one environment as it is now.

    Args:
        client: returns the boto3 client of a service, for one account and region.
        environment: the environment's name.
        prefix: the prefix of its resources' names, `{project}-{environment}`.
        parameter_path: the path of its SSM parameters; "" for none.

    Raises:
        EnvironmentUnavailable: AWS cannot be reached, or credentials are missing or not sufficient.
        ToolError: a call failed for another reason.
    """
    with translated():
        return read_stack(open_scope(client, prefix), environment, parameter_path)


def read_stack(scope: Scope, environment: str, parameter_path: str) -> Stack:
    """Read the parts sequentially: measured, threads are not faster on the embedded AWS."""
    return Stack(
        environment=environment,
        account=scope.account,
        region=scope.region,
        partition=scope.partition,
        **read_data(scope, parameter_path),
        **read_access(scope),
        **read_service(scope),
        **read_monitoring(scope),
        **read_network(scope),
    )
