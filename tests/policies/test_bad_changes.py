"""Bad changes of the real Terraform: each fails the intended rule, in source or in a real plan."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kit import copy_terraform
from tests.policies.changes import BAD
from tests.policies.kit import FOLDERS, KINDS, plan_all, policies, scan_all
from verification.engine.aws.emulator import EmbeddedAws
from verification.engine.checkov import Scan, Scanned

pytestmark = pytest.mark.slow

UNCHANGED = "unchanged"
# Modules are the same code for each environment; one is enough to see what source tells.
SOURCE = Path("environments/dev")


@pytest.fixture(scope="module")
def found(empty_aws: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Scanned]:
    """What checkov says of each changed copy, and of one that is not; one run for all."""
    folder = tmp_path_factory.mktemp("changes")
    roots = {name: _copy(folder / name.replace(" ", "-")) for name in (*BAD, UNCHANGED)}
    for name, change in BAD.items():
        change.make(roots[name])
    planned = {
        roots[name].parent.name: (roots[name], change.planned)
        for name, change in BAD.items()
        if change.planned
    }
    plans = plan_all(planned, folder / "plans", empty_aws)
    rules = tuple({p.id for p in policies().values()} | {change.rule for change in BAD.values()})
    scans = [_scan(name, root, plans.get(root.parent.name), rules) for name, root in roots.items()]
    return scan_all(scans, folder / "checkov")


def _copy(folder: Path) -> Path:
    folder.mkdir()
    return copy_terraform(folder)


def _scan(name: str, root: Path, plan: Path | None, rules: tuple[str, ...]) -> Scan:
    if plan:
        return Scan(name, KINDS["plan"], (str(plan),), FOLDERS, rules)
    return Scan(name, KINDS["source"], (str(root / SOURCE),), FOLDERS, rules)


def _failed(scanned: Scanned) -> set[str]:
    return {result.rule for result in scanned.results if result.verdict == "fail"}


@pytest.mark.parametrize("name", BAD)
def test_bad_change_fails_its_rule(name: str, found: dict[str, Scanned]) -> None:
    """The rule that the change breaks fails, and no other."""
    assert _failed(found[name]) == {BAD[name].rule}


def test_nothing_fails_before(found: dict[str, Scanned]) -> None:
    """Without a change, none of these rules fails."""
    assert _failed(found[UNCHANGED]) == set()


def test_each_policy_is_broken_by_a_change() -> None:
    """No policy is there that no change of this repository could fail."""
    assert {policy.id for policy in policies().values()} <= {change.rule for change in BAD.values()}
