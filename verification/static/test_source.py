"""Rung 1: what the source alone can tell."""


def test_source_keeps_the_rules(source_check, source, contract, prove):
    """The source keeps each rule that only the source can show."""
    prove(source_check(source, contract))
