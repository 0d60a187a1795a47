"""What a run against an account refuses before its first test, each with a code and a sentence.

None of this needs a stack: it is applied meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.smoke.account.conftest import user_environment
from tests.kit import verify
from verification.engine.aws.emulator import ACCOUNT, EmbeddedAws

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("applying")]

RUNG = ["verification/smoke", "--target", "aws", "--environment", "dev"]
ALLOWED = [*RUNG, "--allow-account", ACCOUNT]
CLOSED = "http://127.0.0.1:9"


@pytest.fixture(name="world", scope="module")
def _world(empty_aws: EmbeddedAws) -> Iterator[EmbeddedAws]:
    """An account with nothing in it."""
    with empty_aws.fork() as started:
        yield started


@pytest.fixture(name="environ")
def _environ(world: EmbeddedAws, tmp_path: Path) -> dict[str, str]:
    return user_environment(world, tmp_path)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["verification/smoke", "--target", "aws"], "expected exactly one --environment"),
        ([*ALLOWED, "--environment", "prod"], "expected exactly one --environment"),
        (RUNG, "set the account that may be written to, by --allow-account or FILESHARE_ALLOWED"),
        ([*RUNG, "--allow-account", "12345"], "12345 is not an account id; expected twelve digits"),
        (["verification", *ALLOWED[1:]], "the sandbox rung applies and destroys, on the embedded"),
        ([*ALLOWED, "--base-url", "dev.example.com"], "expected https://host"),
        ([*ALLOWED, "--region", "us-moon-1"], "--region us-moon-1: not an AWS region"),
        (
            ["verification/smoke", "--base-url", CLOSED],
            "--base-url: allowed only with --target aws",
        ),
        (["verification/smoke", "--read-only"], "--read-only: allowed only with --target aws"),
    ],
    ids=["none", "two", "no list", "no id", "sandbox", "no url", "region", "embedded", "read"],
)
def test_usage(arguments: list[str], says: str, environ: dict[str, str], tmp_path: Path) -> None:
    """Options that are missing, make no sense or do not go together end with 4."""
    outcome = verify(tmp_path / "reports", *arguments, environ=environ)
    assert (outcome.code, says in outcome.output) == (4, True), outcome.output


def test_another_account_is_not_even_read(
    world: EmbeddedAws, environ: dict[str, str], tmp_path: Path
) -> None:
    """Credentials of an account that is not allowed: one question to STS, and no other call."""
    before = len(world.calls())
    outcome = verify(tmp_path, *RUNG, "--allow-account", "999999999999", environ=environ)
    calls = [f"{call.service}:{call.operation}" for call in world.calls()[before:]]
    assert (outcome.code, calls) == (7, ["sts:GetCallerIdentity"])
    assert f"The credentials are for account {ACCOUNT} (arn:" in outcome.output
    assert f"add --allow-account {ACCOUNT} if it may be written to." in outcome.output
    assert "Traceback" not in outcome.output


def test_the_list_may_be_a_variable(environ: dict[str, str], tmp_path: Path) -> None:
    """FILESHARE_ALLOWED_ACCOUNTS is the allow-list where no option is, as in a workflow."""
    given = environ | {"FILESHARE_ALLOWED_ACCOUNTS": "999999999999, 888888888888"}
    outcome = verify(tmp_path, *RUNG, environ=given)
    assert outcome.code == 7
    assert "which is not allowed; allowed: 888888888888, 999999999999." in outcome.output


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"AWS_ENDPOINT_URL": CLOSED}, f'Could not connect to the endpoint URL: "{CLOSED}/".'),
        ({"AWS_ACCESS_KEY_ID": ""}, "Unable to locate credentials. Check the AWS_ variables"),
        ({"AWS_PROFILE": "nobody"}, "The config profile (nobody) could not be found."),
        ({"AWS_REGION": "", "AWS_DEFAULT_REGION": ""}, "no region is set. Add --region."),
    ],
    ids=["dead endpoint", "no credentials", "no profile", "no region"],
)
def test_nobody_to_ask(
    changes: dict[str, str], says: str, environ: dict[str, str], tmp_path: Path
) -> None:
    """Without an AWS that answers, or anyone to ask it as, the run ends with 7."""
    kept = {name: value for name, value in (environ | changes).items() if value}
    outcome = verify(tmp_path, *ALLOWED, environ=kept)
    assert (outcome.code, says in outcome.output) == (7, True), outcome.output
    assert outcome.output.rstrip().endswith("(exit code 7)")


def test_nothing_is_deployed(environ: dict[str, str], tmp_path: Path) -> None:
    """An account without the service ends with 3, and the cluster is named."""
    outcome = verify(tmp_path, *ALLOWED, environ=environ)
    assert outcome.code == 3
    assert "DescribeServices failed" in outcome.output
    assert outcome.results["account"] == ACCOUNT


def test_what_terraform_told_is_read(environ: dict[str, str], tmp_path: Path) -> None:
    """A file that does not hold Terraform's outputs ends with 3 and its name."""
    file = tmp_path / "outputs.json"
    file.write_text("[]", encoding="utf-8")
    outcome = verify(tmp_path, *ALLOWED, "--terraform-outputs", file, environ=environ)
    says = f"{file} is not the output of `terraform output -json`"
    assert (outcome.code, says in outcome.output) == (3, True), outcome.output
