"""Rung 3: checkov's rules and the project's policies on source and plans together."""

import pytest


def test_policy_holds(policy, policies, prove):
    """One of the project's policies passes wherever it applies."""
    prove(policies.of(policy))


@pytest.mark.criterion("security-rules")
def test_rules_of_checkov_hold(policies, prove):
    """Every rule of checkov passes, or a decision or a waiver accepts its findings."""
    prove([result.finding for result in policies.results if not result.policy.ours])


@pytest.mark.criterion("security-rules")
def test_waivers_are_in_order(policies, prove):
    """Every decision and waiver is exact, has a reason and an owner, is valid, and is used."""
    prove(list(policies.register))
