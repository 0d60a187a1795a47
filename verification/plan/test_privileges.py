"""Rung 2: the task role as a whole may do exactly what it must, and a change adds nothing."""

import pytest

from verification.checks.stack import privileges


def test_plan_grants_the_least(privilege_check, planned_privileges, prove):
    """What the plan lets the task role do is what contract and source ask for."""
    prove(privilege_check(planned_privileges))


@pytest.mark.criterion("no-new-access")
def test_change_adds_no_access(changeset, access_change, prove):
    """No role may do more than at the base, unless a waiver names it."""
    prove(privileges.adds_no_access(changeset, access_change))
