"""Nothing of the user's AWS reaches the embedded one's clients and children, nor they it."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from socket import create_server

import pytest

from tests.kit import HANG
from verification.engine.aws.emulator import EmbeddedAws, sealed
from verification.engine.aws.emulator.isolation import PASSED, environment
from verification.engine.errors import EngineError

pytestmark = pytest.mark.slow

ENDPOINT = "http://127.0.0.1:5000"
SHELL = {
    "AWS_ACCESS_KEY_ID": "users-own",
    "AWS_CA_BUNDLE": "/nowhere/ca.pem",
    "AWS_CONFIG_FILE": "/nowhere/config",
    "AWS_ENDPOINT_URL_DYNAMODB": "https://dynamodb.eu-west-1.amazonaws.com",
    "AWS_MAX_ATTEMPTS": "50",
    "AWS_PROFILE": "prod",
    "AWS_SESSION_TOKEN": "users-own",
    "AWS_USE_FIPS_ENDPOINT": "true",
    "HTTP_PROXY": "http://proxy.invalid:3128",
    "HTTPS_PROXY": "http://proxy.invalid:3128",
    "INITIAL_NO_AUTH_ACTION_COUNT": "0",
    "MOTO_ACCOUNT_ID": "999999999999",
    "TF_CLI_ARGS_apply": "-auto-approve",
    "TF_VAR_environment": "prod",
}
REAL = """
import boto3, botocore.config
config = botocore.config.Config(retries={"total_max_attempts": 1}, connect_timeout=5)
url = "https://sts.us-east-1.amazonaws.com"
boto3.client("sts", endpoint_url=url, config=config).get_caller_identity()
"""
EMBEDDED = "import boto3; print(boto3.client('sts').get_caller_identity()['Account'])"


@pytest.fixture
def _shell(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SHELL.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def world(_shell: None) -> Iterator[EmbeddedAws]:
    """A world started from a shell full of AWS settings."""
    with EmbeddedAws.start() as started:
        yield started


def python(program: str, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a program with exactly this environment."""
    command = [sys.executable, "-c", program]
    return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=HANG)


@pytest.mark.usefixtures("_shell")
def test_only_the_listed_variables_pass(tmp_path: Path) -> None:
    """A child inherits no profile, key, endpoint, proxy or Terraform setting of the user's."""
    child = sealed(os.environ | {"LC_ALL": "C.UTF-8"}, ENDPOINT, tmp_path)
    ours = environment(ENDPOINT)
    passed = child.keys() - ours.keys()
    assert passed <= PASSED | {"HOME", "LC_ALL"} | {name for name in passed if name[:3] == "LC_"}
    assert not passed & set(SHELL)
    assert {"prod", "users-own", "http://proxy.invalid:3128"}.isdisjoint(child.values())
    assert (child["HOME"], child["LC_ALL"]) == (str(tmp_path), "C.UTF-8")


def test_endpoint_must_be_this_machine() -> None:
    """No environment is made for an endpoint, or with a proxy, outside of this machine."""
    with pytest.raises(EngineError, match="loopback"):
        environment("https://sts.us-east-1.amazonaws.com")
    with pytest.raises(EngineError, match="loopback"):
        environment(ENDPOINT, proxy="http://proxy.invalid:3128")


def test_shell_does_not_matter(world: EmbeddedAws) -> None:
    """Server and clients work as ever in a shell full of somebody's AWS settings."""
    assert world.client("sts").get_caller_identity()["Account"] == "123456789012"
    assert world.client("dynamodb").list_tables()["TableNames"] == []
    assert {call.access_key for call in world.calls()} == {"embedded"}


def test_child_reaches_the_embedded_aws(world: EmbeddedAws, tmp_path: Path) -> None:
    """A sealed child finds the embedded AWS without being told more."""
    child = python(EMBEDDED, world.sealed(os.environ, tmp_path))
    assert child.stdout.strip() == "123456789012", child.stderr
    assert [call.operation for call in world.calls()] == ["GetCallerIdentity"]


def test_child_cannot_reach_the_real_aws(tmp_path: Path) -> None:
    """A sealed child that insists on a real endpoint is stopped by the proxy that refuses."""
    child = python(REAL, sealed(os.environ, ENDPOINT, tmp_path))
    assert child.returncode != 0
    assert "ProxyConnectionError" in child.stderr


def test_real_calls_end_at_the_proxy(tmp_path: Path) -> None:
    """The call to the real endpoint goes to the proxy on this machine, and nowhere else."""
    heard: list[bytes] = []
    with create_server(("127.0.0.1", 0)) as proxy:

        def listen() -> None:
            connection, _ = proxy.accept()
            with connection:
                heard.append(connection.recv(4096))

        listener = threading.Thread(target=listen, daemon=True)
        listener.start()
        ours = environment(ENDPOINT, proxy=f"http://127.0.0.1:{proxy.getsockname()[1]}")
        child = python(REAL, sealed(os.environ, ENDPOINT, tmp_path) | ours)
        listener.join(HANG)
    assert child.returncode != 0
    assert heard[0].startswith(b"CONNECT sts.us-east-1.amazonaws.com:443")
