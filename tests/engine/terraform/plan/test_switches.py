"""A switch is on, off, or known only after apply, as the plan says."""

from __future__ import annotations

from typing import Any

import pytest

from verification.engine.terraform.plan.data import read_bucket
from verification.engine.terraform.plan.monitoring import read_event_rule
from verification.engine.terraform.plan.resources import Planned
from verification.model.ternary import Unknown

LATE = Unknown("module.x.aws_x.y.name")


@pytest.mark.parametrize(
    ("values", "enabled"),
    [
        ({}, True),
        ({"state": "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"}, True),
        ({"is_enabled": True}, True),
        ({"state": "DISABLED"}, False),
        ({"is_enabled": False}, False),
        ({"state": LATE}, Unknown()),
        ({"is_enabled": LATE}, Unknown()),
    ],
    ids=str,
)
def test_state_of_an_event_rule(values: dict[str, Any], enabled: object) -> None:
    """A rule whose state is not known yet is not taken as enabled."""
    rule = Planned("aws_cloudwatch_event_rule.a", "aws_cloudwatch_event_rule", "", values)
    assert read_event_rule(rule, ()).enabled == enabled


@pytest.mark.parametrize(
    ("status", "versioned"), [("Enabled", True), ("Suspended", False), (LATE, Unknown())], ids=str
)
def test_versioning_of_a_bucket(status: object, versioned: object) -> None:
    """Versioning that is not known yet is not taken as off."""
    bucket = Planned("aws_s3_bucket.a", "aws_s3_bucket", "", {"bucket": "a"})
    values = {"bucket": "a", "versioning_configuration": [{"status": status}]}
    versioning = Planned("aws_s3_bucket_versioning.a", "aws_s3_bucket_versioning", "", values)
    assert read_bucket(bucket, (versioning,)).versioned == versioned
    assert read_bucket(bucket, ()).versioned is False
