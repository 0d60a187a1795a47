"""Rung 4: the live stack after an apply, judged by the same contract and checks."""


def test_stack_meets_the_contract(stack_check, live_stack, contract, prove):
    """The live stack meets each requirement of the contract."""
    prove(stack_check(live_stack, contract))
