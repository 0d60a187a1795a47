"""Rung 5: the quick and the complete rollback work."""

import pytest

from verification.checks.smoke import rollback as smoke_rollback

pytestmark = [
    pytest.mark.embedded("damage data or switch the store"),
]


@pytest.mark.criterion("quick-rollback")
def test_the_switch_leads_to_sqlite(quick_rollback, prove):
    """After use_dynamodb = false and a deploy, the service is ready on SQLite."""
    prove(smoke_rollback.switches_away(quick_rollback))


@pytest.mark.criterion("quick-rollback")
def test_the_switch_leads_back(quick_rollback, prove):
    """After use_dynamodb = true and a deploy, trials are available again."""
    prove(smoke_rollback.switches_back(quick_rollback))


@pytest.mark.criterion("complete-rollback")
def test_nothing_uses_the_tables_any_more(complete_rollback, prove):
    """After the quick rollback no task calls DynamoDB."""
    prove(smoke_rollback.lets_go_of_the_tables(complete_rollback))


@pytest.mark.criterion("complete-rollback")
def test_the_service_works_without_tables(complete_rollback, prove):
    """With both tables deleted, the service answers all requests."""
    prove(smoke_rollback.works_without_tables(complete_rollback))
