"""Rung 1: checks of the source."""


def test_source_keeps_the_rules(source_check, source, contract, prove):
    """The Terraform source follows each rule."""
    prove(source_check(source, contract))


def test_what_is_handed_over_is_taken(wiring_check, wired, contract, prove):
    """Terraform, the backend and the workflow use the same settings."""
    prove(wiring_check(wired, contract))
