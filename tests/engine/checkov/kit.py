"""Small Terraform and small policies, and hand-made scans of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from verification.engine.checkov import PlanScans, Result, Rule, Scanned
from verification.engine.checkov.grounds import Grounds
from verification.model.policies import Decision, Ground, Policy, Waiver
from verification.model.source import Block, Source

TODAY = date(2026, 11, 22)
GROUNDS = Grounds({"environments": {"dev": {"https": False}}}, {"Objectives / Zero Downtime"})
BUCKET = "module.store.aws_s3_bucket.files"
SECURITY = Policy("CKV_AWS_1", "Buckets are closed", "unrated", "", "security-rules")
OURS = Policy("CKV_OWN_1", "Buckets are ours", "high", "Own it.", "encryption", True, "p/own.py")

SOURCE = """resource "aws_s3_bucket" "files" {
  bucket = var.name
}
resource "aws_s3_bucket" "skipped" {
  # checkov:skip=CKV_AWS_21: old versions are of no use
  bucket = "skipped"
}
variable "name" { type = string }
"""
PYTHON = '''"""A policy."""
from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

ID = "{id}"
NAME = "Buckets have a name"
SEVERITY = "HIGH"
GUIDELINE = "Name them."
CRITERION = "encryption"

class Named(BaseResourceCheck):
    def __init__(self):
        about = [CheckCategories.CONVENTION], ["aws_s3_bucket"]
        super().__init__(NAME, ID, *about, guideline=GUIDELINE)

    def scan_resource_conf(self, conf):
        {body}

check = Named()
'''
DECIDES = 'return CheckResult.UNKNOWN if "var." in conf["bucket"][0] else CheckResult.PASSED'
YAML = """metadata:
  id: CKV_OWN_9
  name: Buckets have a name
  severity: LOW
  guideline: Name them.
  criterion: encryption
  category: GENERAL_SECURITY
definition:
  cond_type: attribute
  resource_types: [aws_s3_bucket]
  attribute: bucket
  operator: exists
"""


def policies(folder: Path, bodies: dict[str, str], yaml: str = "", init: bool = True) -> Path:
    """A folder of policies: Python ones by id and what they do, and one in YAML."""
    for name in ("python", "yaml"):
        (folder / name).mkdir(parents=True)
    if init:
        (folder / "python" / "__init__.py").touch()
    for number, (name, body) in enumerate(bodies.items()):
        text = PYTHON.format(id=name, body=body)
        (folder / "python" / f"policy_{number}.py").write_text(text, encoding="utf-8")
    if yaml:
        (folder / "yaml" / "policy.yaml").write_text(yaml, encoding="utf-8")
    return folder


def result(
    rule: str, verdict: str, address: str = BUCKET, line: int = 1, comment: str = ""
) -> Result:
    """A result at a line of store.tf, or of a plan."""
    place = ("/tree/terraform/modules/store/main.tf", (line, line + 2), "", comment, ())
    return Result(rule, address, verdict, *place)


def scanned(results: Iterable[Result] = (), **given: Any) -> Scanned:
    """A scan that went well: both rules are loaded, and the bucket was read."""
    rules = tuple(Rule(p.id, p.name, "", "", p.ours) for p in (SECURITY, OURS))
    read = (f"/tree/terraform/modules/store/main.tf:{BUCKET}",)
    values = {"name": "source", "version": "3", "error": "", "rules": rules, "resources": read}
    return Scanned(**values | {"results": tuple(results)} | given)


def planned(marked: str, absent: str = "", rule: str = SECURITY.id, key: str = "") -> PlanScans:
    """A plan of the bucket, and what a rule says of it with unknown values marked, and absent.

    "" for `absent` is the same; "nothing" is no answer.
    """
    address = f"{BUCKET}{key}"
    change = {"address": address, "mode": "managed", "change": {"after": {"bucket": "files"}}}
    read = (f"/tmp/plan.json:{address}",)
    both = (marked, absent or marked)
    results = ([result(rule, v, address)] if v != "nothing" else [] for v in both)
    first, second = (scanned(found, resources=read, name="dev") for found in results)
    # The second is not given our policies.
    return PlanScans({"resource_changes": [change]}, first, replace(second, rules=()))


def tree() -> Source:
    """The source that the results are about."""
    block = Block("resource", ("aws_s3_bucket", "files"), {}, "terraform/modules/store/main.tf", 1)
    root = Path("/tree/terraform")
    return Source(root.parent, root, (block,), (block.file,))


def waiver(**given: Any) -> Waiver:
    """A waiver of the failing bucket that is in order."""
    values: dict[str, Any] = {
        "rule": SECURITY.id,
        "address": BUCKET,
        "reason": "It holds nothing.",
        "owner": "platform",
        "reviewed": TODAY,
        "expires": date(2027, 2, 20),
    }
    return Waiver(**values | given)


def decision(**given: Any) -> Decision:
    """A decision about the failing bucket that is in order."""
    values: dict[str, Any] = {
        "rule": SECURITY.id,
        "address": BUCKET,
        "reason": "It is meant to be open.",
        "owner": "platform",
        "reviewed": TODAY,
        "rests_on": Ground("contract", "environments.dev.https = false"),
    }
    return Decision(**values | given)
