"""A load as the contract states it, driven by Locust, and what AWS was asked meanwhile."""

from __future__ import annotations

import csv
import json
import math
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from verification.engine.aws.emulator.protocol import Call
from verification.engine.smoke.scenarios.bare_calls import BareCalls
from verification.engine.smoke.scenarios.helpers import task_calls
from verification.engine.smoke.scenarios.registry import Stages, alone, scenario
from verification.engine.smoke.stage import EmbeddedStage, Stage
from verification.engine.system.yardstick import stretched
from verification.model.contract import LoadRule
from verification.model.load_observations import AwsCall, Endpoint, LoadSeen

# Seconds for Locust to start and to end, on a machine of factor 1.
_STARTS = 120.0
_LOCUSTFILE = Path(__file__).parents[1] / "locustfile.py"


@alone
@scenario
def load(stages: Stages, environment: str) -> LoadSeen:
    """The contract's users work at once; then one user does what people do, and does wrong."""
    with stages.stage(environment, "load") as stage:
        rule = stages.contract.load
        users = [stage.deployment.user(f"load-{number}") for number in range(rule.users)]
        tokens = stage.folder / "tokens.json"
        tokens.write_text(json.dumps([u.tokens.id for u in users if u.tokens]), encoding="utf-8")
        before, since = _last(stage), datetime.now(UTC)
        with BareCalls(stage) as bare:
            _drive(stage, rule, tokens)
        calls = task_calls(stage, before) if isinstance(stage, EmbeddedStage) else []
        return LoadSeen(
            endpoints=_endpoints(stage.folder / "load.json"),
            problems=_problems(stage.folder / "load_failures.csv"),
            calls=tuple(of_backend(call) for call in calls if call.service == "dynamodb"),
            tables=stage.deployment.table_use(since),
            use=_use(stage),
            logs=tuple(stage.deployment.logs()),
            bare=tuple(bare.milliseconds),
        )


def of_backend(call: Call) -> AwsCall:
    """A call as checks judge it; of its resources the first is the table."""
    table = call.resources[0].rpartition("table/")[2].partition("/")[0] if call.resources else ""
    return AwsCall(call.operation, table, call.status, call.error or "")


def _last(stage: Stage) -> int:
    if not isinstance(stage, EmbeddedStage):
        return 0
    return max((call.sequence for call in stage.world.calls()), default=0)


def _drive(stage: Stage, rule: LoadRule, tokens: Path) -> None:
    """Run Locust; a failed request is a result for the check, not a failure of Locust's."""
    command = [sys.executable, "-m", "locust", "--locustfile", str(_LOCUSTFILE)]
    command += ["--headless", "--only-summary", "--csv", "load", "--json-file", "load"]
    command += ["--exit-code-on-error", "0"]
    command += ["--host", stage.deployment.base_url, "--users", str(rule.users)]
    command += ["--spawn-rate", str(rule.users), "--run-time", f"{rule.seconds}s"]
    command += ["--stop-timeout", "10"]
    environ = {"FILESHARE_TOKENS": str(tokens), "FILESHARE_PACE": str(rule.pace)}
    stage.run(command, "locust", timeout=rule.seconds + stretched(_STARTS), environ=environ)


def _endpoints(path: Path) -> tuple[Endpoint, ...]:
    # Locust writes the JSON to load.json. Not the CSV of the same: it lacks the last second.
    return tuple(
        Endpoint(
            name=entry["name"],
            requests=entry["num_requests"],
            failures=entry["num_failures"],
            p50=percentile(entry["response_times"], 50),
            p95=percentile(entry["response_times"], 95),
        )
        for entry in json.loads(path.read_text(encoding="utf-8"))
    )


def percentile(times: Mapping[str, int], percent: int) -> float:
    """The time within which so many of 100 requests were answered; `times` counts each time."""
    left = math.ceil(sum(times.values()) * percent / 100)
    for taken, count in sorted((float(taken), count) for taken, count in times.items()):
        left -= count
        if left <= 0:
            return taken
    return 0.0


def _problems(path: Path) -> tuple[str, ...]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return tuple(f"{row['Name']}: {row['Error']} ({row['Occurrences']} times)" for row in rows)


def _use(stage: Stage) -> dict[str, int]:
    """What one user asks, right and wrong, with the status of each answer."""
    user, visitor = stage.deployment.user("use"), stage.deployment.visitor()
    made = user.post("/api/links", {"target": "https://example.com/used"})
    code = made.read(201, "short_code") if made.status == 201 else "none"
    return {
        "start the trial": user.post("/api/me/trial").status,
        "start it again": user.post("/api/me/trial").status,
        "shorten": made.status,
        "shorten what is no address": user.post("/api/links", {"target": "javascript:1"}).status,
        "follow": visitor.get(f"/{code}").status,
        "delete": user.delete(f"/api/links/{code}").status,
        "follow what is gone": visitor.get(f"/{code}").status,
        "ask without a token": visitor.get("/api/me/trial").status,
        "the page": visitor.get("/").status,
    }
