"""Whose account it is: boto3's own chain of credentials, compared with the allow-list.

boto3 is imported by whoever asks for an account: other runs start without it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from verification.engine.errors import EnvironmentUnavailable, ToolError

_SETTINGS: dict[str, Any] = {
    "connect_timeout": 5,
    "read_timeout": 30,
    "retries": {"mode": "standard", "total_max_attempts": 5},
    "max_pool_connections": 64,
    "user_agent_extra": "fileshare-verification",
}


@dataclass(frozen=True)
class Identity:
    """The caller: account id, partition, and the ARN of the user or role session."""

    account: str
    partition: str
    arn: str


class Account:
    """Clients from boto3's default chain: the user's variables, profile, role or instance.

    Args:
        region: the region; "" for the chain's default.

    Raises:
        EnvironmentUnavailable: the chain has a profile that does not exist, or no region.
    """

    def __init__(self, region: str) -> None:
        import boto3
        from botocore.config import Config

        try:
            self._session = boto3.Session(region_name=region or None)
        except BotoCoreError as error:
            raise EnvironmentUnavailable(f"AWS cannot be used: {error}.") from error
        self.region = str(self._session.region_name or "")
        if not self.region:
            raise EnvironmentUnavailable("AWS cannot be used: no region is set. Add --region.")
        self._config = Config(**_SETTINGS)
        self._clients: dict[str, Any] = {}
        self._making = Lock()

    def client(self, service: str) -> Any:
        """A boto3 client; one for each service."""
        with self._making:  # Creating clients is not thread-safe; using them is.
            if service not in self._clients:
                self._clients[service] = self._session.client(service, config=self._config)
            return self._clients[service]


def identify(client: Callable[[str], Any], allowed: Collection[str]) -> Identity:
    """Ask STS for the caller's identity; nothing is written.

    Raises:
        EnvironmentUnavailable: there is no answer, or the account is not allowed.
    """
    try:
        told = client("sts").get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        raise EnvironmentUnavailable(
            f"The AWS credentials cannot be identified: {_sentence(error)} Check the AWS_ "
            "variables, or sign in again."
        ) from error
    account, arn = str(told["Account"]), str(told["Arn"])
    if account not in allowed:
        raise EnvironmentUnavailable(
            f"The credentials are for account {account} ({arn}), which is not allowed; "
            f"allowed: {', '.join(sorted(allowed))}. Use other credentials, or add --allow-account "
            f"{account} if it may be written to."
        )
    return Identity(account, arn.split(":")[1], arn)


@contextmanager
def told_as_one_sentence() -> Iterator[None]:
    """Convert errors of AWS calls in the block to one sentence.

    Raises:
        ToolError: with that sentence.
    """
    try:
        yield
    except ClientError as error:
        raise ToolError(
            f"{error.operation_name} failed: {_sentence(error)} "
            "docs/real-account.md lists the required permissions."
        ) from error
    except BotoCoreError as error:
        raise ToolError(f"AWS cannot be reached: {_sentence(error)}") from error


def regions() -> set[str]:
    """Every region that ECS is in, as boto3 knows them."""
    import boto3

    session = boto3.Session()
    partitions = session.get_available_partitions()
    return {name for one in partitions for name in session.get_available_regions("ecs", one)}


def _sentence(error: Exception) -> str:
    return f"{str(error).rstrip('.')}."
