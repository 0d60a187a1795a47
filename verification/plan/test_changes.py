"""Rung 2, with --base: what the change would do to what the merge base deployed."""

from verification.checks.registry import name_of, waive


def test_change_takes_nothing_away(change_check, changeset, contract, prove):
    """Planned on what the base holds, the working tree takes away no data and no protection."""
    prove(waive(name_of(change_check), change_check(changeset, contract), changeset))
