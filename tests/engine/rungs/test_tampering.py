"""Changes made by hand are made for certain, and are told from what only looks like one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import pytest

from verification.engine.aws.emulator import EmbeddedAws
from verification.engine.aws.live import read_live_stack
from verification.engine.rungs.tampering import read_drift, tamperings
from verification.model.changes import Drift, Tampering
from verification.model.stack import Stack

pytestmark = pytest.mark.slow

STATEMENT = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "*"}
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT]})
# Pairs that Terraform reports as changed although nothing has.
NOISE: dict[str, tuple[Any, Any]] = {
    "null and empty": (None, ""),
    "null and zero": (None, 0),
    "null and false": (None, False),
    "null and empty list": (None, []),
    "null and empty map": (None, {}),
    "empty block": ([], [{"enabled": False, "name": ""}]),
    "null in a map": ({"a": 1, "b": None}, {"a": 1}),
    "null in a block": ([{"a": 1, "b": None}], [{"a": 1, "b": ""}]),
    "order of a list": (["a", "b"], ["b", "a"]),
    "order of blocks": ([{"a": 1}, {"b": [2, 3]}], [{"b": [3, 2]}, {"a": 1}]),
}
CHANGED: dict[str, tuple[Any, Any, str]] = {
    "value": ("a", "b", "'b'"),
    "switch": (True, False, "None"),
    "to nothing": ("a", None, "None"),
    "from nothing": (None, "b", "'b'"),
    "to zero": (1, 0, "None"),
    "block": ([{"enabled": True}], [{"enabled": False}], "None"),
    "one of a list": (["a", "b"], ["a", "c"], "['a', 'c']"),
    "one more": (["a"], ["a", "a"], "['a', 'a']"),
    "deep": ({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, "{'a': [{'b': 2}]}"),
}


def plan(before: Any, after: Any, *actions: str) -> dict[str, Any]:
    """Return the JSON of a plan that found one resource changed."""
    change = {"actions": list(actions or ["update"]), "before": before, "after": after}
    return {"resource_drift": [{"address": "aws_x.a", "change": change}]}


def recover(dynamodb: Any, table: str) -> None:
    """Turn recovery on, which a new table refuses once."""
    for _ in range(2):
        with suppress(dynamodb.exceptions.ContinuousBackupsUnavailableException):
            dynamodb.update_continuous_backups(
                TableName=table,
                PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
            )


def make_stack(client: Any) -> None:
    """Make one thing of every kind that is tampered with, and two tables."""
    for name in ("users", "urls"):
        table = f"shop-dev-{name}"
        client("dynamodb").create_table(
            TableName=table,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        recover(client("dynamodb"), table)
        parameter = f"/shop/dev/dynamodb_{name}_table_name"
        client("ssm").put_parameter(Name=parameter, Value=table, Type="String")
    client("dynamodb").update_time_to_live(
        TableName="shop-dev-urls",
        TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires_at"},
    )
    client("iam").create_policy(PolicyName="shop-dev-dynamodb", PolicyDocument=POLICY)
    client("logs").create_log_group(logGroupName="/ecs/shop-dev-backend")
    client("cloudwatch").put_metric_alarm(
        AlarmName="shop-dev-errors",
        Namespace="N",
        MetricName="M",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
    )


def read(world: EmbeddedAws) -> Stack:
    """Read the stack as it is now."""
    return read_live_stack(world.client, "dev", "shop-dev", "/shop/dev/")


@pytest.fixture(name="world", scope="module")
def _world(empty_aws: EmbeddedAws) -> Iterator[EmbeddedAws]:
    """A world with a hand-made stack."""
    with empty_aws.fork() as started:
        make_stack(started.client)
        yield started


@pytest.fixture(name="tampered", scope="module")
def _tampered(world: EmbeddedAws) -> tuple[Stack, Stack, list[Tampering]]:
    """The stack before and after every change was made, and the changes."""
    before, fork = read(world), world.fork()
    made = tamperings(before)
    for tampering in made:
        tampering.make(fork.client)
    return before, read(fork), made


@pytest.mark.parametrize(("before", "after", "now"), CHANGED.values(), ids=CHANGED)
def test_change_is_found(before: Any, after: Any, now: str) -> None:
    """An attribute that is not what it was is found, with what it is now."""
    found = read_drift(plan({"v": before, "same": 1}, {"v": after, "same": 1}))
    assert found == [Drift("aws_x.a", "v", now)]


@pytest.mark.parametrize(("before", "after"), NOISE.values(), ids=NOISE)
def test_noise_is_no_change(before: Any, after: Any) -> None:
    """Null, empty and absent are the same, and so are two orders of a list."""
    assert read_drift(plan({"v": before}, {"v": after})) == []
    assert read_drift(plan({"v": after}, {"v": before})) == []


@pytest.mark.parametrize("actions", [["delete"], ["delete", "create"]], ids=" and ".join)
def test_deleted_resource_is_found(actions: list[str]) -> None:
    """A resource that is gone is found as deleted, and not attribute by attribute."""
    assert read_drift(plan({"v": 1, "w": 2}, None, *actions)) == [Drift("aws_x.a", "deleted")]


@pytest.mark.parametrize("content", [{}, {"resource_drift": []}], ids=["absent", "empty"])
def test_plan_without_drift(content: dict[str, Any]) -> None:
    """A plan that found nothing changed has no drift."""
    assert read_drift(content) == []


def test_every_promise_is_tampered_with(tampered: tuple[Stack, Stack, list[Tampering]]) -> None:
    """There is a change for recovery, expiry, names, rights, alarm and logs."""
    _, _, made = tampered
    attributes = [tampering.attribute for tampering in made]
    expected = ["point_in_time_recovery", "ttl", "value", "value", "policy", "deleted"]
    assert attributes == [*expected, "retention_in_days"]


@pytest.mark.parametrize("attribute", ["point_in_time_recovery", "ttl_attribute"])
def test_tables_are_really_changed(
    tampered: tuple[Stack, Stack, list[Tampering]], attribute: str
) -> None:
    """Recovery and expiry are off afterwards on the very tables that are named."""
    before, after, made = tampered
    changed = {
        old.address
        for old, new in zip(before.tables, after.tables, strict=True)
        if getattr(old, attribute) != getattr(new, attribute)
    }
    named = {t.address for t in made if t.attribute == attribute.removesuffix("_attribute")}
    assert changed == named != set()


def test_parameters_are_really_changed(
    tampered: tuple[Stack, Stack, list[Tampering]],
) -> None:
    """Every parameter that names a table names another one afterwards."""
    _, after, _ = tampered
    assert [parameter.value for parameter in after.parameters] == ["another-table"] * 2


def test_policy_is_really_widened(tampered: tuple[Stack, Stack, list[Tampering]]) -> None:
    """The policy in force afterwards allows everything on every table."""
    before, after, _ = tampered
    assert before.policies[0].document == json.loads(POLICY)
    document = after.policies[0].document
    assert isinstance(document, Mapping)
    assert document["Statement"][0]["Action"] == "dynamodb:*"


def test_alarm_and_logs_are_really_changed(
    tampered: tuple[Stack, Stack, list[Tampering]],
) -> None:
    """The alarm is gone afterwards, and the logs are kept for a day."""
    before, after, _ = tampered
    assert (len(before.alarms), len(after.alarms)) == (1, 0)
    assert [group.retention for group in after.log_groups] == [1]


def test_empty_stack_has_nothing_to_tamper_with() -> None:
    """A stack without anything gives no changes, and no error."""
    empty = Stack(environment="dev", account="1", region="us-east-1", partition="aws")
    assert tamperings(empty) == []
