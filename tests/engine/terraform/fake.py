"""A terraform that answers what was recorded, and what it answers."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from verification.engine.system.processes import Processes
from verification.engine.terraform.cli import Terraform, copy_tree
from verification.engine.terraform.installation import (
    Installation,
)

# Gives what was recorded, by the command's name, and ends as recorded.
FAKE = """\
#!/bin/sh
cd "${0%/*}"
echo "$@" >> calls
cat "$1.out" 2>/dev/null
cat "$1.err" >&2 2>/dev/null
eval "$(cat "$1.end" 2>/dev/null)"
"""
# Recorded from Terraform 1.11.4, without what does not matter here.
VERSION = {"@level": "info", "@message": "Terraform 1.11.4", "type": "version", "ui": "1.2"}
RANGE = {"filename": "main.tf", "start": {"line": 86, "column": 7}, "end": {"line": 87}}
ERROR = {
    "severity": "error",
    "summary": "Unsupported argument",
    "detail": 'An argument named "nam" is not expected here.\nDid you mean "name"?',
    "range": RANGE,
}
WARNING = {
    "severity": "warning",
    "summary": "Argument is deprecated",
    "detail": "Use key_schema instead.",
    "address": "module.dynamodb.aws_dynamodb_table.users",
    "range": {"filename": "../../modules/dynamodb/main.tf", "start": {"line": 25, "column": 3}},
}
CREATE = {
    "@level": "info",
    "type": "planned_change",
    "change": {"resource": {"addr": 'aws_x.a["k"]'}, "action": "create"},
}
UNQUERIED = {
    "severity": "error",
    "summary": "Failed to query available provider packages",
    "detail": "Could not retrieve the list of available versions for provider hashicorp/aws: "
    "could not connect to registry.terraform.io: %s",
}
UNINSTALLED = {
    "severity": "error",
    "summary": "Failed to install provider",
    "detail": "Error while installing hashicorp/aws v5.100.0: %s",
}
PROSE = "\n\nError: Invalid expression\n\n  on main.tf line 86, in locals:\n  86:   a =\n\nWhat.\n"
DEPRECATED = """\
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.100" }
  }
}
provider "aws" {
  region = "us-east-1"
}
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}
resource "aws_iam_role" "absent" {
  count               = 0
  assume_role_policy  = data.aws_iam_policy_document.trust.json
  managed_policy_arns = []
}
module "m" {
  count  = 0
  source = "./m"
}
"""
DEPRECATED_TOO = """\
resource "aws_eip" "absent" {
  vpc = true
}
"""
ESCAPE = """\
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.100" }
  }
}
provider "aws" {
  region      = "us-east-1"
  max_retries = 1
  endpoints {
    sts = "https://sts.us-east-1.amazonaws.com"
  }
}
data "aws_caller_identity" "current" {}
"""


def message(diagnostic: dict[str, Any]) -> dict[str, Any]:
    """Return a diagnostic as plan, apply, destroy and init print it."""
    return {"@level": diagnostic["severity"], "type": "diagnostic", "diagnostic": diagnostic}


def lines(*messages: dict[str, Any]) -> str:
    """Return messages as Terraform prints them."""
    return "".join(json.dumps(one) + "\n" for one in messages)


def fingerprint(folder: Path) -> dict[str, str]:
    """Return every file below a folder with a hash of what it holds."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(f.relative_to(folder)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


class Fake:
    """A terraform that gives recorded answers, and a copy of a small tree to run it on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "bin"
        self.folder.mkdir()
        (self.folder / "terraform").write_text(FAKE, encoding="utf-8")
        (self.folder / "terraform").chmod(0o755)
        self.user = folder / "user/terraform"
        (self.user / "environments/dev").mkdir(parents=True)
        (self.user / "environments/dev/main.tf").write_text("# empty\n", encoding="utf-8")
        binary = Installation((str(self.folder / "terraform"),), None, None)
        environ = {"PATH": os.environ["PATH"]}
        tree = copy_tree(self.user, folder / "copy/terraform")
        self.terraform = Terraform(binary, tree, "dev", environ, Processes(folder / "logs"))

    def answer(self, command: str, out: str = "", err: str = "", end: str = "exit 0") -> Terraform:
        """Say how a command will end; gives the Terraform to run it with."""
        for name, text in (("out", out), ("err", err), ("end", end)):
            (self.folder / f"{command}.{name}").write_text(text, encoding="utf-8")
        return self.terraform

    def calls(self) -> list[list[str]]:
        """Return the arguments of each call."""
        text = (self.folder / "calls").read_text(encoding="utf-8")
        return [line.split() for line in text.splitlines()]
