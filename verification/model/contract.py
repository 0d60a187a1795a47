"""The contract: what the stack must be, read from `contract.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from verification.model.stack import Stack


class ContractError(Exception):
    """The contract, or another of the suite's own data files, is missing or malformed."""


@dataclass(frozen=True)
class IndexRule:
    """A global secondary index that a table must have."""

    name: str
    hash_key: str
    range_key: str | None = None
    projection: str = "ALL"


@dataclass(frozen=True)
class TableRule:
    """A table that must exist. `ttl_attribute` is None where nothing expires."""

    key: str
    name: str
    hash_key: str
    attributes: Mapping[str, str]
    indexes: tuple[IndexRule, ...] = ()
    range_key: str | None = None
    ttl_attribute: str | None = None


@dataclass(frozen=True)
class Bounds:
    """An inclusive range."""

    minimum: float
    maximum: float


@dataclass(frozen=True)
class GrantRule:
    """Actions, and the ARNs that they are allowed on."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]


@dataclass(frozen=True)
class AccessRule:
    """What the DynamoDB policy is called, and the actions it must allow, no more and no fewer.

    `others` is what the task role must be allowed beside that policy.
    """

    policy: str
    actions: tuple[str, ...]
    others: tuple[GrantRule, ...] = ()


@dataclass(frozen=True)
class ServiceRule:
    """What the ECS service and its surroundings must be; retention in days."""

    container: str
    health_check_path: str
    minimum_healthy_percent: int
    maximum_percent: int
    log_retention: Bounds


@dataclass(frozen=True)
class AlarmRule:
    """What must be watched: `of` each table, load balancer, target group, service, or the logs.

    `dimensions` are those that AWS emits beside the ones that name the watched thing; `statistic`
    matters only where it is set.
    """

    of: str
    metrics: tuple[str, ...]
    comparison: str
    threshold: Bounds
    namespace: str = ""
    dimensions: tuple[str, ...] = ()
    statistic: str = ""


@dataclass(frozen=True)
class Workload:
    """The use that a table is priced at: requests per item and month, item size in bytes."""

    items: int
    item_size: int
    reads: float
    writes: float


@dataclass(frozen=True)
class CostRule:
    """The ceiling in US dollars a month, the workload by table key, and AWS's prices.

    `backup_copies` is how many full backups of a table lie in the vault at a time.
    """

    ceiling: float
    backup_copies: int
    workload: Mapping[str, Workload]
    prices: Mapping[str, Any]


@dataclass(frozen=True)
class LoadRule:
    """The load that must be borne: users, seconds, requests that a user makes in a second.

    `p95_milliseconds` is how soon 95 of 100 requests of each kind must be answered.
    `p95_bare_calls` is how many bare calls to the same AWS at the same moment they may last: above
    the limit but within these, the machine is too slow to tell.
    """

    users: int
    seconds: int
    pace: float
    minimum_requests: int
    p95_milliseconds: float
    p95_bare_calls: float


@dataclass(frozen=True)
class ChangeRule:
    """Types of resources that hold users' data, and those that guard it."""

    holders: tuple[str, ...]
    guards: tuple[str, ...]


@dataclass(frozen=True)
class EnvironmentRule:
    """What one environment must have on top; False means that it is not demanded."""

    point_in_time_recovery: bool
    deletion_protection: bool
    https: bool
    minimum_tasks: int
    nat_gateway_per_zone: bool
    backup: bool


@dataclass(frozen=True)
class Contract:
    """What the stack must be. Strings may hold `{project}`, `{environment}` and so on."""

    project: str
    parameter_path: str
    tables: tuple[TableRule, ...]
    parameters: Mapping[str, str]
    access: AccessRule
    service: ServiceRule
    monitoring: tuple[AlarmRule, ...]
    cost: CostRule
    load: LoadRule
    changes: ChangeRule
    environments: Mapping[str, EnvironmentRule]
    informational_parameters: tuple[str, ...] = ()

    def text(self, template: str, stack: Stack) -> str:
        """Fill a template's placeholders with the stack's own values."""
        return template.format(
            project=self.project,
            environment=stack.environment,
            partition=stack.partition,
            region=stack.region,
            account=stack.account,
        )

    def of(self, stack: Stack) -> EnvironmentRule:
        """What the stack's own environment must have on top."""
        return self.environments[stack.environment]

    def table_arn(self, table: TableRule, stack: Stack) -> str:
        """The exact ARN that a table must have."""
        name = self.text(table.name, stack)
        return f"arn:{stack.partition}:dynamodb:{stack.region}:{stack.account}:table/{name}"

    def parameter_values(self, stack: Stack) -> dict[str, str]:
        """Every SSM parameter that must exist, by full name, with its value."""
        values = {name: self.text(value, stack) for name, value in self.parameters.items()}
        for table in self.tables:
            values[f"dynamodb_{table.key}_table_name"] = self.text(table.name, stack)
            values[f"dynamodb_{table.key}_table_arn"] = self.table_arn(table, stack)
        path = self.text(self.parameter_path, stack)
        return {path + name: value for name, value in sorted(values.items())}


def load_contract(path: Path) -> Contract:
    """Read a contract.

    Raises:
        ContractError: the file is missing, is not TOML, or lacks or misnames a field.
    """
    data = read_toml(path)
    try:
        return _contract(data, read_toml(path.parent / data["cost"].pop("prices")))
    except (KeyError, TypeError, AttributeError) as error:
        raise ContractError(f"{path}: a field is missing or misnamed: {error}") from error


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file of the suite's own.

    Raises:
        ContractError: the file is missing or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ContractError(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ContractError(f"{path}: is not TOML: {error}") from error


def _contract(data: dict[str, Any], prices: Mapping[str, Any]) -> Contract:
    cost = data.pop("cost")
    service = data.pop("service")
    informational = tuple(data.pop("informational_parameters", ()))
    tables = tuple(_table(table) for table in data.pop("tables"))
    workload = _workload(cost["workload"], tables)
    return Contract(
        informational_parameters=informational,
        tables=tables,
        access=_access(**data.pop("access")),
        service=ServiceRule(**service | {"log_retention": Bounds(**service["log_retention"])}),
        monitoring=tuple(_alarm(alarm) for alarm in data.pop("monitoring")),
        cost=CostRule(**cost | {"workload": workload, "prices": prices}),
        load=LoadRule(**data.pop("load")),
        changes=ChangeRule(**{k: tuple(v) for k, v in data.pop("changes").items()}),
        environments={
            name: EnvironmentRule(**rule) for name, rule in data.pop("environments").items()
        },
        **data,
    )


def _access(
    policy: str, actions: list[str], others: Sequence[Mapping[str, Any]] = ()
) -> AccessRule:
    rules = (GrantRule(**{key: tuple(value) for key, value in one.items()}) for one in others)
    return AccessRule(policy, tuple(actions), tuple(rules))


def _table(data: dict[str, Any]) -> TableRule:
    indexes = tuple(IndexRule(**index) for index in data.pop("indexes", ()))
    return TableRule(indexes=indexes, **data)


def _alarm(data: dict[str, Any]) -> AlarmRule:
    lists = {"metrics": (), "dimensions": ()} | data
    return AlarmRule(
        **data
        | {"metrics": tuple(lists["metrics"]), "dimensions": tuple(lists["dimensions"])}
        | {"threshold": Bounds(**data["threshold"])}
    )


def _workload(data: dict[str, Any], tables: Sequence[TableRule]) -> dict[str, Workload]:
    if without := [table.key for table in tables if table.key not in data]:
        raise KeyError(f"cost.workload.{without[0]}")
    return {key: Workload(**use) for key, use in data.items()}
