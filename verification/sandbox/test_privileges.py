"""Rung 4: the live permissions of the task role are exact."""


def test_stack_grants_the_least(privilege_check, live_privileges, prove):
    """The live permissions of the task role match contract and source."""
    prove(privilege_check(live_privileges))
