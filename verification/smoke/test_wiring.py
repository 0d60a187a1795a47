"""Rung 5: parameters and Terraform's variables reach the running task, and IAM denies no call."""

import pytest

from verification.checks.smoke import deployed_config as smoke_wiring

pytestmark = pytest.mark.criterion("pipeline-wiring")


@pytest.mark.reads
def test_parameters_arrive(wiring, contract, location, prove):
    """Each parameter is a variable of the running task."""
    prove(smoke_wiring.parameters_arrive(wiring, contract, location))


@pytest.mark.reads
def test_terraforms_variables_stay(wiring, prove):
    """Each variable that Terraform sets is still set."""
    prove(smoke_wiring.terraforms_variables_stay(wiring))


@pytest.mark.criterion("least-privilege")
@pytest.mark.embedded("read the record of the tasks' calls")
@pytest.mark.parametrize(
    "scenario",
    [
        "trial",
        "foreign_tokens",
        "trial_race",
        "requests_cost",
        "persistence",
        "persistence_on_sqlite",
        "links",
        "file_link",
        "file_ends",
        "lost_answers",
        "rolling_deploy",
        "bad_revision",
        "stability",
        "quick_rollback",
        "complete_rollback",
        "restore",
        "visitors",
        "wiring",
    ],
)
def test_nothing_is_refused(scenario, environment, request, prove):
    """IAM denied no AWS call of a task in any scenario."""
    seen = request.getfixturevalue(scenario)
    prove(smoke_wiring.needs_no_more_than_it_has({scenario: seen.refused}))
