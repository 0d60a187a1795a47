"""Rung 4: what AWS says is there after an apply, judged by the same contract and checks."""


def test_stack_meets_the_contract(stack_check, live_stack, contract, prove):
    """The stack that an apply really made keeps each promise of the contract."""
    prove(stack_check(live_stack, contract))
