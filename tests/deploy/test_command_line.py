"""The command itself: arguments, what AWS refuses, and a whole run over AWS_ENDPOINT_URL."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from backend import deploy
from tests.deploy.kit import CLUSTER, NEW, SERVICE, ScriptedEcs
from tests.kit import HANG, wait_for
from verification.engine.aws.emulator import EmbeddedAws, environment

pytestmark = pytest.mark.slow

COMMAND = (sys.executable, "-m", "backend.deploy")
Run = Callable[..., int]
WRONG = {
    "no environment": [],
    "no name": ["--environment", "Dev/../prod"],
    "image without a tag": ["--environment", "dev", "--image", "repository"],
    "no such command": ["--environment", "dev", "--smoke", "no-such-command-here"],
    "no time": ["--environment", "dev", "--timeout", "0"],
    "half a quote": ["--environment", "dev", "--smoke", "true '"],
    "abbreviated": ["--env", "dev"],
}


@pytest.mark.parametrize("arguments", WRONG.values(), ids=WRONG.keys())
def test_wrong_arguments_exit_2(arguments: list[str]) -> None:
    """Nothing is asked of AWS."""
    with pytest.raises(SystemExit) as ended:
        deploy.main(arguments, ecs=object(), ssm=object())
    assert ended.value.code == deploy.EXIT_USAGE


def test_parameter_path_is_the_plans() -> None:
    """Without a word parameters come from /fileshare/{env}/; another path gets its slashes."""
    assert deploy.parse(["--environment", "dev"]).parameter_path == "/fileshare/dev/"
    words = ["--environment", "dev", "--parameter-path", "/test-1/dev"]
    assert deploy.parse(words).parameter_path == "/test-1/dev/"


def test_exit_codes_are_distinct_and_documented() -> None:
    """Each end has a code of its own, and the command's own help for them."""
    codes = [value for name, value in vars(deploy).items() if name.startswith("EXIT_")]
    text = (deploy.__doc__ or "").partition("Exit codes:")[2]
    assert len(codes) == len(set(codes))
    assert all(f"{code} " in text for code in codes)


def test_refusal_names_operation_and_remedy(
    run: Run, scripted: Callable[..., ScriptedEcs], monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """A missing permission of the deploy role says which one it is."""

    def refuse(**_: Any) -> None:
        said = {"Error": {"Code": "AccessDeniedException", "Message": "not authorized"}}
        raise ClientError(said, "RegisterTaskDefinition")

    ecs = scripted()
    monkeypatch.setattr(ecs, "register_task_definition", refuse, raising=False)
    assert run(ecs=ecs) == deploy.EXIT_AWS
    said = capsys.readouterr().err
    assert "RegisterTaskDefinition failed with AccessDeniedException: not authorized" in said
    assert "Allow it for the deploying role." in said


def test_missing_service_exits_3(world: EmbeddedAws, run: Run, capsys: Any) -> None:
    """An environment that was never applied is named, with what to do."""
    world.client("ecs").delete_service(cluster=CLUSTER, service=SERVICE, force=True)
    assert run(ecs=world.client("ecs")) == deploy.EXIT_AWS
    said = f"Cluster {CLUSTER} has no active service {SERVICE}: apply"
    assert said in capsys.readouterr().err


def variables(endpoint: str) -> dict[str, str]:
    """The whole environment of the command."""
    return {"PATH": os.environ["PATH"]} | environment(endpoint)


def run_command(endpoint: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a process that knows the emulator by its environment alone."""
    return subprocess.run(
        [*COMMAND, *arguments],
        env=variables(endpoint),
        capture_output=True,
        text=True,
        timeout=HANG,
        check=False,
    )


def test_whole_command_deploys_to_an_emulator(world: EmbeddedAws) -> None:
    """The same command, given AWS_ENDPOINT_URL, deploys to the embedded AWS."""
    done = run_command(world.endpoint, "--environment", "dev", "--image", NEW, "--smoke", "true")
    assert (done.returncode, done.stderr) == (deploy.EXIT_DEPLOYED, "")
    assert f"{SERVICE} runs {NEW}, 1 task" in done.stdout
    assert done.stdout.endswith("smoke: passed\n")


def test_ended_command_ends_its_smoke_command(world: EmbeddedAws, tmp_path: Path) -> None:
    """A cancelled job gets SIGTERM: what the smoke command started ends with it."""
    pid = tmp_path / "pid"
    smoke = f"bash -c 'sleep {HANG} & echo $! > {pid}; wait'"
    arguments = ["--environment", "dev", "--image", NEW, "--smoke", smoke]
    with subprocess.Popen([*COMMAND, *arguments], env=variables(world.endpoint)) as command:
        wait_for(lambda: pid.exists() and pid.read_text(encoding="utf-8"))
        command.terminate()
        assert command.wait(HANG) == deploy.EXIT_INTERRUPTED
    wait_for(lambda: not Path(f"/proc/{pid.read_text(encoding='utf-8').strip()}").exists())


def test_unreachable_aws_is_one_sentence() -> None:
    """No stack trace where nothing listens."""
    done = run_command("http://127.0.0.1:9", "--environment", "dev", "--image", NEW)
    assert done.returncode == deploy.EXIT_AWS
    assert done.stderr.startswith("backend.deploy: AWS cannot be used: ")
    assert done.stderr.count("\n") == 1
