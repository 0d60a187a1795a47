"""Rung 2: each environment's planned stack, judged by the contract."""


def test_plan_meets_the_contract(stack_check, planned_stack, contract, prove):
    """The planned stack meets each requirement of the contract."""
    prove(stack_check(planned_stack, contract))
