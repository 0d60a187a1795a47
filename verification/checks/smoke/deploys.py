"""Checks that deploys cause no failed requests, and that the service stays stable between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from verification.model.findings import Finding, expect, judge, missing
from verification.model.smoke.observations import RolloutSeen, StabilitySeen
from verification.model.smoke.traffic import Failure, Traffic, too_slow
from verification.model.stack import Resource

_LEAST_REQUESTS = 100
_SHOWN = 3


def nobody_notices(what: str, traffic: Traffic) -> list[Finding]:
    """No request of any client failed during the event, and enough requests were made.

    Unknown if the failures are only because the machine is too slow for the backend.
    """
    place = Resource(address=f"requests during {what}")
    if traffic.requests < _LEAST_REQUESTS:
        text = f"{traffic.requests} requests were made; expected at least {_LEAST_REQUESTS}"
        return [judge(place, False, text, "Use more clients, to observe the whole deploy.")]
    excused = [failure for failure in traffic.failures if failure.is_excused]
    failed = [failure for failure in traffic.failures if not failure.is_excused]
    text = _told(traffic, failed or excused)
    if excused and not failed:
        slowest = max(failure.slowest_call for failure in excused)
        return [judge(place, None, f"{text}; {too_slow(slowest)}")]
    remedy = (
        "Start new tasks before stopping old ones (minimum healthy percent 100), and let these "
        "finish their requests (target group deregistration_delay, gunicorn graceful_timeout)."
    )
    return [judge(place, not failed, text, remedy)]


def _told(traffic: Traffic, failures: Sequence[Failure]) -> str:
    """The number of failed requests, and the most frequent failures."""
    counted = Counter(failure.text for failure in failures).most_common(_SHOWN)
    shown = "".join(f"; {count} x {text}" for text, count in counted)
    return f"{len(failures)} of {traffic.requests} by {traffic.clients} clients failed{shown}"


def replaces_every_task(seen: RolloutSeen) -> list[Finding]:
    """A deploy exits with 0, replaces every task, and runs the requested image."""
    kept = sorted(seen.tasks_before & seen.tasks_after)
    text = f"{len(kept)} of {len(seen.tasks_before)} tasks were not replaced"
    return [
        _code(seen, 0),
        judge(_TASKS, bool(seen.tasks_before and seen.tasks_after) and not kept, text),
        expect(_SERVICE, "the image", seen.image_after, seen.image_wanted),
        _state(seen, "COMPLETED"),
    ]


def is_rolled_back(seen: RolloutSeen) -> list[Finding]:
    """A deploy that cannot work exits with 1, and the service runs its previous revision."""
    remedy = "Enable rollback in deployment_circuit_breaker."
    running = f"{len(seen.tasks_after)} tasks run; expected {len(seen.tasks_before)}"
    enough = 0 < len(seen.tasks_before) == len(seen.tasks_after)
    return [
        _code(seen, 1),
        expect(_SERVICE, "the image", seen.image_after, seen.image_before, remedy),
        judge(_TASKS, enough, running, remedy),
        _state(seen, "FAILED"),
    ]


def keeps_the_data(seen: RolloutSeen) -> list[Finding]:
    """A deploy does not change the user's trial."""
    if not seen.trial_before.get("trial_used"):
        return [missing("the user", "a started trial")]
    before, after = dict(seen.trial_before), dict(seen.trial_after)
    return [expect(Resource(address="the user's trial"), "its fields", after, before)]


def stays_steady(seen: StabilitySeen) -> list[Finding]:
    """While nothing changes, every task keeps running, and every target is healthy."""
    if not seen.samples or not seen.targets:
        return [missing("the service", "a sample or a target")]
    wrong = [look for look in seen.samples if look[0] != look[1] or look[2] or not look[0]]
    told = f": desired, running and pending counts were {wrong[0]}" if wrong else ""
    steady = f"{len(wrong)} of {len(seen.samples)} samples were not steady{told}"
    unhealthy = [state for state in seen.targets if state != "healthy"]
    reasons = "; ".join(seen.stopped)
    stopped = f"{len(seen.stopped)} tasks stopped unexpectedly{': ' if reasons else ''}{reasons}"
    return [
        judge(_SERVICE, not wrong, steady),
        judge(Resource(address="targets"), not unhealthy, f"{', '.join(seen.targets)}"),
        judge(_TASKS, not seen.stopped, stopped, "See the task's log."),
    ]


def replaces_a_dead_task(seen: StabilitySeen) -> list[Finding]:
    """A killed task stops and is replaced: the running count is the same as before."""
    place = Resource(address=seen.killed or "the killed task")
    counts = f"{len(seen.before)} tasks before the kill, {len(seen.after)} after"
    same = 0 < len(seen.before) == len(seen.after)
    ended = seen.killed in seen.before - seen.after
    return [
        judge(place, ended, "was killed and has stopped" if ended else "was killed and still runs"),
        judge(_TASKS, same, counts),
    ]


_SERVICE, _TASKS = Resource(address="the service"), Resource(address="the tasks")


def _code(seen: RolloutSeen, wanted: int) -> Finding:
    last = seen.said.splitlines()[-1] if seen.said else "nothing"
    remedy = f"Its output ends with: {last}"
    return expect(Resource(address="backend.deploy"), "the exit code", seen.code, wanted, remedy)


def _state(seen: RolloutSeen, wanted: str) -> Finding:
    place = Resource(address=f"the rollout of {seen.image_wanted}")
    return expect(place, "the state", seen.states.get(seen.image_wanted), wanted)
