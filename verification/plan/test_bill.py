"""Rung 2: everything in each environment's plan is priced, and below the ceiling."""


def test_plan_has_a_bill(bill_check, inventory, contract, prove):
    """The bill of the plan is complete, and at most what the contract allows."""
    prove(bill_check(inventory, contract))
