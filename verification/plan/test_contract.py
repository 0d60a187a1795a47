"""Rung 2: what each environment's plan promises, judged by the contract."""


def test_plan_meets_the_contract(stack_check, planned_stack, contract, prove):
    """The stack that Terraform will make keeps each promise of the contract."""
    prove(stack_check(planned_stack, contract))
