"""Rung 5: the ways back work."""

import pytest

from verification.checks.smoke import rollback as smoke_rollback

pytestmark = [
    pytest.mark.embedded("damage data or switch the store"),
]


@pytest.mark.criterion("quick-rollback")
def test_the_switch_leads_to_sqlite(quick_rollback, prove):
    """With the switch off and a deploy, the service is up on SQLite."""
    prove(smoke_rollback.switches_away(quick_rollback))


@pytest.mark.criterion("quick-rollback")
def test_the_switch_leads_back(quick_rollback, prove):
    """With the switch on again and a deploy, trials are back."""
    prove(smoke_rollback.switches_back(quick_rollback))


@pytest.mark.criterion("complete-rollback")
def test_nothing_uses_the_tables_any_more(complete_rollback, prove):
    """After the quick rollback no task calls DynamoDB."""
    prove(smoke_rollback.lets_go_of_the_tables(complete_rollback))


@pytest.mark.criterion("complete-rollback")
def test_the_service_works_without_tables(complete_rollback, prove):
    """With both tables deleted, the service answers everything."""
    prove(smoke_rollback.works_without_tables(complete_rollback))
