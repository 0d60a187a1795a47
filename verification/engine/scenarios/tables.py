"""A table's content and settings, as a backup must bring them back."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any


def items(client: Any, name: str) -> dict[str, Any]:
    """Every item of a table, by its key; `client` is DynamoDB's."""
    hash_key = client.describe_table(TableName=name)["Table"]["KeySchema"][0]["AttributeName"]
    pages = client.get_paginator("scan").paginate(TableName=name, ConsistentRead=True)
    return {item[hash_key]["S"]: item for page in pages for item in page["Items"]}


def settings(client: Any, name: str) -> dict[str, Any]:
    """What must be the same of a table and of the one that took its place."""
    told = client.describe_table(TableName=name)["Table"]
    ttl = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    backups = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    recovery = backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
    tags = client.list_tags_of_resource(ResourceArn=told["TableArn"])["Tags"]
    indexes = told.get("GlobalSecondaryIndexes", [])
    encryption = told.get("SSEDescription", {})
    return {
        "ARN": told["TableArn"],
        "keys": [key["AttributeName"] for key in told["KeySchema"]],
        "indexes": sorted(index["IndexName"] for index in indexes),
        "billing mode": told.get("BillingModeSummary", {}).get("BillingMode"),
        "encryption": (encryption.get("Status"), encryption.get("KMSMasterKeyArn")),
        "TTL": (ttl["TimeToLiveStatus"], ttl.get("AttributeName")),
        "point-in-time recovery": recovery,
        "deletion protection": told.get("DeletionProtectionEnabled", False),
        "tags": {tag["Key"]: tag["Value"] for tag in tags},
    }


def next_second() -> datetime:
    """Wait until this second is over; gives the next one, by which all so far was written.

    Nobody can go back to less than a second.
    """
    now = time.time()
    time.sleep(1 - now % 1 + 0.05)
    return datetime.fromtimestamp(int(now) + 1, UTC)
