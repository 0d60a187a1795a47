"""The stack: the same facts, read from a plan or from live AWS APIs.

Every value may be `Unknown` in a stack that was read from a plan. Field names follow AWS and
Terraform.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from verification.model.ternary import Unknown

Text = str | Unknown | None
Flag = bool | Unknown | None
Number = int | float | Unknown | None
Texts = tuple[Text, ...] | Unknown
Document = Mapping[str, Any] | Unknown | None


@dataclass(frozen=True, kw_only=True)
class Resource:
    """The common fields of all parts of a stack.

    `address` is Terraform's address, or the ARN or name of a live resource; `source` is
    `file:line`, or "" if it was not read from source.
    """

    address: str
    source: str = ""


@dataclass(frozen=True)
class Index:
    """A global secondary index of a table; its maximum throughput is its own."""

    name: Text
    hash_key: Text
    range_key: Text
    projection: Text
    max_read_units: Number = None
    max_write_units: Number = None


@dataclass(frozen=True, kw_only=True)
class Table(Resource):
    """A DynamoDB table. `ttl_attribute` is None if TTL is off.

    `max_read_units` and `max_write_units` are the request units per second that on-demand billing
    goes up to, None without a maximum.
    """

    name: Text
    arn: Text
    hash_key: Text
    range_key: Text
    attributes: Mapping[str, Text]
    indexes: tuple[Index, ...]
    billing_mode: Text
    ttl_attribute: Text
    point_in_time_recovery: Flag
    encrypted: Flag
    kms_key: Text
    deletion_protection: Flag
    replicas: Texts
    max_read_units: Number
    max_write_units: Number


@dataclass(frozen=True, kw_only=True)
class Parameter(Resource):
    """An SSM parameter. `key` is the KMS key of a planned SecureString, None for AWS's own."""

    name: Text
    type: Text
    value: Text
    key: Text = None


@dataclass(frozen=True, kw_only=True)
class Policy(Resource):
    """A customer-managed IAM policy."""

    name: Text
    arn: Text
    document: Document


@dataclass(frozen=True, kw_only=True)
class Role(Resource):
    """An IAM role with its policies; `boundary` is the ARN of its permissions boundary."""

    name: Text
    arn: Text
    trust: Document
    attached: Texts
    inline: tuple[Document, ...]
    boundary: Text = None


@dataclass(frozen=True, kw_only=True)
class TaskDefinition(Resource):
    """An ECS task definition; `containers` are its container definitions as in the ECS API."""

    arn: Text
    task_role: Text
    execution_role: Text
    network_mode: Text
    launch_types: Texts
    containers: tuple[Mapping[str, Any], ...] | Unknown


@dataclass(frozen=True, kw_only=True)
class Service(Resource):
    """An ECS service. Percentages are of the desired count; the grace period is in seconds."""

    name: Text
    cluster: Text
    task_definition: Text
    launch_type: Text
    desired_count: Number
    minimum_healthy_percent: Number
    maximum_percent: Number
    circuit_breaker: Flag
    circuit_breaker_rollback: Flag
    health_check_grace_period: Number
    assign_public_ip: Flag
    target_groups: Texts


@dataclass(frozen=True, kw_only=True)
class LoadBalancer(Resource):
    """An application load balancer."""

    arn: Text
    arn_suffix: Text
    deletion_protection: Flag


@dataclass(frozen=True, kw_only=True)
class TargetGroup(Resource):
    """A target group."""

    arn: Text
    arn_suffix: Text
    health_check_path: Text
    target_type: Text


@dataclass(frozen=True, kw_only=True)
class Listener(Resource):
    """A listener; `action` is the type of its default action."""

    load_balancer: Text
    port: Number
    protocol: Text
    certificate: Text
    action: Text
    redirect_protocol: Text
    target_group: Text


@dataclass(frozen=True, kw_only=True)
class LogGroup(Resource):
    """A CloudWatch log group; retention in days, None or 0 for indefinitely."""

    name: Text
    retention: Number


@dataclass(frozen=True, kw_only=True)
class MetricFilter(Resource):
    """A CloudWatch metric filter of a log group."""

    log_group: Text
    pattern: Text
    namespace: Text
    metric: Text


@dataclass(frozen=True)
class Metric:
    """One metric that an alarm watches; `id` is its name in the alarm's expression, if any."""

    namespace: Text
    name: Text
    statistic: Text
    dimensions: Mapping[str, Text] | Unknown
    id: str = ""


@dataclass(frozen=True, kw_only=True)
class Alarm(Resource):
    """A CloudWatch metric alarm; `period` is in seconds.

    `expression` is the metric math that it evaluates, None if it watches a metric; `low_samples` is
    what it does with percentiles of few samples (EvaluateLowSampleCountPercentile).
    """

    name: Text
    metrics: tuple[Metric, ...]
    comparison: Text
    threshold: Number
    period: Number
    evaluation_periods: Number
    datapoints_to_alarm: Number
    missing_data: Text
    actions: Texts
    actions_enabled: Flag
    expression: Text = None
    low_samples: Text = None


@dataclass(frozen=True, kw_only=True)
class EventRule(Resource):
    """An EventBridge rule of the default event bus; `targets` are the ARNs of its targets."""

    name: Text
    pattern: Document
    enabled: Flag
    targets: Texts


@dataclass(frozen=True, kw_only=True)
class Topic(Resource):
    """An SNS topic. `kms_key` is its KMS key; `policy` its access policy, None without one."""

    arn: Text
    kms_key: Text
    policy: Document


@dataclass(frozen=True, kw_only=True)
class Subscription(Resource):
    """A subscription of an SNS topic; `pending` until its address has confirmed it.

    A plan does not know whether it will be confirmed, and says it is not pending.
    """

    topic: Text
    protocol: Text
    endpoint: Text
    pending: bool = False


@dataclass(frozen=True)
class LifecycleRule:
    """A lifecycle rule of a bucket, for objects below `prefix`; "" is all of them.

    With `narrowed` it is for some of them only, by tags or size. `days` is when it expires them, 0
    on a date, None never; `noncurrent_days` when it deletes noncurrent versions, None never.
    """

    id: Text
    enabled: Flag
    prefix: Text
    narrowed: Flag
    days: Number
    noncurrent_days: Number


@dataclass(frozen=True, kw_only=True)
class Bucket(Resource):
    """An S3 bucket; `public_access_block` are its four settings."""

    name: Text
    public_access_block: tuple[Flag, ...]
    encrypted: Flag
    versioned: Flag = False
    lifecycle: tuple[LifecycleRule, ...] | Unknown


@dataclass(frozen=True, kw_only=True)
class NatGateway(Resource):
    """A NAT gateway and its subnet."""

    subnet: Text


@dataclass(frozen=True, kw_only=True)
class Subnet(Resource):
    """A subnet and its availability zone."""

    id: Text
    zone: Text


@dataclass(frozen=True, kw_only=True)
class UserPool(Resource):
    """A Cognito user pool; with `invitation_only` administrators alone make users."""

    name: Text
    deletion_protection: Flag
    invitation_only: Flag


@dataclass(frozen=True, kw_only=True)
class BackupVault(Resource):
    """An AWS Backup vault; `locked` is whether a vault lock keeps its recovery points."""

    name: Text
    locked: Flag


@dataclass(frozen=True, kw_only=True)
class BackupSelection(Resource):
    """The resources of an AWS Backup selection."""

    resources: Texts


@dataclass(frozen=True)
class BudgetNotification:
    """A message of a budget, by mail, when the spending is above a threshold.

    `unit` is PERCENTAGE, of the limit, or ABSOLUTE_VALUE.
    """

    comparison: Text
    threshold: Number
    unit: Text
    mails: Texts


@dataclass(frozen=True, kw_only=True)
class Budget(Resource):
    """A budget of AWS Budgets; `filters` restrict what it counts, by name."""

    name: Text
    type: Text
    period: Text
    limit: Number
    unit: Text
    filters: Mapping[str, Texts]
    notifications: tuple[BudgetNotification, ...]


@dataclass(frozen=True, kw_only=True)
class Stack:
    """All resources of one environment that the contract is about.

    `account`, `region` and `partition` are those of the stack; `terraform` is the version that
    planned it, "" for a live stack.
    """

    environment: str
    account: str
    region: str
    partition: str
    terraform: str = ""
    tables: tuple[Table, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    policies: tuple[Policy, ...] = ()
    roles: tuple[Role, ...] = ()
    task_definitions: tuple[TaskDefinition, ...] = ()
    services: tuple[Service, ...] = ()
    load_balancers: tuple[LoadBalancer, ...] = ()
    target_groups: tuple[TargetGroup, ...] = ()
    listeners: tuple[Listener, ...] = ()
    log_groups: tuple[LogGroup, ...] = ()
    metric_filters: tuple[MetricFilter, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    event_rules: tuple[EventRule, ...] = ()
    topics: tuple[Topic, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    buckets: tuple[Bucket, ...] = ()
    nat_gateways: tuple[NatGateway, ...] = ()
    subnets: tuple[Subnet, ...] = ()
    user_pools: tuple[UserPool, ...] = ()
    backup_vaults: tuple[BackupVault, ...] = ()
    backup_selections: tuple[BackupSelection, ...] = ()
    budgets: tuple[Budget, ...] = ()

    def resources(self) -> tuple[Resource, ...]:
        """Every resource of the stack, in the order of the fields."""
        parts = (value for value in vars(self).values() if isinstance(value, tuple))
        return tuple(resource for part in parts for resource in part)
