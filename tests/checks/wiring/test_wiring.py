"""The wiring checks: this repository passes them, and each broken wire fails with its place."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.checks.wiring.twins import SERVICE, TWINS, WORKFLOW, Twin
from tests.kit import REPOSITORY, edit
from verification.checks.registry import checks_in, name_of
from verification.checks.source import wiring
from verification.engine.errors import ToolError
from verification.engine.source import hcl
from verification.engine.source.wiring import read_wiring
from verification.model.contract import Contract, load_contract
from verification.model.findings import Finding
from verification.model.source import Source
from verification.model.verdict import Verdict

pytestmark = pytest.mark.slow

CHECKS = checks_in((wiring,))
DRAIN = """\
resource "aws_lb_target_group" "backend" {
  name                 = local.name_prefix
  vpc_id               = var.vpc_id
  target_type          = "ip"
  protocol             = "HTTP"
  port                 = var.container_port
  deregistration_delay = 30
"""


@pytest.fixture(scope="session")
def contract() -> Contract:
    """What the stack must be."""
    return load_contract(REPOSITORY / "verification" / "contract.toml")


@pytest.fixture(scope="session")
def source() -> Source:
    """This repository's Terraform."""
    return hcl.read_source(REPOSITORY / "terraform")


@pytest.fixture
def copy(source: Source, tmp_path: Path) -> Callable[[Twin], Source]:
    """Copy what the checks look at, change one file of it, and read it again."""
    skipped = shutil.ignore_patterns(".terraform", "__pycache__")
    for folder in ("terraform", "backend", ".github"):
        shutil.copytree(REPOSITORY / folder, tmp_path / folder, ignore=skipped)

    def change(twin: Twin) -> Source:
        edit(tmp_path / twin.file, twin.old, twin.new)
        blocks = source.blocks
        if twin.file.endswith(".tf"):
            others = tuple(block for block in blocks if block.file != twin.file)
            blocks = (*others, *hcl.parse(tmp_path / twin.file, twin.file))
        return replace(source, base=tmp_path, root=tmp_path / "terraform", blocks=blocks)

    return change


def failures(source: Source, contract: Contract) -> list[str]:
    """What all the checks find wrong, a line each."""
    wired = read_wiring(source, contract)
    findings: list[Finding] = [f for check in CHECKS for f in check(wired, contract)]
    return [str(finding) for finding in findings if finding.verdict is not Verdict.PASS]


@pytest.mark.parametrize("check", CHECKS, ids=name_of)
def test_this_repository_is_wired(
    check: Callable[..., list[Finding]], source: Source, contract: Contract
) -> None:
    """Each check examines something here and finds nothing wrong."""
    findings = check(read_wiring(source, contract), contract)
    assert findings
    assert [str(f) for f in findings if f.verdict is not Verdict.PASS] == []


@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS.keys())
def test_broken_wire_is_found(
    twin: Twin, copy: Callable[[Twin], Source], contract: Contract
) -> None:
    """Each break is named with file, line and remedy."""
    changed = copy(twin)
    found = failures(changed, contract)
    for says in twin.says:
        wanted = says.line(changed.base)
        assert any(line.startswith(wanted) for line in found), "\n".join([wanted, "found:", *found])


def test_workflow_that_deploys_otherwise_is_found(
    copy: Callable[[Twin], Source], contract: Contract
) -> None:
    """A workflow without backend.deploy has no path to be right about."""
    twin = Twin(WORKFLOW, "python -m backend.deploy", "aws ecs update-service", ())
    says = f"{WORKFLOW}: python -m backend.deploy is missing. Deploy with this command."
    assert says in failures(copy(twin), contract)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("alb.tf", "deregistration_delay = 30", "deregistration_delay = 90"),
        ("alb.tf", "  deregistration_delay = 30\n", ""),
        ("main.tf", "    essential   = true\n", "    essential   = true\n    stopTimeout = 25\n"),
        (
            "alb.tf",
            DRAIN,
            f"locals {{\n  drain = 30\n}}\n\n{DRAIN.replace('30', 'local.drain')}",
        ),
    ],
)
def test_stops_that_wait_long_enough_pass(
    file: str, old: str, new: str, copy: Callable[[Twin], Source], contract: Contract
) -> None:
    """As long as gunicorn's grace is enough, and so is what AWS does by default."""
    changed = copy(Twin(f"{SERVICE}/{file}", old, new, ()))
    assert failures(changed, contract) == []


@pytest.mark.parametrize(
    ("before", "expression"),
    [("", "max(5, 30)"), ("locals {\n  a = local.b\n  b = local.a\n}\n\n", "local.a")],
)
def test_a_stop_that_is_worked_out_is_unknown(
    before: str, expression: str, copy: Callable[[Twin], Source], contract: Contract
) -> None:
    """What only Terraform can work out, or nobody, is neither enough nor too little."""
    drain = before + DRAIN.replace("= 30", f"= {expression}")
    changed = copy(Twin(f"{SERVICE}/alb.tf", DRAIN, drain, ()))
    found = wiring.stops_wait_for_requests(read_wiring(changed, contract), contract)
    [open_one] = [finding for finding in found if finding.verdict is not Verdict.PASS]
    assert open_one.verdict is Verdict.UNKNOWN
    assert f"deregistration_delay is ${{{expression}}} s" in open_one.message


def test_contracts_parameters_count_too(source: Source, contract: Contract) -> None:
    """A parameter that only the contract names must be read as well."""
    extended = replace(contract, parameters={**contract.parameters, "colour": "blue"})
    assert any("COLOUR is not read" in line for line in failures(source, extended))


@pytest.mark.parametrize(
    ("informational", "says"),
    [
        ((), "DYNAMODB_POLICY_ARN is not read"),
        (("use_dynamodb",), "USE_DYNAMODB is read, though declared informational"),
        (("colour",), "colour: the parameter declared informational is missing"),
    ],
)
def test_declared_informational_must_be_so(
    source: Source, contract: Contract, informational: tuple[str, ...], says: str
) -> None:
    """What is declared informational exists and is not read; all else is read."""
    declared = replace(contract, informational_parameters=informational)
    assert any(says in line for line in failures(source, declared))


def test_what_is_no_python_is_named(copy: Callable[[Twin], Source], contract: Contract) -> None:
    """A backend that cannot be parsed ends in one sentence with file and line."""
    broken = copy(Twin("backend/config.py", "from __future__", "from from __future__", ()))
    with pytest.raises(ToolError, match=r"^backend/config\.py:\d+ is not valid Python: "):
        read_wiring(broken, contract)


@pytest.mark.parametrize("check", CHECKS, ids=name_of)
def test_empty_wiring_passes_nothing(
    check: Callable[..., list[Finding]], tmp_path: Path, contract: Contract
) -> None:
    """Where nothing was written, no check has anything to pass."""
    empty = read_wiring(Source(tmp_path, tmp_path / "terraform", (), ()), contract)
    assert {finding.verdict for finding in check(empty, contract)} <= {Verdict.FAIL}


def test_nothing_there_is_no_pass(tmp_path: Path, source: Source, contract: Contract) -> None:
    """Without a backend, a workflow or Terraform each of them is missed."""
    found = failures(replace(source, base=tmp_path, blocks=()), contract)
    for text in (
        "a variable that the backend reads is missing",
        "python -m backend.deploy is missing",
        "the health check is missing",
        "the container's port is missing",
        "gunicorn's configuration is missing",
    ):
        assert any(text in line for line in found), text


def test_a_secret_is_provided(source: Source, contract: Contract) -> None:
    """The contract's secrets are variables of the container, which the backend must read."""
    [said] = failures(source, replace(contract, secret_parameters=("api_key",)))
    assert "parameter api_key: API_KEY is not read. Correct its name" in said
