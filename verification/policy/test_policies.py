"""Rung 3: what checkov's rules and our own policies say of source and plans, taken together."""

import pytest


def test_policy_holds(policy, policies, prove):
    """A policy of ours holds wherever it applies."""
    prove(policies.of(policy))


@pytest.mark.criterion("security-rules")
def test_rules_of_checkov_hold(policies, prove):
    """Every rule that checkov brings holds, or a decision or a waiver says why not."""
    prove([result.finding for result in policies.results if not result.policy.ours])


@pytest.mark.criterion("security-rules")
def test_waivers_are_in_order(policies, prove):
    """Every decision and waiver is exact, has reason and owner, holds, and is needed."""
    prove(list(policies.register))
