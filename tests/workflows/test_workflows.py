"""The workflows: pinned, least privileged, the verbs that people use, and arguments that parse."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from backend import deploy
from tests.kit import HANG, REPOSITORY, verify
from verification.engine.checkov.register import read_register
from verification.model.contract import load_contract

FOLDER = REPOSITORY / ".github" / "workflows"
PRE_COMMIT = REPOSITORY / ".pre-commit-config.yaml"
WORKFLOWS = sorted(FOLDER.glob("*.yml"))
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+){2}")
# Everything that a workflow may be granted, and which of them may have it.
GRANTED = {"contents": {"read"}, "id-token": {"write"}, "security-events": {"write"}}
KEYLESS = {"deploy-backend.yml", "smoke.yml"}

each_workflow = pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)


def read(file: Path) -> dict[str, Any]:
    """A workflow as data; YAML takes its key `on` for true."""
    data: dict[Any, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return {str(key).replace("True", "on"): value for key, value in data.items()}


def jobs(file: Path) -> dict[str, dict[str, Any]]:
    """The jobs of a workflow."""
    found: dict[str, dict[str, Any]] = read(file)["jobs"]
    return found


def steps(file: Path) -> Iterator[dict[str, Any]]:
    """Every step of a workflow."""
    for job in jobs(file).values():
        yield from job.get("steps", ())


def step(file: str, part: str) -> dict[str, Any]:
    """The one step of a workflow that uses or runs something."""
    [found] = [s for s in steps(FOLDER / file) if part in s.get("uses", "") + s.get("run", "")]
    return found


def test_all_workflows_are_there() -> None:
    """The tests below look at these files, and at no others."""
    names = ["deploy-backend.yml", "smoke.yml", "verify.yml"]
    assert [file.name for file in WORKFLOWS] == names


def test_zizmor_finds_nothing() -> None:
    """The linter of workflows, in its strictest voice, has nothing to say."""
    zizmor = str(Path(sys.executable).with_name("zizmor"))
    options = ["--offline", "--persona=auditor", "--strict-collection", "--no-progress", "--quiet"]
    command = [zizmor, *options, "--collect=all", "--format=plain", str(FOLDER), str(PRE_COMMIT)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=HANG, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_zizmor_would_find_something(tmp_path: Path) -> None:
    """A workflow that hands a user's words to the shell does not pass: the test above looks."""
    step = "{run: 'echo ${{ github.event.issue.title }}'}"
    bad = f"on: issues\njobs: {{a: {{runs-on: x, steps: [{step}]}}}}"
    (tmp_path / "bad.yml").write_text(bad, encoding="utf-8")
    zizmor = str(Path(sys.executable).with_name("zizmor"))
    command = [zizmor, "--offline", "--no-progress", "--quiet", str(tmp_path / "bad.yml")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=HANG, check=False)
    assert done.returncode not in (0, 1, 2)
    assert "template-injection" in done.stdout


@each_workflow
def test_actions_are_pinned_by_commit(file: Path) -> None:
    """Every action is a full commit id, with its version beside it for people."""
    used = re.findall(r"uses: ([^$].*)", file.read_text(encoding="utf-8"))
    assert used
    assert [line for line in used if not PINNED.fullmatch(line)] == []


def test_one_version_of_each_action() -> None:
    """All workflows use the same commit of an action."""
    used = {use for file in WORKFLOWS for s in steps(file) for use in [s.get("uses")] if use}
    names = [use.partition("@")[0] for use in used]
    assert len(names) == len(set(names))


@each_workflow
def test_permissions_are_least(file: Path) -> None:
    """Nothing by default; each job reads the repository, and only deployments get a token."""
    assert read(file)["permissions"] == {}
    for job in jobs(file).values():
        assert all(value in GRANTED[name] for name, value in job["permissions"].items())
        assert ("id-token" in job["permissions"]) == (file.name in KEYLESS)


@each_workflow
def test_jobs_end(file: Path) -> None:
    """No job hangs for GitHub's six hours, and none runs twice at a time."""
    made = [job for job in jobs(file).values() if "uses" not in job]
    assert all(job["timeout-minutes"] <= 60 for job in made)
    assert read(file)["concurrency"]["cancel-in-progress"] is (file.name == "verify.yml")


@each_workflow
def test_checkouts_keep_no_credentials(file: Path) -> None:
    """The repository's token is not left on the disk."""
    found = [s for s in steps(file) if s.get("uses", "").startswith("actions/checkout@")]
    assert found
    assert all(s["with"]["persist-credentials"] is False for s in found)


@pytest.mark.parametrize("file", ["smoke.yml", "verify.yml"])
def test_reports_are_kept_after_a_failure(file: str) -> None:
    """What explains a failure is uploaded because of it, not in spite of it."""
    kept = step(file, "upload-artifact")
    assert kept["with"]["path"] == "reports/"
    assert kept["if"] == "${{ !cancelled() }}"


@pytest.mark.parametrize("file", [*WORKFLOWS[1:], PRE_COMMIT], ids=lambda file: file.name)
def test_verbs_of_make_exist(file: Path) -> None:
    """Every verb that is named is one that people have, too."""
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    verbs = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    text = re.sub(r"#.*", "", file.read_text(encoding="utf-8"))
    named = set(re.findall(r"\bmake ([a-z]+)", text))
    assert named
    assert named - verbs == set()


def test_gate_runs_tests_and_ladder() -> None:
    """What is required before a merge is what the README tells people to type."""
    events = read(FOLDER / "verify.yml")["on"]
    runs = [s["run"] for s in steps(FOLDER / "verify.yml") if "run" in s]
    assert (set(events), events["push"]) == ({"pull_request", "push"}, {"branches": ["main"]})
    verbs = ["make test", "make coverage", "make verify"]
    assert [run for run in runs if run.startswith("make")] == verbs


def test_gate_verifies_with_every_python() -> None:
    """Those that pyproject.toml names; the first is the oldest that make and packages accept."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    said = [text.rpartition(" ")[2] for text in project["classifiers"] if "Python :: " in text]
    [job] = jobs(FOLDER / "verify.yml").values()
    assert job["strategy"]["matrix"]["python"] == said
    assert project["requires-python"] == f">={said[0]}"
    assert step("verify.yml", "setup-python")["with"]["python-version"] == "${{ matrix.python }}"


def test_summary_is_shown_after_a_failure(tmp_path: Path) -> None:
    """What the ladder's run says in short becomes the job's summary, above all if it failed."""
    summarise = step("verify.yml", "summary.md")
    assert "!cancelled() && matrix.verb == 'verify'" in summarise["if"]
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "summary.md").write_text("## Failed: links.\n", encoding="utf-8")
    shown = tmp_path / "shown"
    shell(f"cd {tmp_path}\n{summarise['run']}", tmp_path, GITHUB_STEP_SUMMARY=str(shown))
    assert shown.read_text(encoding="utf-8") == "## Failed: links.\n"


def test_gates_terraform_is_the_one_that_is_pinned() -> None:
    """The gate plans with a Terraform that every environment's bounds allow."""
    version = step("verify.yml", "setup-terraform")["with"]["terraform_version"]
    bounds = (REPOSITORY / "terraform/environments/dev/versions.tf").read_text(encoding="utf-8")
    [(low, high)] = re.findall(r'required_version = ">= ([\d.]+), < ([\d.]+)"', bounds)
    parts = [tuple(map(int, text.split("."))) for text in (low, version, high)]
    assert parts[0] <= parts[1] < parts[2]


@pytest.mark.parametrize(
    ("file", "job"), [("deploy-backend.yml", "deploy"), ("smoke.yml", "smoke")]
)
def test_jobs_are_guarded_by_their_environment(file: str, job: str) -> None:
    """GitHub's protection rules and the role belong to the environment that is worked on."""
    workflow = read(FOLDER / file)
    choice = workflow["on"]["workflow_dispatch"]["inputs"]["environment"]
    environments = sorted(path.name for path in (REPOSITORY / "terraform/environments").iterdir())
    assert (choice["type"], choice["required"]) == ("choice", True)
    assert sorted(choice["options"]) == environments
    assert workflow["jobs"][job]["environment"] == "${{ inputs.environment }}"
    group = f"{file.removesuffix('.yml')}-${{{{ inputs.environment }}}}"
    assert workflow["concurrency"]["group"] == group
    role = f"${{{{ vars.AWS_{job.upper()}_ROLE_ARN }}}}"
    region = "${{ vars.AWS_REGION }}"
    given = step(file, "configure-aws")["with"]
    assert given == {"role-to-assume": role, "aws-region": region}


def test_each_deployment_is_tested() -> None:
    """After the deployment, by a workflow of its own, whose role is another."""
    after = jobs(FOLDER / "deploy-backend.yml")["smoke"]
    assert (after["needs"], after["uses"]) == ("deploy", "$/.github/workflows/smoke.yml")
    assert after["with"] == {"environment": "${{ inputs.environment }}"}


def test_roles_trust_the_workflows_that_are_there() -> None:
    """The contract names the file whose jobs assume each role."""
    pipeline = load_contract(REPOSITORY / "verification" / "contract.toml").pipeline
    assert pipeline is not None
    assert {role.workflow for role in pipeline.roles} == KEYLESS


def shell(script: str, tools: Path, **variables: str) -> str:
    """Run a step's script as GitHub does, with nothing on the path but `tools` and the system's."""
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        env={"PATH": f"{tools}:/usr/bin:/bin", **variables},
        capture_output=True,
        text=True,
        timeout=HANG,
        check=True,
    )
    return done.stdout


def tool(folder: Path, name: str, script: str) -> None:
    """Put a stand-in for a command into a folder."""
    path = folder / name
    path.write_text(f"#!/bin/bash\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


def test_arguments_of_the_deployment_parse(tmp_path: Path) -> None:
    """What the workflow's shell hands to backend.deploy is what that takes."""
    tool(tmp_path, "python", 'printf "%s\\n" "$@"')
    script = step("deploy-backend.yml", "backend.deploy")["run"]
    words = shell(script, tmp_path, ENVIRONMENT="dev", IMAGE="registry/x:1").splitlines()
    assert words[:2] == ["-m", "backend.deploy"]
    arguments = deploy.parse(words[2:])
    assert (arguments.environment, arguments.image) == ("dev", "registry/x:1")
    assert arguments.parameter_path == "/fileshare/dev/"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("base_url", "read_only"), [("", ""), ("https://dev.example.com", "--read-only")]
)
def test_arguments_of_the_smoke_rung_parse(tmp_path: Path, base_url: str, read_only: str) -> None:
    """What the workflow hands to the smoke rung is what that takes, up to asking AWS (7)."""
    tool(tmp_path, "make", 'printf "%s\\n" "$@"')
    script = step("smoke.yml", "make smoke")
    given = {"ENVIRONMENT": "dev", "READ_ONLY": read_only, "BASE_URL": base_url}
    assert set(script["env"]) == {*given, "FILESHARE_ALLOWED_ACCOUNTS"}
    assert (
        script["env"]["READ_ONLY"] == "${{ inputs.environment == 'prod' && '--read-only' || '' }}"
    )
    verb, words = shell(script["run"], tmp_path, **given).splitlines()
    options = shlex.split(words.removeprefix("ARGS="))
    assert verb == "smoke"
    assert ("--base-url" in options, "--read-only" in options) == (bool(base_url), bool(read_only))
    environ = {"PATH": os.environ["PATH"], "FILESHARE_ALLOWED_ACCOUNTS": "123456789012"}
    environ |= {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_DEFAULT_REGION": "us-east-1"}
    environ |= {"AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"}
    outcome = verify(tmp_path, "verification/smoke", *options, environ=environ)
    assert outcome.code == 7, outcome.output


NO_IMAGE = "An error occurred (ImageNotFoundException) when calling DescribeImages"
NO_RIGHT = "An error occurred (AccessDeniedException) when calling DescribeImages"


def image_step(folder: Path, aws: str) -> list[str]:
    """Run the step that makes the image, with an `aws` that does this; gives docker's calls."""
    calls = folder / "calls"
    calls.touch()
    tool(folder, "docker", f'echo "$@" >> {calls}')
    tool(folder, "aws", aws)
    script = step("deploy-backend.yml", "docker build")["run"]
    variables = {"ENVIRONMENT": "dev", "REGISTRY": "registry", "GITHUB_SHA": "abc"}
    shell(script, folder, GITHUB_OUTPUT=str(folder / "output"), **variables)
    return calls.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(
    ("aws", "pushed"),
    [(f"echo '{NO_IMAGE}' >&2; exit 254", True), ("echo '{}'", False)],
    ids=["new", "deployed before"],
)
def test_image_is_pushed_once_for_a_commit(tmp_path: Path, aws: str, pushed: bool) -> None:
    """Tags cannot change: deploying a commit again, as a rollback does, uses its image."""
    image = "registry/file-sharing-app-dev-backend:abc"
    calls = image_step(tmp_path, aws)
    assert (tmp_path / "output").read_text(encoding="utf-8") == f"uri={image}\n"
    assert (f"push {image}" in calls) is pushed
    assert all("--platform linux/amd64" in call for call in calls if call.startswith("build"))


def test_unanswered_question_is_not_no_image(tmp_path: Path) -> None:
    """Where ECR does not tell whether there is an image, nothing is built and the job ends."""
    with pytest.raises(subprocess.CalledProcessError) as ended:
        image_step(tmp_path, f"echo '{NO_RIGHT}' >&2; exit 254")
    assert f"exists: {NO_RIGHT}" in ended.value.stdout
    assert not (tmp_path / "calls").read_text(encoding="utf-8")


def test_hooks_are_local() -> None:
    """Hooks run what is locked here; nothing is fetched from another repository."""
    [source] = yaml.safe_load(PRE_COMMIT.read_text(encoding="utf-8"))["repos"]
    assert source["repo"] == "local"
    assert all(hook["language"] == "system" for hook in source["hooks"])


def test_every_part_has_an_owner() -> None:
    """What the owners' file names is there, and so are the owners whom the register names."""
    text = (REPOSITORY / ".github" / "CODEOWNERS").read_text(encoding="utf-8")
    lines = [line.split() for line in text.splitlines() if not line.startswith("#")]
    assert lines[0][0] == "*"
    assert [path for path, *_ in lines[1:] if not (REPOSITORY / path.strip("/")).is_dir()] == []
    teams = {owner.rpartition("/")[2] for _, *owners in lines for owner in owners}
    assert {entry.owner for entry in read_register(REPOSITORY / "policies").entries} <= teams
