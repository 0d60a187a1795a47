"""Plays what AWS does behind its API, in a process of its own: ECS's agent and DynamoDB's metrics.

    python -m tests.engine.smoke.account.stand_in ENDPOINT CLUSTER SERVICE FOLDER

It prints where the load balancer answers, and goes on until its standard input ends.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

from verification.engine.aws.emulator import Call, EmbeddedAws
from verification.engine.aws.fargate import Fargate

_EVERY = 0.5
_READS = ("GetItem", "Query", "Scan", "BatchGetItem")


def main() -> int:
    """Run the service's tasks and emit metrics."""
    endpoint, cluster, service, folder = sys.argv[1:]
    world = EmbeddedAws(endpoint, 0, Path(folder) / "unused.log")
    ending = Event()
    metrics = Thread(target=emit, args=(world, ending))
    with Fargate(world, cluster, service, work=Path(folder)) as fargate:
        metrics.start()
        print(fargate.base_url, flush=True)
        sys.stdin.read()
        ending.set()
        metrics.join()
    return 0


def emit(world: EmbeddedAws, ending: Event) -> None:
    """Emit DynamoDB's metrics of the calls that come in."""
    since = 0
    while not ending.wait(_EVERY):
        calls = world.calls(since)
        since = max((call.sequence for call in calls), default=since)
        data = [datum for call in calls if call.service == "dynamodb" for datum in told(call)]
        for start in range(0, len(data), 500):
            world.client("cloudwatch").put_metric_data(
                Namespace="AWS/DynamoDB", MetricData=data[start : start + 500]
            )


def told(call: Call) -> Iterator[dict[str, object]]:
    """What one call adds to the metrics of its table."""
    table = {"Name": "TableName", "Value": call.resources[0].partition("table/")[2].split("/")[0]}
    operation = {"Name": "Operation", "Value": call.operation}
    if call.error == "ThrottlingException":
        yield datum("ThrottledRequests", call, table, operation)
    elif call.status >= 500:
        yield datum("SystemErrors", call, table, operation)
    else:
        kind = "Read" if call.operation in _READS else "Write"
        yield datum(f"Consumed{kind}CapacityUnits", call, table)


def datum(name: str, call: Call, *dimensions: dict[str, str]) -> dict[str, object]:
    """One unit of a metric at the time of the call."""
    at = time.gmtime(call.time)
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", at)
    return {"MetricName": name, "Dimensions": list(dimensions), "Timestamp": stamp, "Value": 1.0}


if __name__ == "__main__":
    sys.exit(main())
