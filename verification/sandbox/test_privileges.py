"""Rung 4: the task role as AWS has it may do exactly what it must."""


def test_stack_grants_the_least(privilege_check, live_privileges, prove):
    """What AWS lets the task role do is what contract and source ask for."""
    prove(privilege_check(live_privileges))
