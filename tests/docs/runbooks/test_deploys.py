"""First deployment and daily deploy, followed to the letter on an embedded AWS."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.runbooks.kit import COMMIT, First, Operator
from tests.docs.runbooks.shell import ENVIRONMENT, ROOT, Shell, working_copy
from tests.kit import edit
from verification.engine.aws.emulator import EmbeddedAws

pytestmark = pytest.mark.slow

PARAMETERS = f"/fileshare/{ENVIRONMENT}/"
BUCKET = "file-sharing-app-terraform-state"


def test_first_deployment(first: First, operator: Operator) -> None:
    """Its state lies in a closed, versioned bucket, six parameters are there, tasks are healthy."""
    s3 = operator.client("s3")
    assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
    closed = s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"]
    assert set(closed.values()) == {True}
    state = s3.get_object(Bucket=BUCKET, Key=f"fileshare/{ENVIRONMENT}/terraform.tfstate")
    assert operator.tables["users"] in state["Body"].read().decode()
    assert first.said["parameters"].count(PARAMETERS) == 6
    assert first.said["look"].split() == ["healthy"] * 2 + ["ACTIVE"] * 2
    assert operator.variables()["USE_DYNAMODB"] == "true"
    operator.has_everything()
    operator.is_empty()


def test_state_bucket_of_another_region(empty_aws: EmbeddedAws, aws: str, tmp_path: Path) -> None:
    """Where S3 demands to be told, the bucket lies in the region of the state."""
    copy = working_copy(tmp_path, aws)
    edit(copy / "tree" / ROOT / "backend.hcl", '"us-east-1"', '"eu-central-1"')
    with empty_aws.fork() as world:
        Shell(copy, world, {}).run("state-bucket")
        s3 = world.client("s3", "eu-central-1")
        assert s3.get_bucket_location(Bucket=BUCKET)["LocationConstraint"] == "eu-central-1"
        assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"


def test_daily_deploy(operator: Operator) -> None:
    """A change of Terraform and a new image reach every task, and nobody loses anything."""
    before = operator.variables()
    edit(operator.shell.tree / ROOT / "prod.tfvars", '= "INFO"', '= "ERROR"')
    operator.shell.command(f"{COMMIT} --message second")
    operator.run("changed-infrastructure")
    assert operator.variables() == before
    tasks = operator.stage.deployment.service.running()
    operator.run("deploy")
    assert operator.stage.deployment.service.running().isdisjoint(tasks)
    after = operator.variables()
    changed = {name: value for name, value in after.items() if before[name] != value}
    commit = operator.shell.command("git rev-parse HEAD").strip()
    assert changed == {"LOG_LEVEL": "ERROR", "image": after["image"]}
    assert after["image"].endswith(f"-backend:{commit}")
    operator.has_everything()
    operator.is_empty()
