"""Manual changes, and the drift that a plan finds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from verification.model.changes import Drift, Tampering
from verification.model.stack import Stack

Client = Callable[[str], Any]


def tamperings(stack: Stack) -> list[Tampering]:
    """Manual changes of an applied stack: one for each kind of resource with a requirement."""
    return [
        *(_recovery_off(table.address, str(table.name)) for table in stack.tables[:1]),
        *(
            _expiry_off(table.address, str(table.name), str(table.ttl_attribute))
            for table in stack.tables
            if table.ttl_attribute
        ),
        *(
            _repointed(parameter.address, str(parameter.name))
            for parameter in stack.parameters
            if str(parameter.name).endswith("_table_name")
        ),
        *(_widened(policy.address, str(policy.name), stack) for policy in stack.policies),
        *(_silenced(alarm.address, str(alarm.name)) for alarm in stack.alarms[:1]),
        *(_forgetful(group.address, str(group.name)) for group in stack.log_groups[:1]),
    ]


def read_drift(plan: Mapping[str, Any]) -> list[Drift]:
    """The drift in a plan's JSON.

    Some drift is always there: a role's list of policies, for example, is read only after they were
    attached. It is in every plan after the same apply, so it can be subtracted.
    """
    return [
        drift
        for item in plan.get("resource_drift", ())
        for drift in _drifts(item["address"], item["change"])
    ]


def _drifts(address: str, change: Mapping[str, Any]) -> Iterator[Drift]:
    if "delete" in change["actions"]:
        yield Drift(address, "deleted")
        return
    before, after = change["before"] or {}, change["after"] or {}
    for name in sorted({*before, *after}):
        if _plain(before.get(name)) != _plain(after.get(name)):
            yield Drift(address, name, repr(_plain(after.get(name))))


def _plain(value: Any) -> Any:
    """A value that ignores list order, and the difference between null, empty and absent."""
    if isinstance(value, Mapping):
        kept = {name: _plain(part) for name, part in value.items()}
        return {name: part for name, part in kept.items() if part is not None} or None
    if isinstance(value, list):
        parts = [part for part in map(_plain, value) if part is not None]
        return sorted(parts, key=repr) or None
    return None if value in ("", 0, False) else value


def _recovery_off(address: str, table: str) -> Tampering:
    def make(client: Client) -> None:
        client("dynamodb").update_continuous_backups(
            TableName=table,
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False},
        )

    return Tampering("recovery turned off", address, "point_in_time_recovery", make)


def _expiry_off(address: str, table: str, attribute: str) -> Tampering:
    def make(client: Client) -> None:
        client("dynamodb").update_time_to_live(
            TableName=table,
            TimeToLiveSpecification={"Enabled": False, "AttributeName": attribute},
        )

    return Tampering("TTL turned off", address, "ttl", make)


def _repointed(address: str, parameter: str) -> Tampering:
    def make(client: Client) -> None:
        client("ssm").put_parameter(Name=parameter, Value="another-table", Overwrite=True)

    return Tampering("the table name changed", address, "value", make)


def _widened(address: str, policy: str, stack: Stack) -> Tampering:
    statement = {"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    def make(client: Client) -> None:
        client("iam").create_policy_version(
            PolicyArn=f"arn:{stack.partition}:iam::{stack.account}:policy/{policy}",
            PolicyDocument=document,
            SetAsDefault=True,
        )

    return Tampering("the policy widened", address, "policy", make)


def _silenced(address: str, alarm: str) -> Tampering:
    def make(client: Client) -> None:
        client("cloudwatch").delete_alarms(AlarmNames=[alarm])

    return Tampering("the alarm deleted", address, "deleted", make)


def _forgetful(address: str, group: str) -> Tampering:
    def make(client: Client) -> None:
        client("logs").put_retention_policy(logGroupName=group, retentionInDays=1)

    return Tampering("the log retention cut", address, "retention_in_days", make)
