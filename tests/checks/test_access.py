"""What the checks of access must keep beside their twins."""

from __future__ import annotations

from dataclasses import replace

from verification.checks.stack import access


def test_dev_is_judged_by_its_own_names(planned, contract):
    """Prod's policy in dev is missing there: names belong to one environment."""
    stack = replace(planned["prod"], environment="dev")
    (finding,) = access.policy_is_exact(stack, contract)
    assert str(finding).startswith("file-sharing-app-dev-dynamodb-access: the policy is missing")
