"""Harmless changes of the real Terraform: every policy passes, source and plan taken together."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.kit import copy_terraform
from tests.policies.kit import FOLDERS, KINDS, plan_all, policies, scan_all
from tests.policies.refactors import REFACTORS
from verification.engine.aws.emulator import EmbeddedAws
from verification.engine.checkov import PlanScans, Scan
from verification.engine.checkov.verdicts import join
from verification.engine.source.hcl import read_source
from verification.model.policies import PolicyResult
from verification.model.verdict import Verdict

pytestmark = pytest.mark.slow

# It has everything, flow logs too.
ENVIRONMENT = "prod"
POLICIES = {policy.id: policy for policy in policies().values()}


@pytest.fixture(scope="module")
def judged(
    empty_aws: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[PolicyResult]]:
    """What the policies say of each refactored copy, source and plan joined as on the rung."""
    folder = tmp_path_factory.mktemp("refactors")
    roots: dict[str, Path] = {}
    for name, refactor in REFACTORS.items():
        (folder / name).mkdir()
        roots[name] = copy_terraform(folder / name)
        refactor(roots[name])
    planned = {name: (root, ENVIRONMENT) for name, root in roots.items()}
    plans = plan_all(planned, folder / "plans", empty_aws)
    scans = []
    for name, root in roots.items():
        paths = {"source": root / "environments" / ENVIRONMENT, "plan": plans[name]}
        scans += [
            Scan(f"{kind} {name}", KINDS[kind], (str(path),), FOLDERS, tuple(POLICIES))
            for kind, path in paths.items()
        ]
    found = scan_all(scans, folder / "checkov")
    joined = {}
    for name, root in roots.items():
        plan = json.loads(plans[name].read_text(encoding="utf-8"))
        scanned = PlanScans(plan, found[f"plan {name}"], found[f"plan {name}"])
        source = found[f"source {name}"]
        joined[name] = join(source, {ENVIRONMENT: scanned}, read_source(root), POLICIES)
    return joined


@pytest.mark.parametrize("name", REFACTORS)
def test_harmless_change_stays_green(name: str, judged: dict[str, list[PolicyResult]]) -> None:
    """Nothing fails, nothing is left open, and every policy still has something to judge."""
    assert [str(r) for r in judged[name] if r.verdict is not Verdict.PASS] == []
    assert {result.policy.id for result in judged[name]} == set(POLICIES)
