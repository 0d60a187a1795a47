"""A plan's JSON becomes resources in which the unknown stays unknown."""

from pathlib import Path
from typing import Any

import pytest

from verification.engine.errors import ToolError
from verification.engine.terraform.plan.references import References
from verification.engine.terraform.plan.resources import Planned, parse_document, planned_resources
from verification.engine.terraform.plan.stack import read_planned_stack
from verification.model.source import Block, Source
from verification.model.ternary import Unknown

BLOCK = Block("resource", ("aws_x", "a"), {"named": "${aws_y.b.arn}"}, "tf/main.tf", 7)
SOURCE = Source(Path("/"), Path("/tf"), (BLOCK,), ("tf/main.tf",))
OWN = "aws_x.a"
INCOMPLETE = {
    "errored": {"resource_changes": [], "errored": True},
    "partial": {"resource_changes": [], "complete": False},
    "no plan": {"format_version": "1.0", "values": {}},
    "empty": {},
}
# What Terraform says is there after apply, and is unknown, with what must come out of the two.
MERGED: dict[str, tuple[Any, Any, Any]] = {
    "known": ({"v": 1}, {}, {"v": 1}),
    "unknown": ({}, {"v": True}, {"v": Unknown(f"{OWN}.v")}),
    "unknown by reference": ({}, {"named": True}, {"named": Unknown("aws_y.b.arn")}),
    "not unknown": ({"v": "x"}, {"v": False}, {"v": "x"}),
    "null": ({"v": None}, {}, {"v": None}),
    "in a map": (
        {"v": {"k": 1}},
        {"v": {"l": True}},
        {"v": {"k": 1, "l": Unknown(f"{OWN}.v.l")}},
    ),
    "in a list": (
        {"v": ["x", None]},
        {"v": [False, True]},
        {"v": ["x", Unknown(f"{OWN}.v.1")]},
    ),
    "in a block": (
        {"v": [{"k": 1}]},
        {"v": [{"l": [True]}]},
        {"v": [{"k": 1, "l": None}]},
    ),
    "in a block's list": (
        {"v": [{"l": [None, "y"]}]},
        {"v": [{"l": [True, False]}]},
        {"v": [{"l": [Unknown(f"{OWN}.v.0.l.0"), "y"]}]},
    ),
    "block that is all unknown": (
        {"v": [{}]},
        {"v": [{"k": True}]},
        {"v": [{"k": Unknown(f"{OWN}.v.0.k")}]},
    ),
    "more elements than marks": ({"v": [1, 2]}, {"v": []}, {"v": [1, 2]}),
    "more marks than elements": (
        {"v": []},
        {"v": [True]},
        {"v": [Unknown(f"{OWN}.v.0")]},
    ),
}


def plan(after: Any, unknown: Any = None, **more: Any) -> dict[str, Any]:
    """Return the JSON of a plan with one resource."""
    change = {"after": after, "after_unknown": unknown}
    resource = {"address": OWN, "type": "aws_x", "mode": "managed", "change": change} | more
    return {"resource_changes": [resource], "complete": True, "errored": False}


def resources(content: dict[str, Any]) -> list[Planned]:
    """Return a plan's resources."""
    return planned_resources(content, References(SOURCE, "tf", {}))


@pytest.mark.parametrize("content", INCOMPLETE.values(), ids=INCOMPLETE)
def test_incomplete_plan_is_refused(content: dict[str, Any]) -> None:
    """A plan that failed or left something out is an error, not a smaller stack."""
    with pytest.raises(ToolError, match="incomplete"):
        resources(content)


@pytest.mark.parametrize("text", ["{", "", "{'a': 1}"], ids=["cut off", "empty", "Python"])
def test_bad_document_names_its_resource(text: str) -> None:
    """A policy that is not JSON is an error that names address and attribute."""
    (resource,) = resources(plan({"policy": text}))
    with pytest.raises(ToolError, match=r"^aws_x\.a: policy is not JSON"):
        resource.document("policy")


@pytest.mark.parametrize(("after", "unknown", "merged"), MERGED.values(), ids=MERGED)
def test_unknown_values_are_marked(after: Any, unknown: Any, merged: Any) -> None:
    """Whatever `after_unknown` marks is unknown, however deep; all else is what it will be."""
    (resource,) = resources(plan(after, unknown))
    assert resource.values == merged


@pytest.mark.parametrize(
    "content",
    [plan(None), plan({}, mode="data"), {"resource_changes": []}],
    ids=["deleted", "data source", "nothing"],
)
def test_what_will_not_exist_is_left_out(content: dict[str, Any]) -> None:
    """Only managed resources that exist after the apply are part of what is planned."""
    assert resources(content) == []


def test_resource_knows_its_source() -> None:
    """A planned resource says where in the source it comes from; one without a block does not."""
    assert resources(plan({}))[0].source == "tf/main.tf:7"
    assert resources(plan({}, address="aws_x.other"))[0].source == ""


def test_blocks_of_a_resource() -> None:
    """Nested blocks can be asked for whether or not they are there."""
    (resource,) = resources(plan({"one": [{"k": 1}, {"k": 2}], "none": []}))
    assert (resource.first("one"), resource.first("none"), resource.first("absent")) == (
        {"k": 1},
        {},
        {},
    )
    assert resource.all("one") == [{"k": 1}, {"k": 2}]


@pytest.mark.parametrize("value", [None, Unknown("a.b")], ids=["null", "unknown"])
def test_document_that_is_not_there(value: Any) -> None:
    """No document, or one known only after apply, stays what it is."""
    assert parse_document(value, "aws_x.a", "policy") == value


@pytest.mark.parametrize("missing", ["account", "region"])
def test_plan_must_say_where_it_is_for(missing: str) -> None:
    """A plan that does not say account and region are unknown it is for is an error."""
    data = {"mode": "data", "type": "aws_caller_identity", "values": {"account_id": "1"}}
    content = {
        "resource_changes": [],
        "prior_state": {"values": {"root_module": {"child_modules": [{"resources": [data]}]}}},
        "variables": {"aws_region": {"value": "us-east-1"}},
    }
    assert read_planned_stack(content, SOURCE, "tf", "dev").account == "1"
    del content[{"account": "prior_state", "region": "variables"}[missing]]
    with pytest.raises(ToolError, match="account and region are unknown"):
        read_planned_stack(content, SOURCE, "tf", "dev")
