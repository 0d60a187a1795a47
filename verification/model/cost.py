"""The contract's cost rules: workload, usage, ceiling of the tables, and AWS's prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Workload:
    """The expected use of a table: requests per item and month, item size in bytes."""

    items: int
    item_size: int
    reads: float
    writes: float


@dataclass(frozen=True)
class Usage:
    """The expected use of a month of each resource that is billed by use, in each environment.

    `load_balancer_units` is the average number of LCUs. `log_gigabytes` are written to each log
    group, `nat_gigabytes` go through each NAT gateway, `internet_gigabytes` from the load balancer
    to the internet. Files: `uploads` and `downloads` are requests, `download_gigabytes` their
    content, `file_gigabytes` what is stored.
    """

    active_users: int
    alarm_mails: int
    download_gigabytes: float
    downloads: int
    file_gigabytes: float
    image_gigabytes: float
    insights_gigabytes: float
    internet_gigabytes: float
    load_balancer_units: float
    log_gigabytes: float
    nat_gigabytes: float
    uploads: int


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
    """AWS Backup's prices."""

    storage_gigabyte_month: float


@dataclass(frozen=True)
class KeyPrices:
    """KMS's prices."""

    key_month: float


@dataclass(frozen=True)
class TaskPrices:
    """Fargate's prices, of Linux on x86."""

    cpu_hour: float
    gigabyte_hour: float


@dataclass(frozen=True)
class LoadBalancerPrices:
    """The prices of an application load balancer; a unit is an LCU."""

    hour: float
    unit_hour: float


@dataclass(frozen=True)
class NetworkPrices:
    """The VPC's prices, and that of data to the internet."""

    nat_gateway_hour: float
    nat_gigabyte: float
    public_address_hour: float
    endpoint_hour: float
    internet_gigabyte: float


@dataclass(frozen=True)
class CloudWatchPrices:
    """CloudWatch's prices; `insights_metrics` is the number of metrics of Container Insights."""

    alarm_metric_month: float
    metric_month: float
    dashboard_month: float
    log_gigabyte: float
    log_gigabyte_month: float
    insights_metrics: int


@dataclass(frozen=True)
class StoragePrices:
    """S3's prices."""

    gigabyte_month: float
    write_thousand: float
    read_thousand: float


@dataclass(frozen=True)
class ImagePrices:
    """ECR's prices."""

    gigabyte_month: float


@dataclass(frozen=True)
class UserPrices:
    """Cognito's prices; the first `free_users` of an account are free, without an end."""

    user_month: float
    free_users: int


@dataclass(frozen=True)
class MessagePrices:
    """SNS's prices."""

    mail_thousand: float


@dataclass(frozen=True)
class Prices:
    """AWS's prices in US dollars, as of a date.

    `free` has the types of resources that have no price of their own, each with the reason.
    """

    dated: date
    hours: int
    sources: tuple[str, ...]
    dynamodb: TablePrices
    backup: BackupPrices
    kms: KeyPrices
    fargate: TaskPrices
    load_balancer: LoadBalancerPrices
    network: NetworkPrices
    cloudwatch: CloudWatchPrices
    s3: StoragePrices
    ecr: ImagePrices
    cognito: UserPrices
    sns: MessagePrices
    free: Mapping[str, str]


@dataclass(frozen=True)
class CostRule:
    """The tables' ceiling in US dollars a month, workload by table key, usage, and AWS's prices.

    `backup_copies` is the number of full backups of a table in the vault at a time. In
    `contract.toml`, `prices` is the name of the prices file.
    """

    ceiling: float
    backup_copies: int
    workload: Mapping[str, Workload]
    usage: Usage
    prices: Prices
