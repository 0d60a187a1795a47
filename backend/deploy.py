"""Deploys the backend to one environment, and waits for the end of that deployment.

    python -m backend.deploy --environment dev [--image URI] [--smoke COMMAND]

Reads all parameters under the environment's path, and sets them as environment variables in a new
revision of the task definition, based on the newest one, which has Terraform's changes. Then
updates the service, waits for exactly this deployment, and runs a smoke command. Without --image
the service's image is deployed again, to apply changed parameters. Nothing is changed if the
backend would not start with these variables. If the SDK repeats a call whose answer was lost, there
is one more equal revision or deployment; the last one is followed.

Clients use the shell's credentials and region; AWS_ENDPOINT_URL directs them to an emulator.
Actions used: ssm:GetParametersByPath; ecs:DescribeServices, DescribeTaskDefinition,
RegisterTaskDefinition, TagResource, UpdateService, ListTasks, DescribeTasks; iam:PassRole on the
task's two roles. A SecureString is passed as a secret, so the execution role must be allowed to
read it: see `secret_parameters` of the environment. If $GITHUB_STEP_SUMMARY is set, a summary is
appended there.

Exit codes: 0 deployed; 1 rolled back, failed, or replaced by another deployment; 2 wrong arguments;
3 AWS refused or cannot be reached, or parameters are missing or wrong; 4 not completed in time;
5 deployed, but the smoke command failed: what was deployed serves; 130 interrupted.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import boto3
from botocore.config import Config as BotoConfig
from botocore.exceptions import BotoCoreError, ClientError

from backend.deployment import revision, rollout
from backend.deployment.report import Report, append_summary
from backend.deployment.rollout import Ended, Outcome, Patience, Started
from backend.deployment.target import DeployError, Target, describe_service
from backend.deployment.trouble import tell_trouble
from backend.deployment.variables import check_configuration, read_variables

PROJECT = "file-sharing-app"
PARAMETER_PATH = "/fileshare/{environment}/"
SMOKE_SECONDS = 1800.0
TIDY_SECONDS = 300.0
"""What a smoke command has to remove its users and to report, once it was told to end."""

EXIT_DEPLOYED, EXIT_FAILED, EXIT_USAGE, EXIT_AWS, EXIT_TIMED_OUT, EXIT_SMOKE = range(6)
EXIT_INTERRUPTED = 130
_EXITS = {Outcome.COMPLETED: EXIT_DEPLOYED, Outcome.TIMED_OUT: EXIT_TIMED_OUT}
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
_IMAGE = re.compile(r"[\w.:/-]+(:[\w.-]+|@sha256:[0-9a-f]{64})")


def main(
    argv: Sequence[str] | None = None,
    *,
    ecs: Any = None,
    ssm: Any = None,
    environ: Mapping[str, str] | None = None,
    patience: Patience | None = None,
) -> int:
    """Deploy with these arguments; returns the exit code. Clients may be passed."""
    environ = os.environ if environ is None else environ
    try:
        arguments = parse(argv)
        patience = patience or Patience(arguments.timeout, _say)
        patience = replace(patience, timeout=arguments.timeout)
        ecs, ssm = ecs or _client("ecs", environ), ssm or _client("ssm", environ)
        report = deploy(ecs, ssm, arguments, patience)
        return finish(report, arguments.smoke, environ, patience)
    except DeployError as error:
        return _give_up(EXIT_AWS, str(error))
    except ClientError as error:
        return _give_up(EXIT_AWS, _refusal(error))
    except BotoCoreError as error:
        return _give_up(EXIT_AWS, f"AWS cannot be used: {error}. Check credentials and region.")
    except KeyboardInterrupt:
        return _give_up(EXIT_INTERRUPTED, "Interrupted. ECS continues the deployment.")


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """The checked arguments. Exits with 2 and one sentence if they are wrong."""
    parser = argparse.ArgumentParser(prog="python -m backend.deploy", allow_abbrev=False)
    parser.add_argument("--environment", required=True, type=_name, help="such as dev")
    parser.add_argument("--project", default=PROJECT, type=_name, help="default: %(default)s")
    parser.add_argument("--image", type=_image, help="URI (default: the image that runs)")
    parser.add_argument("--parameter-path", metavar="PATH", help=f"default: {PARAMETER_PATH}")
    parser.add_argument(
        "--smoke",
        type=_command,
        default="none",
        help="command to run after the deployment, or none (default)",
    )
    parser.add_argument(
        "--timeout", type=_seconds, default=900.0, help="seconds to wait (default: 900)"
    )
    arguments = parser.parse_args(argv)
    path = arguments.parameter_path or PARAMETER_PATH.format(environment=arguments.environment)
    arguments.parameter_path = f"/{path.strip('/')}/"
    return arguments


def deploy(ecs: Any, ssm: Any, arguments: argparse.Namespace, patience: Patience) -> Report:
    """Make one deployment and wait for its end.

    Raises:
        DeployError: something is missing; nothing was changed.
    """
    target = Target(arguments.project, arguments.environment, arguments.parameter_path)
    variables = read_variables(ssm, target.parameter_path)
    before = describe_service(ecs, target)
    previous = revision.running_image(ecs, before)
    image = arguments.image or previous
    if not image:
        raise DeployError(
            f"Service {target.service} never had an image, only Terraform's placeholder: "
            "name one with --image."
        )
    wanted = revision.next_revision(revision.newest(ecs, target.family), image, variables)
    check_configuration(*revision.environment_of(wanted))
    if not rollout.has_fallback(before):
        patience.say(f"{target.service} has no completed deployment to roll back to.")
    made = ecs.register_task_definition(**wanted)["taskDefinition"]["taskDefinitionArn"]
    patience.say(f"registered {made.rpartition('/')[2]} with {', '.join(variables.names)}")
    started = rollout.start(ecs, target, before, made)
    patience.say(f"started {started.id} of {target.service} with {image}")
    ended = watch(ecs, target, started, patience)
    report = Report(target, image, tuple(variables.names), started, ended, previous)
    if ended.outcome is Outcome.COMPLETED:
        return report
    return replace(report, trouble=tuple(tell_trouble(ecs, target, started, ended)))


def watch(ecs: Any, target: Target, started: Started, patience: Patience) -> Ended:
    """Wait for the end of the deployment.

    Raises:
        DeployError: ECS no longer answers. The deployment continues.
    """
    try:
        return rollout.follow(ecs, target, started, patience)
    except (BotoCoreError, ClientError) as error:
        raise DeployError(
            f"Deployment {started.id} continues, but its state is unknown: {error}. Check "
            f"service {target.service} before deploying again."
        ) from error


def finish(report: Report, smoke: list[str], environ: Mapping[str, str], patience: Patience) -> int:
    """Run the smoke command after a success, report, and return the exit code."""
    for line in (report.sentence(), *report.trouble):
        patience.say(line)
    code = _EXITS.get(report.ended.outcome, EXIT_FAILED)
    if code == EXIT_DEPLOYED and smoke:
        report = replace(report, smoke=_run_smoke(smoke))
        patience.say(f"smoke: {report.smoke}")
        if report.smoke != "passed":
            code = EXIT_SMOKE
            patience.say(report.way_back())
    if path := environ.get("GITHUB_STEP_SUMMARY"):
        try:
            append_summary(path, report)
        except OSError as error:
            patience.say(f"the summary cannot be written: {error}")
    return code


def _run_smoke(command: list[str]) -> str:
    """What came of it. Whatever ends it ends its children, too, after they have tidied up."""
    process = subprocess.Popen(command, start_new_session=True)
    try:
        code = process.wait(SMOKE_SECONDS)
    except subprocess.TimeoutExpired:
        _end(process)
        return f"failed: no end after {SMOKE_SECONDS:g} s, so it was ended"
    except KeyboardInterrupt:
        _end(process)
        raise
    return "passed" if code == 0 else f"failed: `{command[0]}` ended with {code}"


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a command and all that it started: make alone would leave pytest at work."""
    deadline = time.monotonic() + TIDY_SECONDS
    _send(process, signal.SIGTERM)
    while _send(process, 0) and time.monotonic() < deadline:
        time.sleep(0.1)
    _send(process, signal.SIGKILL)
    process.wait()


def _send(process: subprocess.Popen[bytes], number: int) -> bool:
    """Send a signal to a command's whole group; says whether anybody of it was there."""
    process.poll()
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return False
    return True


def _client(service: str, environ: Mapping[str, str]) -> Any:
    # boto3 reads only AWS_DEFAULT_REGION; containers and most tools use AWS_REGION.
    settings = BotoConfig(
        connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 6}
    )
    return boto3.client(service, region_name=environ.get("AWS_REGION") or None, config=settings)


def _refusal(error: ClientError) -> str:
    code = error.response.get("Error", {}).get("Code", "an error")
    said = error.response.get("Error", {}).get("Message", "").rstrip(".")
    denied = "denied" in code.lower() or "denied" in said.lower()
    remedy = "Allow it for the deploying role." if denied else "Fix that and deploy again."
    return f"{error.operation_name} failed with {code}: {said}. {remedy}"


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a name such as dev: use a-z, 0-9 and -")
    return text


def _image(text: str) -> str:
    if not _IMAGE.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} has no tag or digest: use repository:tag")
    return text


def _command(text: str) -> list[str]:
    words = [] if text == "none" else shlex.split(text)
    if words and shutil.which(words[0]) is None:
        raise argparse.ArgumentTypeError(f"{words[0]!r} is not a command: install it or use none")
    return words


def _seconds(text: str) -> float:
    if not re.fullmatch(r"\d+(\.\d+)?", text) or float(text) <= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return float(text)


def _say(line: str) -> None:
    print(line, flush=True)


def _give_up(code: int, sentence: str) -> int:
    print(f"backend.deploy: {sentence}", file=sys.stderr, flush=True)
    return code


if __name__ == "__main__":
    # A cancelled job is ended by SIGTERM: the smoke command must end with it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
