"""Jobs of the policy rung: checkov on source and plans, and the policy report."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from verification.checks import CHANGE_CHECKS
from verification.checks.registry import name_of
from verification.checks.stack.privileges import adds_no_access
from verification.engine.aws.emulator import sealed
from verification.engine.aws.emulator.isolation import REFUSING
from verification.engine.checkov import PlanScans, Scan, Scanned, scan
from verification.engine.checkov.grounds import grounds
from verification.engine.checkov.policy_metadata import FOLDERS, read_policies
from verification.engine.checkov.policy_report import policy_report
from verification.engine.checkov.register import read_register
from verification.engine.run.registry import job
from verification.engine.run.run import Run
from verification.engine.rungs.plan import root_modules, shown, workspace
from verification.engine.rungs.static import source
from verification.model.criteria import load_criteria
from verification.model.policies import PolicyReport

CRITERIA = Path(__file__).parents[2] / "criteria.toml"
"""The criteria, which name the sections of the plan that decisions may use as basis."""
OF_CHANGES = frozenset(map(name_of, (*CHANGE_CHECKS, adds_no_access)))
"""The checks of a change; their names are the rules in waivers."""


@job
def scanned(run: Run) -> Mapping[str, Scanned]:
    """Run checkov on the source and on the plan of every root module, selected or not.

    Waivers may be for any of them, and the source is common. Each plan is scanned twice: with
    unknown values marked, and absent; see `engine.checkov.verdicts`.
    """
    roots = root_modules(run.contract)
    for name in roots:
        run.start(shown, name)
    folder = run.get(workspace) / "checkov"
    folder.mkdir()
    plans = {name: folder / f"{name}.json" for name in roots}
    for name, path in plans.items():
        path.write_text(json.dumps(dict(run.get(shown, name))), encoding="utf-8")
    ours = tuple(str(run.policies / name) for name in FOLDERS)
    scans = [
        Scan("source", "terraform", (str(run.root),), ours),
        *(Scan(f"plan of {name}", "terraform_plan", (str(p),), ours) for name, p in plans.items()),
        *(
            Scan(f"plan of {name} without unknown", "terraform_plan", (str(p),), mark_unknown=False)
            for name, p in plans.items()
        ),
    ]
    environ = sealed(run.environ, REFUSING, folder.parent / "home")
    with run.schedule.step("checkov"):
        found = scan(scans, folder, environ, run.processes)
    run.versions["checkov"] = found["source"].version
    return found


@job
def policies(run: Run) -> PolicyReport:
    """Judge checkov's results, and apply the register."""
    ours, register = read_policies(run.policies), read_register(run.policies)
    found = run.get(scanned)
    plans = {
        name: PlanScans(
            run.get(shown, name),
            found[f"plan of {name}"],
            found[f"plan of {name} without unknown"],
        )
        for name in root_modules(run.contract)
    }
    sections = frozenset(criterion.plan for criterion in load_criteria(CRITERIA).values())
    stands = grounds(run.contract, sections)
    with run.schedule.step("judge policies"):
        tree, today = run.get(source), date.today()
        report = policy_report(
            found["source"], plans, tree, ours, register, today, stands, OF_CHANGES
        )
    run.remarks += report.notes
    return report
