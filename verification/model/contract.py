"""The contract: what the stack must be, read from `contract.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from verification.model.data_file import STRICT, ContractError, checked, read_toml
from verification.model.stack import Stack


@dataclass(frozen=True)
class IndexRule:
    """A global secondary index that a table must have."""

    name: str
    hash_key: str
    range_key: str | None = None
    projection: Literal["ALL", "KEYS_ONLY", "INCLUDE"] = "ALL"


@dataclass(frozen=True)
class TableRule:
    """A table that must exist. `ttl_attribute` is None where nothing expires."""

    key: str
    name: str
    hash_key: str
    attributes: Mapping[str, Literal["S", "N", "B"]]
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
    """What the ECS service and its surroundings must be; retention in days.

    `readiness_path` answers 503 while the store is away; "" if no path does. ECS replaces tasks
    that fail the load balancer's health check, so that must ask another path. (Amazon ECS Developer
    Guide, "Use load balancing to distribute Amazon ECS service traffic".)
    """

    container: str
    health_check_path: str
    minimum_healthy_percent: int
    maximum_percent: int
    log_retention: Bounds
    readiness_path: str = ""

    def __post_init__(self) -> None:
        """A health check that followed the store would end every task while it is away."""
        if self.health_check_path == self.readiness_path:
            raise ValueError(
                f"health_check_path and readiness_path are both {self.readiness_path}: ECS would "
                "replace every task while the store is away; let the load balancer ask a path "
                "that does not depend on the store"
            )


@dataclass(frozen=True)
class AlarmRule:
    """What must be watched: `of` each table, load balancer, target group, service, or the logs.

    `dimensions` are those that AWS emits beside the ones that name the watched thing; `statistic`
    matters only where it is set.
    """

    of: Literal["table", "load balancer", "target group", "service", "logs"]
    metrics: tuple[str, ...]
    comparison: Literal["above", "below"]
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
class TablePrices:
    """What DynamoDB charges, by million requests or gigabyte and month; the overhead in bytes."""

    read_million: float
    write_million: float
    replicated_write_million: float
    storage_gigabyte_month: float
    recovery_gigabyte_month: float
    item_overhead: int


@dataclass(frozen=True)
class BackupPrices:
    """What AWS Backup charges."""

    storage_gigabyte_month: float


@dataclass(frozen=True)
class KeyPrices:
    """What KMS charges."""

    key_month: float


@dataclass(frozen=True)
class Prices:
    """What AWS charges in US dollars, as of a day."""

    dated: date
    sources: tuple[str, ...]
    dynamodb: TablePrices
    backup: BackupPrices
    kms: KeyPrices


@dataclass(frozen=True)
class CostRule:
    """The ceiling in US dollars a month, the workload by table key, and AWS's prices.

    `backup_copies` is how many full backups of a table lie in the vault at a time. `prices` is in
    `contract.toml` the name of the file that has them.
    """

    ceiling: float
    backup_copies: int
    workload: Mapping[str, Workload]
    prices: Prices


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
class AccountsRule:
    """Who may make accounts: administrators alone with `invitation_only`, else not demanded."""

    invitation_only: bool = False


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
    """What the stack must be. Strings may hold `{project}`, `{environment}` and so on.

    `module_tests` demands tests of each module (*.tftest.hcl); those that are there are run anyway.
    """

    __pydantic_config__ = STRICT

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
    accounts: AccountsRule = AccountsRule()
    module_tests: bool = False

    def __post_init__(self) -> None:
        """Each table has a workload to be priced at."""
        if without := {table.key for table in self.tables} - set(self.cost.workload):
            raise ValueError(f"cost.workload.{min(without)} is missing; each table has a workload")

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
    """Read a contract, and the prices that it names.

    Raises:
        ContractError: a file is missing, is not TOML, or has fields that are not as they must be.
    """
    data, prices = read_toml(path), f"{path}: cost.prices."
    match data:
        case {"cost": {"prices": str(name)}}:
            data["cost"]["prices"] = read_toml(path.parent / name)
            prices = f"{path.parent / name}: "
    try:
        return checked(Contract, data, path)
    except ContractError as error:
        # The prices' fields are named as in the file that they stand in.
        raise ContractError(str(error).replace(f"{path}: cost.prices.", prices)) from error
