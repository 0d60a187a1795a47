"""The contract: requirements of the stack, read from `contract.toml`."""

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
    """A required global secondary index."""

    name: str
    hash_key: str
    range_key: str | None = None
    projection: Literal["ALL", "KEYS_ONLY", "INCLUDE"] = "ALL"


@dataclass(frozen=True)
class TableRule:
    """A required table. `ttl_attribute` is None if its items do not expire."""

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
    """Actions, and the ARNs on which they are allowed."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]


@dataclass(frozen=True)
class AccessRule:
    """The name of the DynamoDB policy and its exact actions.

    `others` are the task role's other permissions; `execution` are those of the execution role,
    with which ECS starts tasks, except for reading secrets.
    """

    policy: str
    actions: tuple[str, ...]
    others: tuple[GrantRule, ...] = ()
    execution: tuple[GrantRule, ...] = ()


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
    """A metric that must have an alarm, for each table, load balancer, ... in `of`.

    `dimensions` are those that AWS emits in addition to the ones that name the resource;
    `statistic` is checked only if it is set. The alarm must not act on what lasts less than
    `lasting` seconds, nor on a percentile of fewer than `minimum_samples`.
    """

    of: Literal["table", "load balancer", "target group", "service", "logs"]
    metrics: tuple[str, ...]
    comparison: Literal["above", "below"]
    threshold: Bounds
    namespace: str = ""
    dimensions: tuple[str, ...] = ()
    statistic: str = ""
    lasting: int = 0
    minimum_samples: int = 0


@dataclass(frozen=True)
class FailureRule:
    """Events that EventBridge must report, of the service or of each backup vault.

    `detail` maps a field of the event's detail to its values, each of which is a failure.
    """

    of: Literal["service", "backup vault"]
    source: str
    detail_type: str
    detail: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Workload:
    """The expected use of a table: requests per item and month, item size in bytes."""

    items: int
    item_size: int
    reads: float
    writes: float


@dataclass(frozen=True)
class TablePrices:
    """DynamoDB's prices per million requests or per GB-month; the item overhead in bytes."""

    read_million: float
    write_million: float
    replicated_write_million: float
    storage_gigabyte_month: float
    recovery_gigabyte_month: float
    item_overhead: int


@dataclass(frozen=True)
class BackupPrices:
    """AWS Backup's prices in US dollars."""

    storage_gigabyte_month: float


@dataclass(frozen=True)
class KeyPrices:
    """KMS's prices in US dollars."""

    key_month: float


@dataclass(frozen=True)
class Prices:
    """AWS's prices in US dollars, as of a date."""

    dated: date
    sources: tuple[str, ...]
    dynamodb: TablePrices
    backup: BackupPrices
    kms: KeyPrices


@dataclass(frozen=True)
class CostRule:
    """The ceiling in US dollars a month, the workload by table key, and AWS's prices.

    `backup_copies` is the number of full backups of a table in the vault at a time. In
    `contract.toml`, `prices` is the name of the prices file.
    """

    ceiling: float
    backup_copies: int
    workload: Mapping[str, Workload]
    prices: Prices


@dataclass(frozen=True)
class LoadRule:
    """The load for the response times: users, seconds, requests per user and second.

    `p95_milliseconds` is the limit for p95 of each kind of request. A p95 above the limit is
    unknown if it is at most `p95_bare_calls` times p95 of bare calls to the same AWS at that time:
    then the machine is too slow.
    """

    users: int
    seconds: int
    pace: float
    minimum_requests: int
    p95_milliseconds: float
    p95_bare_calls: float


@dataclass(frozen=True)
class ChangeRule:
    """Types of resources that hold users' data, and of resources that protect it."""

    holders: tuple[str, ...]
    guards: tuple[str, ...]


@dataclass(frozen=True)
class AccountsRule:
    """Who may make accounts: administrators alone with `invitation_only`, else not demanded."""

    invitation_only: bool = False


@dataclass(frozen=True)
class EnvironmentRule:
    """An environment's additional requirements; False means not required."""

    point_in_time_recovery: bool
    deletion_protection: bool
    https: bool
    minimum_tasks: int
    nat_gateway_per_zone: bool
    backup: bool


@dataclass(frozen=True)
class Contract:
    """What the stack must be. Strings may hold `{project}`, `{environment}` and so on.

    `secret_parameters` are names of SecureString parameters, with values that only ECS reads.
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
    secret_parameters: tuple[str, ...] = ()
    accounts: AccountsRule = AccountsRule()
    events: tuple[FailureRule, ...] = ()
    module_tests: bool = False

    def __post_init__(self) -> None:
        """Check that each table has a workload."""
        if without := {table.key for table in self.tables} - set(self.cost.workload):
            raise ValueError(f"cost.workload.{min(without)} is missing; each table has a workload")

    def text(self, template: str, stack: Stack) -> str:
        """A template with the stack's values for its placeholders."""
        return template.format(
            project=self.project,
            environment=stack.environment,
            partition=stack.partition,
            region=stack.region,
            account=stack.account,
        )

    def of(self, stack: Stack) -> EnvironmentRule:
        """The additional requirements of the stack's environment."""
        return self.environments[stack.environment]

    def table_arn(self, table: TableRule, stack: Stack) -> str:
        """The exact ARN of a required table."""
        name = self.text(table.name, stack)
        return f"arn:{stack.partition}:dynamodb:{stack.region}:{stack.account}:table/{name}"

    def parameter_values(self, stack: Stack) -> dict[str, str]:
        """Every required SSM parameter with its value, by full name."""
        values = {name: self.text(value, stack) for name, value in self.parameters.items()}
        for table in self.tables:
            values[f"dynamodb_{table.key}_table_name"] = self.text(table.name, stack)
            values[f"dynamodb_{table.key}_table_arn"] = self.table_arn(table, stack)
        path = self.text(self.parameter_path, stack)
        return {path + name: value for name, value in sorted(values.items())}

    def secret_names(self, stack: Stack) -> list[str]:
        """The full names of the parameters that may hold secrets."""
        path = self.text(self.parameter_path, stack)
        return [path + name for name in self.secret_parameters]


def load_contract(path: Path) -> Contract:
    """Read a contract and its prices file.

    Raises:
        ContractError: a file is missing, is not TOML, or has wrong fields.
    """
    data, prices = read_toml(path), f"{path}: cost.prices."
    match data:
        case {"cost": {"prices": str(name)}}:
            data["cost"]["prices"] = read_toml(path.parent / name)
            prices = f"{path.parent / name}: "
    try:
        return checked(Contract, data, path)
    except ContractError as error:
        # Name the prices' fields as in their own file.
        raise ContractError(str(error).replace(f"{path}: cost.prices.", prices)) from error
