"""A stack that plain Terraform applied to an emulator: a deployment that the suite did not make.

To the suite, which runs as a command of its own, it is an account behind AWS_ENDPOINT_URL. Deploy
and suite act as the roles that terraform/bootstrap makes for them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.kit import HANG, REPOSITORY, Outcome, copy_terraform, verify
from verification.engine.aws.emulator import ACCOUNT, EmbeddedAws
from verification.engine.terraform.cli import GO
from verification.engine.terraform.installation import find_installation, locked_version

CLUSTER = "file-sharing-app-dev"
SERVICE = f"{CLUSTER}-backend"
# The embedded AWS can tell of these alone which resource a call is about.
TELLING = ("dynamodb:", "s3:", "ssm:")


@dataclass(frozen=True)
class Site:
    """A deployment in an account: the emulator that plays AWS, and where it answers."""

    world: EmbeddedAws
    base_url: str
    environ: Mapping[str, str]
    outputs: Path

    def verify(self, reports: Path, *arguments: str | Path, **environ: str) -> Outcome:
        """Run the smoke rung against it as a user would."""
        command = [*self.command(), *arguments]
        return verify(reports, *command, environ=dict(self.environ) | environ)

    def command(self) -> list[str]:
        """The rung, and the options that choose this site."""
        chosen = ["--target", "aws", "--environment", "dev", "--allow-account", ACCOUNT]
        return ["verification/smoke", *chosen, "--base-url", self.base_url]

    def output(self, name: str) -> str:
        """One of Terraform's outputs."""
        return str(json.loads(self.outputs.read_text(encoding="utf-8"))[name]["value"])

    def service(self) -> dict[str, Any]:
        """The service as ECS describes it."""
        ecs = self.world.client("ecs")
        found = ecs.describe_services(cluster=CLUSTER, services=[SERVICE])["services"]
        return dict(found[0])

    def left_over(self) -> list[str]:
        """Users, items and files: none was there before a run."""
        cognito, s3 = self.world.client("cognito-idp"), self.world.client("s3")
        users = cognito.list_users(UserPoolId=self.output("user_pool_id"))["Users"]
        found = [user["Username"] for user in users]
        for key in ("users", "urls"):
            table = self.output(f"{key}_table_name")
            found += map(str, self.world.client("dynamodb").scan(TableName=table)["Items"])
        files = s3.list_object_versions(Bucket=self.output("uploads_bucket_name"))
        return found + [one["Key"] for one in files.get("Versions", ())]

    def unused(self, job: str) -> set[str]:
        """The actions of a job's role that no call of it needed."""
        documents = policies(self.world, job).values()
        granted = {a for one in documents for s in one["Statement"] for a in listed(s["Action"])}
        asked = [asked for call in self.world.calls() for asked in call.asked]
        role = f"role/{CLUSTER}-{job}"
        return granted - {action for who, action, _ in asked if who.endswith(role)}

    def acting_as(self, without: str = "", reading: bool = False) -> Site:
        """The same site for the role of the smoke test, without an action, or as in prod."""
        if reading:
            self.world.client("iam").delete_role_policy(
                RoleName=f"{CLUSTER}-smoke", PolicyName="writes"
            )
        return replace(self, environ=dict(self.environ) | assume(self.world, "smoke", without))


def user_environment(world: EmbeddedAws, home: Path) -> dict[str, str]:
    """What a user's shell would hold: credentials, a region, an endpoint, and no seal."""
    kept = {name: os.environ[name] for name in ("PATH", "CHROMIUM") if name in os.environ}
    aws = {k: v for k, v in world.environment().items() if k.startswith("AWS_")}
    return kept | aws | {"HOME": str(home)}


@pytest.fixture(scope="session", name="applying")
def _applying(
    empty_aws: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Future[Site]]:
    """Plain Terraform at work in the background."""
    folder = tmp_path_factory.mktemp("site")
    with empty_aws.fork() as world, ThreadPoolExecutor(1) as background:
        yield background.submit(make_site, world, folder)


@pytest.fixture(scope="session", name="applied")
def _applied(applying: Future[Site]) -> Site:
    """The environment dev, applied and deployed, with IAM enforced; nothing runs in it yet."""
    return applying.result()


@pytest.fixture(name="site")
def _site(applied: Site, tmp_path: Path) -> Iterator[Site]:
    """A fork of it with running tasks, for a test to do with what it likes."""
    with applied.world.fork() as world, attended(world, tmp_path / "tasks") as base_url:
        yield Site(world, base_url, user_environment(world, tmp_path), applied.outputs)


def make_site(world: EmbeddedAws, folder: Path) -> Site:
    """Apply bootstrap and dev, and deploy the backend as its role, as the README says."""
    environ = user_environment(world, folder)
    tree = copy_terraform(folder)
    # It makes the bucket in which all states lie.
    (tree / "bootstrap" / "backend.tf").unlink()
    apply(tree / "bootstrap", environ)
    dev = tree / "environments" / "dev"
    outputs = folder / "outputs.json"
    outputs.write_text(apply(dev, environ, "-backend-config=backend.hcl"), encoding="utf-8")
    world.enforce()
    with attended(world, folder / "tasks"):
        deploy = ["-m", "backend.deploy", "--environment", "dev", "--image", "registry/app:1"]
        run([sys.executable, *deploy], REPOSITORY, environ | assume(world, "deploy"))
    return Site(world, "", environ, outputs)


def apply(root: Path, environ: Mapping[str, str], *options: str) -> str:
    """Apply a root module, with options for init; gives `terraform output -json`."""
    found = find_installation(os.environ, locked_version(root / ".terraform.lock.hcl"))
    mirror = [f"-plugin-dir={found.plugin_dir}"] if found.plugin_dir else []
    environ = dict(environ) | GO | {"PYTHONPATH": str(REPOSITORY), "CHECKPOINT_DISABLE": "1"}
    for arguments in (
        ["init", *options, *mirror],
        ["apply", "-auto-approve", f"-var-file={root.name}.tfvars"],
    ):
        run([*found.command, *arguments], root, environ)
    return run([*found.command, "output", "-json"], root, environ)


def run(command: list[str], folder: Path, environ: Mapping[str, str]) -> str:
    """Run a command that must go well; gives what it printed."""
    done = subprocess.run(
        command, cwd=folder, env=dict(environ), capture_output=True, text=True, timeout=3 * HANG
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def attended(world: EmbeddedAws, folder: Path) -> Iterator[str]:
    """Tasks of the service for the time of the block; gives where it answers."""
    folder.mkdir()
    command = [
        sys.executable,
        "-m",
        "tests.engine.smoke.account.stand_in",
        world.endpoint,
        CLUSTER,
        SERVICE,
    ]
    with subprocess.Popen(
        [*command, str(folder)],
        cwd=REPOSITORY,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()
            process.wait(HANG)


def assume(world: EmbeddedAws, job: str, without: str = "") -> dict[str, str]:
    """Assume the role of a job in dev, with all its permissions but one; gives its keys."""
    iam, role = world.client("iam"), f"{CLUSTER}-{job}"
    for name, document in policies(world, job).items():
        iam.put_role_policy(
            RoleName=role, PolicyName=name, PolicyDocument=json.dumps(told(document, without))
        )
    arn = iam.get_role(RoleName=role)["Role"]["Arn"]
    made = world.client("sts").assume_role(RoleArn=arn, RoleSessionName=job)["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": made["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": made["SecretAccessKey"],
        "AWS_SESSION_TOKEN": made["SessionToken"],
    }


def policies(world: EmbeddedAws, job: str) -> dict[str, dict[str, Any]]:
    """The policies of a job's role in dev, by name."""
    iam, role = world.client("iam"), f"{CLUSTER}-{job}"
    return {
        name: iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
    }


def told(document: dict[str, Any], without: str) -> dict[str, Any]:
    """The document without an action.

    Where the embedded AWS cannot tell a call's resource or its tags, any will do.
    """
    statements = []
    for statement in document["Statement"]:
        actions = [action for action in listed(statement["Action"]) if action != without]
        kept = statement | {"Action": actions}
        if not actions or not actions[0].startswith(TELLING):
            kept = {key: part for key, part in kept.items() if key != "Condition"}
            kept["Resource"] = "*"
        statements.append(kept)
    return document | {"Statement": [one for one in statements if one["Action"]]}


def listed(value: Any) -> list[Any]:
    """A policy's element as a list; a single value has no brackets."""
    return value if isinstance(value, list) else [value]
