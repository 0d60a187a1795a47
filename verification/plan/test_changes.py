"""Rung 2, with --base: effects of the change on the data of the base."""

from verification.checks.registry import name_of, waive


def test_change_takes_nothing_away(change_check, changeset, contract, prove):
    """Planned on top of the base's data, the working tree removes no data and no protection."""
    prove(waive(name_of(change_check), change_check(changeset, contract), changeset))
