"""Rung 5: the task role's permissions match the recorded calls."""

import pytest

from verification.checks.stack import privileges

pytestmark = pytest.mark.criterion("least-privilege")
recorded = pytest.mark.embedded("read the record of the tasks' calls")


@recorded
def test_what_is_called_is_allowed(used_privileges, prove):
    """Every call of every scenario is allowed."""
    prove(privileges.allow_what_is_called(used_privileges))


@recorded
def test_what_is_granted_is_called(used_privileges, prove):
    """Unused permissions are listed, with the smaller policy."""
    prove(privileges.grant_what_is_called(used_privileges))


@recorded
def test_the_source_shows_every_call(used_privileges, prove):
    """Every recorded call is found in the source."""
    prove(privileges.source_shows_every_call(used_privileges))


@pytest.mark.reads
def test_access_analyzer_agrees(second_opinions, prove):
    """IAM Access Analyzer agrees with the evaluator about the role in the account."""
    prove(privileges.agree_with_access_analyzer(second_opinions))
