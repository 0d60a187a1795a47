"""Account, region and name prefix of an environment, and reading of paginated lists."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from verification.engine.aws.live.errors import code

Client = Callable[[str], Any]

SERVICES = (
    *("dynamodb", "kms", "ssm", "s3", "cognito-idp", "backup", "iam", "ecs", "elbv2", "ec2"),
    *("logs", "cloudwatch", "events", "sns", "budgets"),
)


@dataclass(frozen=True)
class Scope:
    """One environment in one account and region."""

    clients: Mapping[str, Any] = field(repr=False)
    prefix: str
    account: str
    region: str
    partition: str

    def __getitem__(self, service: str) -> Any:
        """The boto3 client of a service."""
        return self.clients[service]

    def owns(self, name: str) -> bool:
        """Whether a name is the prefix itself, or begins with the prefix and a hyphen."""
        return name == self.prefix or name.startswith(f"{self.prefix}-")

    def pages(self, service: str, operation: str, result: str, **arguments: Any) -> Iterator[Any]:
        """All elements that a list operation returns, from all pages."""
        for page in self[service].get_paginator(operation).paginate(**arguments):
            yield from page.get(result, ())


def open_scope(client: Client, prefix: str, services: tuple[str, ...] = SERVICES) -> Scope:
    """Get account and region from AWS, and create all clients, which is not thread-safe."""
    caller = client("sts").get_caller_identity()
    clients = {service: client(service) for service in services}
    return Scope(
        clients=clients,
        prefix=prefix,
        account=caller["Account"],
        region=clients["dynamodb"].meta.region_name,
        partition=caller["Arn"].split(":")[1],
    )


def unless_missing(call: Callable[..., Any], *missing: str, **arguments: Any) -> Any:
    """Call AWS; None if it answers with one of the codes for "not found"."""
    try:
        return call(**arguments)
    except ClientError as error:
        if code(error) in missing:
            return None
        raise


def document(text: Any) -> Any:
    """A policy document: most of AWS returns JSON text, IAM through boto3 a parsed one."""
    return json.loads(text) if isinstance(text, str) and text else text or None
