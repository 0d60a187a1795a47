"""Rung 4: what workflows may do, as applied in an empty account."""

import pytest

from verification.checks import terraform_runs


def test_live_pipeline_meets_the_contract(pipeline_check, live_pipeline, contract, prove):
    """The live roles and the bucket of Terraform's states meet the contract."""
    prove(pipeline_check(live_pipeline, contract))


@pytest.mark.criterion("pipeline-access")
def test_pipeline_is_applied(pipeline_runs, contract, prove):
    """Plan and apply print no warning, and a second plan has no changes."""
    warnings, again = pipeline_runs
    prove(terraform_runs.is_applied(warnings, again, demanded=contract.pipeline is not None))
