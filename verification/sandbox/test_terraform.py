"""Rung 4: a second plan is empty, drift is found, and a destroy is complete or refused."""

import pytest

from verification.checks import terraform_runs


@pytest.mark.criterion("terraform-clean")
def test_apply_gives_no_warning(applied, environment, prove):
    """`terraform apply` prints no error and no warning."""
    prove(terraform_runs.gives_no_warning(f"apply {environment}", applied.changes.warnings))


@pytest.mark.criterion("terraform-clean")
def test_second_plan_is_empty(second_plan, environment, prove):
    """A plan after the apply has no changes."""
    prove(terraform_runs.plans_nothing(f"second plan {environment}", second_plan.planned))


@pytest.mark.criterion("drift")
def test_changes_by_hand_are_found(drifted, prove):
    """A plan names address and attribute of every manual change."""
    prove(terraform_runs.finds_drift(drifted.made, drifted.found))


@pytest.mark.criterion("quick-rollback")
def test_the_switch_stays_as_set(drifted, prove):
    """The next apply does not revert a manual change of use_dynamodb."""
    prove(terraform_runs.keeps_the_switch(drifted.switch, drifted.planned))


@pytest.mark.criterion("complete-rollback")
def test_destroy_leaves_nothing(destroyed, environment, contract, prove):
    """If tables are not protected, a destroy removes all that the apply created."""
    protected = contract.environments[environment].deletion_protection
    step, before, left = f"destroy {environment}", destroyed.before, destroyed.left
    prove(terraform_runs.leaves_nothing(step, before, left, protected))


@pytest.mark.criterion("complete-rollback")
def test_destroy_is_refused(destroyed, environment, contract, prove):
    """If tables are protected, a destroy fails and every item is kept."""
    protected = contract.environments[environment].deletion_protection
    step, error, items = f"destroy {environment}", destroyed.error, destroyed.items
    prove(terraform_runs.is_refused(step, error, items, protected))
