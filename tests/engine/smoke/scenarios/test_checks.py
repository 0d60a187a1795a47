"""Each check of the smoke rung passes where all is well, and fails where one thing is not."""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import Any

import pytest

from tests.checks.kit import Check
from tests.engine.smoke.scenarios import seen, twins_files, twins_operations, twins_users
from tests.engine.smoke.scenarios.twins_files import expire, quota
from tests.engine.smoke.scenarios.twins_operations import hot_link, traffic
from verification.checks.smoke import backup as smoke_backup
from verification.checks.smoke import deployed_config as smoke_wiring
from verification.checks.smoke import deploys as smoke_deploys
from verification.checks.smoke import faults as smoke_faults
from verification.checks.smoke import files as smoke_files
from verification.checks.smoke import links as smoke_links
from verification.checks.smoke import persistence as smoke_persistence
from verification.checks.smoke import repeats as smoke_repeats
from verification.checks.smoke import rollback as smoke_rollback
from verification.checks.smoke import trial as smoke_trial
from verification.model.verdict import Verdict

MODULES = (
    smoke_trial,
    smoke_persistence,
    smoke_repeats,
    smoke_links,
    smoke_files,
    smoke_deploys,
    smoke_rollback,
    smoke_faults,
    smoke_backup,
    smoke_wiring,
)
# The one with a contract and a stack has tests of its own, in test_parameters.py.
ELSEWHERE = {smoke_wiring.parameters_arrive}
# What twins call in place of a check that wants more than what was seen.
WRAPPED = {traffic, hot_link, expire, quota}
GOOD = [*twins_users.GOOD, *twins_files.GOOD, *twins_operations.GOOD]
BAD = [*twins_users.BAD, *twins_files.BAD, *twins_operations.BAD]


@pytest.mark.parametrize(("check", "what"), GOOD, ids=lambda value: getattr(value, "__name__", ""))
def test_good_passes(check: Check, what: object) -> None:
    """Where all is well, everything examined passes."""
    findings = check(what)
    assert findings
    assert {finding.verdict for finding in findings} == {Verdict.PASS}


@pytest.mark.parametrize(
    ("check", "what", "says"), [(c, w, s) for c, _, w, s in BAD], ids=[b[1] for b in BAD]
)
def test_known_bad_is_caught(check: Check, what: object, says: str) -> None:
    """Where one thing is wrong, the check fails and says which."""
    failed = [str(f) for f in check(what) if f.verdict is Verdict.FAIL]
    assert any(text.startswith(says) for text in failed), failed


def test_clicks_that_nobody_recorded_stay_open() -> None:
    """On a real account more clicks than there were may be lost answers: it is unknown."""
    unrecorded = replace(seen.LINKS, repeated=None)
    verdicts = {
        clicks: smoke_links.counts_every_click(replace(unrecorded, clicks=clicks))[0].verdict
        for clicks in (40, 41, 42)
    }
    assert verdicts == {40: Verdict.FAIL, 41: Verdict.PASS, 42: Verdict.UNKNOWN}


def test_a_slow_machine_cannot_tell_of_downtime() -> None:
    """Where each request that failed waited for a slow machine, it is unknown, with the figure."""
    [finding] = traffic(replace(seen.TRAFFIC, failures=(seen.TOO_SLOW,) * 3))
    assert finding.verdict is Verdict.UNKNOWN
    assert finding.message == (
        "3 of 1000 by 20 clients failed; 3 x GET /a: 503 (unavailable); an AWS call took up to "
        "2.4 s on the embedded AWS at that time; the backend's timeout is 2 s, so the machine is "
        "too slow to decide. Use an idle one"
    )


def test_every_check_has_a_twin() -> None:
    """No check of the smoke rung is without something that it must fail, and must pass."""
    checks: set[Any] = {
        value
        for module in MODULES
        for name, value in inspect.getmembers(module, inspect.isfunction)
        if value.__module__ == module.__name__ and not name.startswith("_")
    }
    direct = {smoke_deploys.nobody_notices, smoke_faults.one_link_slows_no_other} | ELSEWHERE
    direct |= {smoke_files.expire_after_their_links, smoke_files.stay_within_the_quota}
    assert checks - direct == {check for check, _ in GOOD} - WRAPPED
    assert checks - direct == {check for check, *_ in BAD} - WRAPPED
