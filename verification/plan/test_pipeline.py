"""Rung 2: what workflows may do, as planned by a root module of its own."""


def test_pipeline_meets_the_contract(pipeline_check, planned_pipeline, contract, prove):
    """The planned roles and the bucket of Terraform's states meet the contract."""
    prove(pipeline_check(planned_pipeline, contract))
