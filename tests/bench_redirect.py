"""What the backend adds to its two calls: `python -m tests.bench_redirect`.

p50 of a redirect through the load balancer against a bare loop of the same boto3 GetItem and
UpdateItem, on the same emulator and with the same role's credentials, in turns. Ends non-zero above
the limit.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3

from tests.kit import REPOSITORY, TERRAFORM
from verification.engine.run.run import Run
from verification.engine.rungs.smoke import RunStages
from verification.engine.smoke.stage import EmbeddedStage
from verification.model.contract import load_contract

LIMIT = 1.5
WARM, TURNS = 50, 500


def timed(work: Callable[[], object]) -> float:
    """Milliseconds that the work took."""
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def task_client(stage: EmbeddedStage) -> Any:
    """A boto3 client with the task role's credentials and boto3's defaults."""
    task = stage.world.client("ecs").describe_task_definition(
        taskDefinition=stage.outputs["task_definition_family"]
    )
    keys = stage.world.client("sts").assume_role(
        RoleArn=task["taskDefinition"]["taskRoleArn"], RoleSessionName="bench"
    )["Credentials"]
    return boto3.client(
        "dynamodb",
        region_name=stage.outputs["aws_region"],
        endpoint_url=stage.world.endpoint,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )


def bare(stage: EmbeddedStage, code: str) -> Callable[[], object]:
    """The two calls that a redirect makes."""
    client = task_client(stage)
    link = {"TableName": stage.outputs["urls_table_name"], "Key": {"short_code": {"S": code}}}

    def count() -> object:
        client.get_item(**link, ConsistentRead=True)
        now = datetime.now(UTC)
        return client.update_item(
            **link,
            UpdateExpression="SET updated_at = :text ADD clicks :one",
            ConditionExpression="attribute_exists(short_code) AND "
            "(attribute_not_exists(expires_at_ttl) OR expires_at_ttl > :seconds)",
            ExpressionAttributeValues={
                ":text": {"S": now.isoformat()},
                ":one": {"N": "1"},
                ":seconds": {"N": str(int(now.timestamp()))},
            },
            ReturnValues="ALL_NEW",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )

    return count


def measure(stage: EmbeddedStage) -> tuple[float, float]:
    """p50 of the redirect and of the bare calls, in milliseconds."""
    visitor = stage.deployment.visitor()
    made = stage.deployment.user("bench").post("/api/links", {"target": "https://example.com/"})
    code = made.json()["short_code"]
    count = bare(stage, code)
    turns = [(timed(lambda: visitor.get(f"/{code}")), timed(count)) for _ in range(WARM + TURNS)]
    redirects, calls = zip(*turns[WARM:], strict=True)
    assert visitor.get(f"/{code}").status == 302
    return statistics.median(redirects), statistics.median(calls)


def main() -> int:
    """Apply dev, measure, print, and say whether the ratio is within the limit."""
    with tempfile.TemporaryDirectory() as reports:
        contract = load_contract(REPOSITORY / "verification" / "contract.toml")
        run = Run(TERRAFORM, contract, Path(reports), os.environ)
        try:
            with RunStages(run).embedded("dev", "bench") as stage:
                redirect, call = measure(stage)
        finally:
            run.close()
    ratio = redirect / call
    print(f"redirect p50 {redirect:.2f} ms, bare calls p50 {call:.2f} ms, ratio {ratio:.2f}")
    return 0 if ratio <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
