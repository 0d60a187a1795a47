"""Rung 2: the planned permissions of the task role are exact, and a change adds none."""

import pytest

from verification.checks.stack import privileges


def test_plan_grants_the_least(privilege_check, planned_privileges, prove):
    """The planned permissions of the task role match contract and source."""
    prove(privilege_check(planned_privileges))


@pytest.mark.criterion("no-new-access")
def test_change_adds_no_access(changeset, access_change, prove):
    """No role has more permissions than in the base without a waiver."""
    prove(privileges.adds_no_access(changeset, access_change))
