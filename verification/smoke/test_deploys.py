"""Rung 5: deploys, good and bad, cause no failed requests, and tasks are stable."""

import pytest

from verification.checks.smoke import deploys as smoke_deploys


@pytest.mark.criterion("zero-downtime")
def test_nobody_notices_a_deploy(rolling_deploy, prove):
    """No request of twenty clients fails during a rolling deploy."""
    prove(smoke_deploys.nobody_notices("a rolling deploy", rolling_deploy.traffic))


@pytest.mark.criterion("zero-downtime")
def test_a_deploy_replaces_every_task(rolling_deploy, prove):
    """A deploy exits with 0, with new tasks and the new image; data is unchanged."""
    prove(smoke_deploys.replaces_every_task(rolling_deploy))
    prove(smoke_deploys.keeps_the_data(rolling_deploy))


@pytest.mark.embedded("deploy a broken image")
@pytest.mark.criterion("zero-downtime")
def test_nobody_notices_a_bad_revision(bad_revision, prove):
    """No request of twenty clients fails while a bad revision is rolled back."""
    prove(smoke_deploys.nobody_notices("a bad revision", bad_revision.traffic))


@pytest.mark.embedded("deploy a broken image")
@pytest.mark.criterion("zero-downtime")
def test_a_bad_revision_is_rolled_back(bad_revision, prove):
    """A bad revision is rolled back, the deploy fails, and data is unchanged."""
    prove(smoke_deploys.is_rolled_back(bad_revision))
    prove(smoke_deploys.keeps_the_data(bad_revision))


@pytest.mark.criterion("tasks-stable")
def test_tasks_stay(stability, prove):
    """Without changes, every desired task runs and is healthy."""
    prove(smoke_deploys.stays_steady(stability))


@pytest.mark.criterion("tasks-stable")
def test_a_dead_task_is_replaced(stability, prove):
    """A killed task is replaced."""
    prove(smoke_deploys.replaces_a_dead_task(stability))
