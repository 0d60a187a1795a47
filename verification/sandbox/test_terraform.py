"""Rung 4: applied once, it stays as it is; changed by hand, it shows; destroyed, it is gone."""

import pytest

from verification.checks import terraform_runs


@pytest.mark.criterion("terraform-clean")
def test_apply_gives_no_warning(applied, environment, prove):
    """`terraform apply` gives no error and no warning."""
    prove(terraform_runs.gives_no_warning(f"apply {environment}", applied.changes.warnings))


@pytest.mark.criterion("terraform-clean")
def test_second_plan_is_empty(second_plan, environment, prove):
    """A plan after the apply has nothing left to change."""
    prove(terraform_runs.plans_nothing(f"second plan {environment}", second_plan.planned))


@pytest.mark.criterion("drift")
def test_changes_by_hand_are_found(drifted, prove):
    """A plan names address and attribute of everything that was changed by hand."""
    prove(terraform_runs.finds_drift(drifted.made, drifted.found))


@pytest.mark.criterion("quick-rollback")
def test_the_switch_stays_as_set(drifted, prove):
    """use_dynamodb set to false by hand is not set back by the next apply."""
    prove(terraform_runs.keeps_the_switch(drifted.switch, drifted.planned))


@pytest.mark.criterion("complete-rollback")
def test_destroy_leaves_nothing(destroyed, environment, contract, prove):
    """Where tables are not protected, a destroy removes all that the apply made."""
    protected = contract.environments[environment].deletion_protection
    step, before, left = f"destroy {environment}", destroyed.before, destroyed.left
    prove(terraform_runs.leaves_nothing(step, before, left, protected))


@pytest.mark.criterion("complete-rollback")
def test_destroy_is_refused(destroyed, environment, contract, prove):
    """Where tables are protected, a destroy fails and every item is still there."""
    protected = contract.environments[environment].deletion_protection
    step, error, items = f"destroy {environment}", destroyed.error, destroyed.items
    prove(terraform_runs.is_refused(step, error, items, protected))
