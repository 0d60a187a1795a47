"""What the tests of policies share: where things are, plans of a tree, many scans at once."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from tests.kit import REPOSITORY, edit
from tests.sharing import install, run_in
from verification.engine.aws.emulator import EmbeddedAws
from verification.engine.checkov import Scan, Scanned, scan
from verification.engine.checkov.policy_metadata import read_policies
from verification.engine.rungs import plan
from verification.model.contract import load_contract
from verification.model.policies import Policy

POLICIES = REPOSITORY / "policies"
FOLDERS = (str(POLICIES / "python"), str(POLICIES / "yaml"))
KINDS = {"source": "terraform", "plan": "terraform_plan"}


def policies() -> dict[str, Policy]:
    """Every policy of ours, by the name of its file: the rule in words."""
    return {Path(policy.file).stem: policy for policy in read_policies(POLICIES)}


def plan_all(
    roots: Mapping[str, tuple[Path, str]], folder: Path, empty_aws: EmbeddedAws
) -> dict[str, Path]:
    """Plan one environment of each tree with the real provider; gives each plan's JSON.

    They become environments of one tree, so that one run plans them side by side.
    """
    tree = folder / "terraform"
    for name, (root, environment) in roots.items():
        shutil.copytree(root / "modules", tree / f"{name}-modules")
        here = tree / "environments" / name
        shutil.copytree(root / "environments" / environment, here)
        edit(here / "main.tf", "../../modules/", f"../../{name}-modules/")
        (here / f"{environment}.tfvars").rename(here / f"{name}.tfvars")
    contract = load_contract(REPOSITORY / "verification" / "contract.toml")
    environments = {name: contract.environments[env] for name, (_, env) in roots.items()}
    rules = replace(contract, environments=environments)
    with closing(run_in(empty_aws, tree, rules, folder / "reports")) as run:
        first, *others = roots
        for name in others:
            install(run, run, name, first)
        jobs = {name: run.start(plan.shown, name) for name in roots}
        plans = {name: json.dumps(dict(job.result())) for name, job in jobs.items()}
    for name, text in plans.items():
        (folder / f"{name}.json").write_text(text, encoding="utf-8")
    return {name: folder / f"{name}.json" for name in plans}


def scan_all(scans: Sequence[Scan], folder: Path) -> dict[str, Scanned]:
    """Run checkov once over all, and see that it ran: by itself it says nothing."""
    folder.mkdir()
    found = scan(scans, folder, {"HOME": str(folder), "PATH": os.environ["PATH"]})
    for name, one in found.items():
        assert (one.error, one.crashes, one.unparsed) == ("", (), ()), (name, one.log)
        assert one.results, f"nothing was examined in {name}"
    return found
