"""The fixtures of all policies, called as modules by one root, planned once and scanned once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.kit import TERRAFORM
from tests.policies.kit import FOLDERS, KINDS, plan_all, policies, scan_all
from tests.policies.rendering import FIXTURES, rendered
from verification.engine.aws.emulator import EmbeddedAws
from verification.engine.checkov import Scan, Scanned

ENVIRONMENT = "dev"
ROOT = """\
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region = "us-east-1"
}
"""


@pytest.fixture(scope="session")
def scanned(empty_aws: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Scanned]:
    """What checkov says of the fixtures: of their source, and of their plan."""
    folder = tmp_path_factory.mktemp("fixtures")
    tree = folder / "terraform"
    for rule in sorted(path.name for path in FIXTURES.iterdir()):
        (tree / "modules" / rule).mkdir(parents=True)
        (tree / "modules" / rule / "main.tf").write_text(rendered(rule), encoding="utf-8")
    root = _root_module(tree)
    plans = plan_all({"fixtures": (tree, ENVIRONMENT)}, folder / "plans", empty_aws)
    paths = {"source": root, "plan": plans["fixtures"]}
    ids = tuple(policy.id for policy in policies().values())
    scans = [Scan(kind, KINDS[kind], (str(path),), FOLDERS, ids) for kind, path in paths.items()]
    return scan_all(scans, folder / "checkov")


def _root_module(tree: Path) -> Path:
    """A root that calls every fixture; a policy must hold inside modules too."""
    root = tree / "environments" / ENVIRONMENT
    root.mkdir(parents=True)
    calls = [
        f'\nmodule "{rule.name}" {{\n  source = "../../modules/{rule.name}"\n}}\n'
        for rule in sorted(FIXTURES.iterdir())
    ]
    (root / "main.tf").write_text(ROOT + "".join(calls), encoding="utf-8")
    (root / f"{ENVIRONMENT}.tfvars").touch()
    lock = ".terraform.lock.hcl"
    shutil.copy(TERRAFORM / "environments" / ENVIRONMENT / lock, root / lock)
    return root
