"""The contract: requirements of the stack, read from `contract.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from verification.model.cost import CostRule
from verification.model.data_file import STRICT, ContractError, checked, read_toml
from verification.model.pipeline import PipelineRule
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
class Quota:
    """The most files, and the most bytes in all, that a user may share at a time."""

    files: int
    bytes: int


@dataclass(frozen=True)
class UploadsRule:
    """How files end. `lifetimes` of links to files are in days; each has a prefix in `bucket`.

    A lifecycle rule expires the objects below a prefix after its days, or up to `late` days later.
    Noncurrent versions of all objects below `folder` end after `noncurrent_days`.
    """

    bucket: str
    folder: str
    lifetimes: tuple[int, ...]
    late: int
    noncurrent_days: Bounds
    quota: Quota

    def prefix(self, days: int) -> str:
        """The prefix of the files whose links last at most so many days."""
        return f"{self.folder}{days}-days/"

    @property
    def prefixes(self) -> tuple[str, ...]:
        """The prefix of each lifetime."""
        return tuple(map(self.prefix, self.lifetimes))


@dataclass(frozen=True)
class EnvironmentRule:
    """An environment's additional requirements; False means not required.

    `real_users`: nothing that runs in the pipeline may administer or change them.
    `monthly_cost` is the ceiling of its whole bill in US dollars, `request_units` the range of the
    maximum throughput per second of each table and index.
    """

    point_in_time_recovery: bool
    deletion_protection: bool
    https: bool
    minimum_tasks: int
    nat_gateway_per_zone: bool
    backup: bool
    monthly_cost: float
    request_units: Bounds
    real_users: bool = False


@dataclass(frozen=True)
class Contract:
    """What the stack must be. Strings may hold `{project}`, `{environment}` and so on.

    `secret_parameters` are names of SecureString parameters, with values that only ECS reads.
    `uploads` None demands nothing of files. `module_tests` demands tests of each module
    (*.tftest.hcl); those that are there are run anyway. `pipeline` is the access of workflows; None
    if the stack does not make it.
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
    uploads: UploadsRule | None = None
    events: tuple[FailureRule, ...] = ()
    module_tests: bool = False
    pipeline: PipelineRule | None = None

    def __post_init__(self) -> None:
        """Check that each table has a workload, and that no two root modules have one name."""
        if self.pipeline and self.pipeline.root in self.environments:
            raise ValueError(f"pipeline.root and an environment are both {self.pipeline.root}")
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
