"""The checks of load, throttling and logs find each fault that there can be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.engine.smoke.page.kit import ERROR, INFO, RULE, SORRY, calls, failures, load, throttling
from verification.checks.smoke import load as smoke_load
from verification.engine.smoke.bare_calls import as_asked_steadily
from verification.engine.smoke.scenarios.load import percentile
from verification.model.findings import Finding
from verification.model.smoke.faults import Reply, Throttled, ThrottlingSeen
from verification.model.smoke.load import AwsCall, Endpoint, TableUse, p95
from verification.model.verdict import Verdict

LOAD, THROTTLING = load(), throttling()
GOOD = {
    "load": smoke_load.answers_in_time(LOAD, RULE),
    "calls": smoke_load.makes_its_calls(LOAD),
    "no throttling": smoke_load.is_not_throttled(LOAD),
    "use": smoke_load.normal_use_is_served(LOAD),
    "logs": smoke_load.logs_no_error(LOAD.logs),
    "brief": smoke_load.hides_brief_throttling(THROTTLING),
    "long": smoke_load.admits_long_throttling(THROTTLING),
    "error lines": smoke_load.logs_the_failure(THROTTLING),
}


def endpoint(name: str, **changes: Any) -> list[Endpoint]:
    """The load's endpoints, one of them changed."""
    return [replace(e, **changes) if e.name == name else e for e in LOAD.endpoints]


def in_time(**changes: Any) -> list[str]:
    """What is wrong with the times of a changed load."""
    return failures(smoke_load.answers_in_time(replace(LOAD, **changes), RULE))


def throttled(when: str, found: Throttled) -> ThrottlingSeen:
    """What is seen where one part of it is another."""
    changes: dict[str, Any] = {when: found}
    return replace(THROTTLING, **changes)


def replied(when: str, reply: Reply) -> list[str]:
    """What is wrong where one reply is another."""
    seen = throttled(when, replace(getattr(THROTTLING, when), replies=(reply,)))
    hidden, admitted = smoke_load.hides_brief_throttling, smoke_load.admits_long_throttling
    return failures(hidden(seen)) + failures(admitted(seen))


def unrefused(when: str) -> list[str]:
    """What is wrong where DynamoDB never throttled."""
    seen = throttled(when, Throttled(getattr(THROTTLING, when).replies, 0))
    hidden, admitted = smoke_load.hides_brief_throttling, smoke_load.admits_long_throttling
    return failures(hidden(seen)) + failures(admitted(seen))


def with_calls(*made: AwsCall) -> list[str]:
    """What is wrong where calls were made beside those of the load."""
    return failures(smoke_load.makes_its_calls(replace(LOAD, calls=(*LOAD.calls, *made))))


def with_tables(*tables: TableUse) -> list[str]:
    """What is wrong where these tables bore the load."""
    return failures(smoke_load.is_not_throttled(replace(LOAD, tables=tables)))


BAD = {
    "slow": (
        in_time(endpoints=endpoint("redirect", p95=1400.0)),
        "redirect: 0 of 150 requests failed; p50 is 50 ms, p95 is 1400 ms; expected at most "
        "1000 ms; p95 of bare calls to the same AWS was 10 ms at that time.",
    ),
    "failed request": (
        in_time(endpoints=endpoint("list", failures=1)),
        "list: 1 of 30 requests failed; p50 is 50 ms, p95 is 120 ms; expected no failures.",
    ),
    "told failure": (
        in_time(problems=("list: list answered 500, not 200 (1 times)",)),
        "load: list: list answered 500, not 200",
    ),
    "kind that was not asked": (
        in_time(endpoints=LOAD.endpoints[1:]),
        "load: the request status is missing.",
    ),
    "too few requests": (
        in_time(endpoints=endpoint("redirect", requests=10)),
        "load: 20 users made 160 requests in 10 s; expected at least 200; p95 of bare calls",
    ),
    "throttled": (
        with_tables(TableUse("urls", 210, "calls", 1, 0)),
        "urls: 210 calls, 1 throttled requests, 0 system errors.",
    ),
    "server error": (
        with_tables(TableUse("urls", 12.5, "capacity units", 0, 2)),
        "urls: 12.5 capacity units, 0 throttled requests, 2 system errors.",
    ),
    "table that tells nothing": (
        with_tables(TableUse("urls", 0, "capacity units", 0, 0)),
        "urls: recorded use (capacity units) is missing.",
    ),
    "two calls for a request": (
        with_calls(*calls("UpdateItem", "urls", 150)),
        "redirect: 300 calls of UpdateItem urls for 150 requests",
    ),
    "a read before each status": (
        with_calls(*calls("GetItem", "users", 90)),
        "status: 180 calls of GetItem users for 90 requests",
    ),
    "a link read twice for a click": (
        with_calls(*calls("GetItem", "urls", 150)),
        "redirect: 300 calls of GetItem urls for 150 requests",
    ),
    "a table read from end to end": (
        with_calls(*calls("Scan", "urls", 1)),
        "load: 1 calls of Scan urls, which no request needs",
    ),
    "wrong answer": (
        failures(smoke_load.normal_use_is_served(replace(LOAD, use={**LOAD.use, "follow": 200}))),
        "follow: the answer is 200; expected 302.",
    ),
    "error line": (failures(smoke_load.logs_no_error([INFO, ERROR])), "log line 2: is an error:"),
    "stack trace": (
        failures(smoke_load.logs_no_error([INFO, "Traceback (most recent call last):"])),
        "log line 2: is not JSON with a level: Traceback",
    ),
    "throttling reaches users": (
        replied("brief", Reply("follow", 503, "5", SORRY)),
        "follow: answered 503; expected 201 or 302.",
    ),
    "no recovery": (
        replied("after", Reply("start the trial", 503, "5", SORRY)),
        "start the trial: answered 503; expected 201 or 302.",
    ),
    "500": (
        replied("sustained", Reply("follow", 500, "", SORRY)),
        "follow: answered 500, Retry-After is not set; expected 503 with a number of seconds.",
    ),
    "no Retry-After": (
        replied("sustained", Reply("follow", 503, "", SORRY)),
        "follow: answered 503, Retry-After is not set",
    ),
    "leak": (
        replied("sustained", Reply("follow", 503, "5", "Traceback ... botocore.exceptions")),
        "follow: the body contains Traceback, botocore, Exception.",
    ),
    "never throttled briefly": (unrefused("brief"), "brief throttling: DynamoDB throttled 0 calls"),
    "never throttled long": (unrefused("sustained"), "long throttling: DynamoDB throttled 0 calls"),
    "silent failure": (
        failures(smoke_load.logs_the_failure(replace(THROTTLING, logs=(INFO, INFO, ERROR)))),
        "logs: 1 error lines for 2 failed requests.",
    ),
    "errors before": (
        failures(smoke_load.logs_the_failure(replace(THROTTLING, logs_before=(ERROR,)))),
        "log line 1: is an error",
    ),
}


@pytest.mark.parametrize("findings", GOOD.values(), ids=GOOD.keys())
def test_good_passes(findings: list[Finding]) -> None:
    """All is well, and something was examined."""
    assert findings
    assert failures(findings) == []


@pytest.mark.parametrize(("found", "says"), BAD.values(), ids=BAD.keys())
def test_bad_fails(found: list[str], says: str) -> None:
    """The fault is found and named."""
    assert [text for text in found if text.startswith(says)]


@pytest.mark.parametrize(
    ("times", "percent", "is_"),
    [
        ({"5": 95, "900": 5}, 95, 5.0),
        ({"5": 94, "900": 6}, 95, 900.0),
        ({"900": 1, "5": 1}, 50, 5.0),
        ({}, 95, 0.0),
    ],
)
def test_percentile(times: dict[str, int], percent: int, is_: float) -> None:
    """By counting, whatever the order; the largest times are what p95 is about."""
    assert percentile(times, percent) == is_


def test_nothing_seen_passes_nothing() -> None:
    """Without tables and without lines nothing is proven."""
    assert smoke_load.is_not_throttled(replace(LOAD, tables=())) == []
    assert smoke_load.logs_no_error([]) == []


SLOW_MACHINE = (140.0,) * 100
"""Bare calls of a machine on which 12 of them may last 1.68 s."""


@pytest.mark.parametrize(
    "changes",
    [
        {"endpoints": endpoint("redirect", p95=1500.0)},
        {"endpoints": [replace(e, requests=40) for e in LOAD.endpoints]},
    ],
    ids=["slow answers", "few answers"],
)
def test_a_slow_machine_cannot_tell(changes: dict[str, Any]) -> None:
    """Where bare calls are slow, too, slow answers are unknown, with both figures; never failed."""
    found = smoke_load.answers_in_time(replace(LOAD, bare=SLOW_MACHINE, **changes), RULE)
    unknown = [f.message for f in found if f.verdict is Verdict.UNKNOWN]
    assert failures(found) == []
    assert len(unknown) == 1
    assert "p95 of bare calls to the same AWS was 140 ms" in unknown[0]
    assert "too slow to decide" in unknown[0]


@pytest.mark.parametrize("bare", [(), (10.0,) * 99 + (5000.0,)], ids=["none", "one slow call"])
def test_nothing_else_excuses_the_backend(bare: tuple[float, ...]) -> None:
    """Without bare calls, or with but one slow one, slow answers are the backend's."""
    assert in_time(endpoints=endpoint("redirect", p95=1400.0), bare=bare)


def test_a_slow_machine_excuses_no_failed_request() -> None:
    """A request that failed is a failure on any machine."""
    assert in_time(endpoints=endpoint("list", failures=1), bare=SLOW_MACHINE)
    assert in_time(endpoints=endpoint("list", p95=1700.0), bare=SLOW_MACHINE)


def test_fast_answers_are_good_on_a_slow_machine() -> None:
    """What is within the limit is judged, however slow the machine is."""
    found = smoke_load.answers_in_time(replace(LOAD, bare=SLOW_MACHINE), RULE)
    assert {f.verdict for f in found} == {Verdict.PASS}


def test_bare_calls_see_a_machine_that_stands_still() -> None:
    """A second in which nothing ran counts for all who would have asked in it."""
    assert as_asked_steadily(40) == [40]
    assert as_asked_steadily(350) == [350, 250, 150, 50]
    asked = [waited for taken in [20.0] * 89 + [1300.0] for waited in as_asked_steadily(taken)]
    assert p95(asked) == 800
