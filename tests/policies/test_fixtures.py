"""Each policy says of its fixture exactly what is expected, in source and in a real plan."""

from __future__ import annotations

import pytest

from tests.policies.kit import policies
from tests.policies.rendering import FIXTURES, KINDS, VERDICTS, expected
from verification.engine.checkov import Scanned

pytestmark = pytest.mark.slow

RULES = sorted(path.name for path in FIXTURES.iterdir())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rule", RULES)
def test_verdicts_are_exact(rule: str, kind: str, scanned: dict[str, Scanned]) -> None:
    """Every address has its verdict; one that was not examined, or was but should not be, fails."""
    policy, module = policies()[rule], f"module.{rule}."
    said = [
        (result.verdict, result.address.removeprefix(module))
        for result in scanned[kind].results
        if result.rule == policy.id and result.address.startswith(module)
    ]
    found = {verdict: {address for v, address in said if v == verdict} for verdict in VERDICTS}
    assert found == expected(rule)[kind]
    assert len(said) == len(set(said)), "an address was judged twice"


@pytest.mark.parametrize("rule", RULES)
def test_failures_say_why(rule: str, scanned: dict[str, Scanned]) -> None:
    """A policy in Python says what it found wrong; one in YAML has its guideline alone."""
    policy = policies()[rule]
    if policy.id.startswith("CKV_"):
        for result in (*scanned["source"].results, *scanned["plan"].results):
            if result.rule == policy.id and result.verdict != "pass":
                assert result.details, result
