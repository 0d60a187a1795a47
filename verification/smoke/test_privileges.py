"""Rung 5: what the tasks were seen to need is what they are granted."""

import pytest

from verification.checks.stack import privileges

pytestmark = pytest.mark.criterion("least-privilege")
recorded = pytest.mark.embedded("read the record of the tasks' calls")


@recorded
def test_what_is_called_is_allowed(used_privileges, prove):
    """Every call that any scenario made is one that the role may make."""
    prove(privileges.allow_what_is_called(used_privileges))


@recorded
def test_what_is_granted_is_called(used_privileges, prove):
    """What no scenario used is named, with the smaller policy."""
    prove(privileges.grant_what_is_called(used_privileges))


@recorded
def test_the_source_shows_every_call(used_privileges, prove):
    """Every call that was recorded is one that the source shows."""
    prove(privileges.source_shows_every_call(used_privileges))


def test_access_analyzer_agrees(second_opinions, prove):
    """IAM Access Analyzer comes to the same as our evaluator about the role in the account."""
    prove(privileges.agree_with_access_analyzer(second_opinions))
