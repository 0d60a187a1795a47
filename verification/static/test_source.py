"""Rung 1: what the source alone can tell."""


def test_source_keeps_the_rules(source_check, source, contract, prove):
    """The source keeps each rule that only the source can show."""
    prove(source_check(source, contract))


def test_what_is_handed_over_is_taken(wiring_check, wired, contract, prove):
    """Terraform, the backend and the workflow name each other's settings as they are."""
    prove(wiring_check(wired, contract))
