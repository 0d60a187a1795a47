"""What each Terraform module says of itself: its README as it is, its tests of each validation."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.kit import TERRAFORM, copy_terraform, edit
from verification.engine.source import hcl
from verification.model.source import Block

MODULES = sorted(path.name for path in (TERRAFORM / "modules").iterdir())
REQUIRED = "**required**"


def rows(readme: str, title: str) -> list[list[str]]:
    """The cells of the table below a heading, without its head."""
    _, _, section = readme.partition(f"\n## {title}\n")
    table = re.findall(r"^\| (.*) \|$", section.partition("\n## ")[0], re.MULTILINE)
    return [line.split(" | ") for line in table[2:]]


def told(terraform: Path, module: str) -> tuple[list[list[str]], list[list[str]]]:
    """The inputs and outputs that a module's README has."""
    readme = (terraform / "modules" / module / "README.md").read_text(encoding="utf-8")
    return rows(readme, "Inputs"), rows(readme, "Outputs")


def is_so(terraform: Path, module: str) -> tuple[list[list[str]], list[list[str]]]:
    """The inputs and outputs that a module has, in the order of its files."""
    source = hcl.read_source(terraform / "modules" / module)
    inputs, outputs = source.find("variable"), source.find("output")
    return [variable(block) for block in inputs], [described(block) for block in outputs]


def described(block: Block) -> list[str]:
    """The name and the description of a block; that of several lines is a heredoc, in one."""
    text = re.sub(r"^<<-EOT\n(.*)\n *EOT$", r"\1", block.body["description"], flags=re.DOTALL)
    return [f"`{block.labels[0]}`", " ".join(text.split())]


def variable(block: Block) -> list[str]:
    """A variable: name, description, type without its attributes, default as Terraform has it."""
    kind = re.sub(r"\(\{.*\}\)|^\$\{|\}$", "", block.body["type"], flags=re.DOTALL)
    default = f"`{json.dumps(block.body['default'])}`" if "default" in block.body else REQUIRED
    return [*described(block), f"`{kind}`", default]


@pytest.mark.parametrize("module", MODULES)
def test_readme_tells_inputs_and_outputs(module: str) -> None:
    """Each with description, type and default, in the order of the files, and no other."""
    inputs, outputs = told(TERRAFORM, module)
    assert (inputs, outputs) == is_so(TERRAFORM, module)
    assert inputs
    assert outputs


@pytest.mark.parametrize("module", MODULES)
def test_every_validation_meets_a_bad_value(module: str) -> None:
    """For each variable with a condition, a test gives a value that it refuses."""
    folder = TERRAFORM / "modules" / module
    variables = hcl.read_source(folder).find("variable")
    checked = {f"var.{one.labels[0]}" for one in variables if one.nested("validation")}
    tests = (folder / "tests" / f"{module}.tftest.hcl").read_text(encoding="utf-8")
    refused = re.findall(r"expect_failures = \[(.*?)\]", tests, re.DOTALL)
    assert checked
    assert set(re.findall(r"var\.\w+", " ".join(refused))) == checked


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("variables.tf", "default     = 5000", "default     = 5001"),
        ("variables.tf", "Port on which the tasks listen.", "A port."),
        ("variables.tf", 'variable "container_port"', 'variable "port"'),
        ("outputs.tf", "ID of the VPC.", "The VPC."),
    ],
)
def test_a_change_is_noticed(tmp_path: Path, file: str, old: str, new: str) -> None:
    """Of a default, a description or a name."""
    root = copy_terraform(tmp_path)
    edit(root / "modules" / "network" / file, old, new)
    assert told(root, "network") != is_so(root, "network")
