"""What Terraform says is heard, whatever its end; and it runs on copies."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import tftest

from tests.engine.terraform.fake import (
    CREATE,
    ERROR,
    PROSE,
    UNINSTALLED,
    UNQUERIED,
    VERSION,
    WARNING,
    Fake,
    fingerprint,
    lines,
    message,
)
from tests.kit import TERRAFORM
from verification.engine.errors import EnvironmentUnavailable, ToolError
from verification.engine.terraform.cli import Changes, copy_tree

pytestmark = pytest.mark.slow


@pytest.fixture(name="fake")
def _fake(tmp_path: Path) -> Fake:
    return Fake(tmp_path)


# Known bad: how a fake terraform may end, and what must be said then.


@pytest.mark.parametrize(
    ("end", "said"),
    [
        ("exit 1", "exit code 1"),
        ("exit 2", "exit code 2"),
        ("exit 11", "exit code 11"),
        ("exit 137", "exit code 137"),
        ("kill -9 $$", "SIGKILL"),
        ("kill -15 $$", "SIGTERM"),
    ],
)
@pytest.mark.parametrize("command", ["plan", "apply", "destroy"])
def test_every_bad_end_is_an_error(fake: Fake, command: str, end: str, said: str) -> None:
    """A command that did not end with 0 is an error, whatever it had printed before."""
    terraform = fake.answer(command, lines(VERSION, CREATE), end=end)
    with pytest.raises(ToolError, match=f"terraform-{command}-dev .*{said}"):
        getattr(terraform, command)()


def test_tftest_alone_would_miss_it(fake: Fake, tmp_path: Path) -> None:
    """Our way of running is needed: tftest itself takes exit code 137 for a success."""
    fake.answer("apply", end="exit 137")
    binary = str(fake.folder / "terraform")
    assert (
        tftest.TerraformTest(str(tmp_path), binary=binary).execute_command("apply").retcode == 137
    )


@pytest.mark.parametrize("command", ["plan", "apply", "destroy"])
@pytest.mark.parametrize(
    "out",
    ["", "null\n", "3\n", "Success!\n", lines(CREATE)],
    ids=["nothing", "null", "3", "text", "cut"],
)
def test_output_without_json_is_an_error(fake: Fake, command: str, out: str) -> None:
    """A command that ends well but says nothing that can be read is an error."""
    terraform = fake.answer(command, out)
    with pytest.raises(ToolError, match=f"terraform {command}"):
        getattr(terraform, command)()


@pytest.mark.parametrize(
    ("command", "method"),
    [("show", "show"), ("output", "outputs"), ("state", "state")],
)
@pytest.mark.parametrize("out", ["{cut off", "text", "[]"], ids=["cut off", "text", "a list"])
def test_document_that_is_no_json_is_an_error(
    fake: Fake, command: str, method: str, out: str
) -> None:
    """A document that cannot be read is an error that names command and copy."""
    terraform = fake.answer(command, out)
    with pytest.raises(ToolError, match=rf"terraform {command} \(dev\) printed invalid JSON: '"):
        getattr(terraform, method)()


def test_cut_off_message_is_an_error(fake: Fake) -> None:
    """A message that was cut off is an error: what else may be missing?"""
    terraform = fake.answer("plan", lines(VERSION) + '{"type": "planned_ch')
    with pytest.raises(ToolError, match="printed invalid JSON"):
        terraform.plan()


@pytest.mark.parametrize(
    ("command", "out"),
    [
        ("plan", lines(VERSION, message(WARNING), message(ERROR))),
        ("apply", lines(VERSION, message(ERROR))),
        ("init", lines(VERSION, message(ERROR))),
    ],
    ids=["plan", "apply", "init"],
)
def test_error_has_place_and_advice(fake: Fake, command: str, out: str) -> None:
    """An error of Terraform's is one sentence with file and line, and its advice; no warning."""
    terraform = fake.answer(command, out, end="exit 1")
    with pytest.raises(ToolError) as caught:
        getattr(terraform, command)()
    place = "terraform/environments/dev/main.tf:86"
    said = (
        'Unsupported argument: An argument named "nam" is not expected here. Did you mean "name"?'
    )
    assert str(caught.value) == f"terraform-{command}-dev failed: {place}: {said}"


def test_every_error_is_told(fake: Fake) -> None:
    """Two errors are two lines, each with its place or its address."""
    other = {"severity": "error", "summary": "creating table", "address": "aws_x.a"}
    terraform = fake.answer("apply", lines(VERSION, message(ERROR), message(other)), end="exit 1")
    with pytest.raises(ToolError, match=r"main\.tf:86: .*\naws_x\.a: creating table$"):
        terraform.apply()


@pytest.mark.parametrize("out", ["", "3\n", "null\n", "[1]\n", "{}\n"])
def test_failure_without_diagnostics(fake: Fake, out: str) -> None:
    """A failure that Terraform did not explain is told with its exit code and its last words."""
    terraform = fake.answer("plan", out, "panic: it crashed\n", "exit 11")
    with pytest.raises(ToolError, match="terraform-plan-dev failed with exit code 11: panic: it"):
        terraform.plan()


def test_failure_in_prose(fake: Fake) -> None:
    """What Terraform says in prose, as fmt does, is told with its place as well."""
    terraform = fake.answer("fmt", "", PROSE, "exit 2")
    with pytest.raises(
        ToolError, match=r"terraform-fmt-dev failed: .* on main\.tf line 86, .*What\."
    ):
        terraform.unformatted()


@pytest.mark.parametrize(
    "diagnostic",
    [UNQUERIED | {"detail": "no such host"}, UNINSTALLED | {"detail": "connection reset"}],
    ids=["no registry", "no download"],
)
def test_provider_that_is_not_to_be_had(fake: Fake, diagnostic: dict[str, Any]) -> None:
    """Where the provider cannot be had, it is this machine that lacks it; the remedy is named."""
    terraform = fake.answer("init", lines(VERSION, message(diagnostic)), end="exit 1")
    with pytest.raises(EnvironmentUnavailable, match=f"TF_PLUGIN_MIRROR.*{diagnostic['detail']}"):
        terraform.init()


@pytest.mark.parametrize(
    "reason",
    [
        "locked provider registry.terraform.io/hashicorp/aws 5.100.0 does not match configured "
        "version constraint ~> 6.0; must use terraform init -upgrade",
        "the local package for registry.terraform.io/hashicorp/aws 5.100.0 doesn't match any of "
        "the checksums previously recorded in the dependency lock file",
    ],
    ids=["constraint", "checksum"],
)
def test_lock_file_that_disagrees(fake: Fake, reason: str) -> None:
    """A lock file that does not fit the source is an error of the source: no mirror would help."""
    diagnostic = UNQUERIED | {"detail": reason}
    terraform = fake.answer("init", lines(VERSION, message(diagnostic)), end="exit 1")
    with pytest.raises(ToolError, match=r"terraform-init-dev failed: .*lock"):
        terraform.init()


# What is read from an answer.


def test_warning_has_place_and_address(fake: Fake) -> None:
    """A warning is read with file and line as the user knows them, and its address."""
    out = lines(VERSION, message(WARNING), CREATE)
    changes = fake.answer("plan", out).plan()
    assert [str(warning) for warning in changes.warnings] == [
        "terraform/modules/dynamodb/main.tf:25 module.dynamodb.aws_dynamodb_table.users: "
        "Argument is deprecated: Use key_schema instead."
    ]


def test_changes_are_read(fake: Fake) -> None:
    """Planned changes are read with action and address, and everything else is passed over."""
    out = "Some text.\n" + lines(VERSION, CREATE, {"type": "change_summary"})
    assert fake.answer("plan", out).plan() == Changes((), (("create", 'aws_x.a["k"]'),))


def test_warning_said_twice_is_one(fake: Fake) -> None:
    """What Terraform says as it validates and again as it plans is one warning."""
    other = message(WARNING | {"summary": "Another"})
    changes = fake.answer("plan", lines(VERSION, *[message(WARNING)] * 2, other)).plan()
    assert [warning.summary for warning in changes.warnings] == [
        "Argument is deprecated",
        "Another",
    ]


def test_outputs_and_state_are_read(fake: Fake) -> None:
    """Outputs come by name, and no state at all is an empty one."""
    terraform = fake.answer("output", json.dumps({"arn": {"value": "x", "type": "string"}}))
    assert terraform.outputs() == {"arn": "x"}
    assert fake.answer("state").state().resources == {}


def test_unformatted_files_are_listed(fake: Fake) -> None:
    """Exit code 3 of fmt is an answer: the files that it would change, as the user knows them."""
    said = "main.tf\n../../modules/dynamodb/main.tf\n"
    assert fake.answer("fmt", said, end="exit 3").unformatted() == [
        "terraform/environments/dev/main.tf",
        "terraform/modules/dynamodb/main.tf",
    ]


def test_arguments(fake: Fake) -> None:
    """Plans use the environment's own values, ask nobody, and never upgrade what is locked."""
    fake.answer("init").init()
    fake.answer("plan", lines(VERSION)).plan(refresh=False)
    init, plan = fake.calls()
    assert {"-lockfile=readonly", "-input=false"} <= set(init)
    values = fake.terraform.directory / "dev.tfvars"
    wanted = {"-input=false", "-refresh=false", "-json", "-out=plan.tfplan", f"-var-file={values}"}
    assert wanted <= set(plan)


# The copy.


def test_state_and_providers_stay_behind(tmp_path: Path) -> None:
    """A copy holds the source and its lock file, and nothing that an earlier run left there."""
    root = tmp_path / "terraform"
    kept = {"main.tf", ".terraform.lock.hcl", "dev.tfvars"}
    left = {"terraform.tfstate", "terraform.tfstate.backup", ".terraform.tfstate.lock.info"}
    (root / ".terraform/providers").mkdir(parents=True)
    for name in kept | left | {"plan.tfplan", "crash.log", ".terraform/providers/aws"}:
        (root / name).touch()
    assert set(fingerprint(copy_tree(root, tmp_path / "copy"))) == kept


def test_copy_that_cannot_be_written(tmp_path: Path) -> None:
    """Where no copy can be made, source and target are named."""
    (tmp_path / "file").touch()
    with pytest.raises(EnvironmentUnavailable, match=r"terraform cannot be copied to .*/file/copy"):
        copy_tree(TERRAFORM, tmp_path / "file/copy")


def test_users_tree_stays_as_it_is(fake: Fake) -> None:
    """No command writes into the user's folder, not even the backend of our own."""
    before = fingerprint(fake.user)
    terraform = fake.answer("init", end="echo left behind > $OLDPWD/.terraform.lock.hcl")
    terraform.init()
    assert fingerprint(fake.user) == before
    assert len(fingerprint(terraform.tree)) == len(before) + 2


def test_clone_carries_the_state(fake: Fake, tmp_path: Path) -> None:
    """A clone starts from the state, runs in a folder of its own, and logs under its own name."""
    (fake.terraform.directory / "terraform.tfstate").write_text("state", encoding="utf-8")
    clone = fake.terraform.clone(
        tmp_path / "clone/terraform", {"PATH": os.environ["PATH"]}, "drift"
    )
    assert (clone.directory / "terraform.tfstate").read_text(encoding="utf-8") == "state"
    fake.answer("apply", lines(VERSION), end="echo more >> $OLDPWD/terraform.tfstate")
    clone.apply()
    assert (fake.terraform.directory / "terraform.tfstate").read_text(encoding="utf-8") == "state"
    assert (tmp_path / "logs/terraform-apply-drift.out").is_file()
