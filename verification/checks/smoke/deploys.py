"""Deploys as their users notice them: not at all. And a service that stays as it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from verification.model.findings import Finding, expect, judge, missing
from verification.model.observations import RolloutSeen, StabilitySeen
from verification.model.stack import Resource
from verification.model.traffic import Failure, Traffic, too_slow

_LEAST_REQUESTS = 100
_SHOWN = 3


def nobody_notices(what: str, traffic: Traffic) -> list[Finding]:
    """No request of any client failed while `what` happened, and there were enough of them.

    Unknown where those that failed did so only because the machine is too slow for the backend.
    """
    place = Resource(address=f"requests during {what}")
    if traffic.requests < _LEAST_REQUESTS:
        text = f"only {traffic.requests} were made, of at least {_LEAST_REQUESTS}"
        return [judge(place, False, text, "Let more clients ask, or the deploy was not watched.")]
    excused = [failure for failure in traffic.failures if failure.is_excused]
    failed = [failure for failure in traffic.failures if not failure.is_excused]
    text = _told(traffic, failed or excused)
    if excused and not failed:
        slowest = max(failure.slowest_call for failure in excused)
        return [judge(place, None, f"{text}; {too_slow(slowest)}")]
    remedy = (
        "Start new tasks before old ones end (minimum healthy percent 100), and let those finish "
        "(the target group's deregistration_delay, gunicorn's graceful_timeout)."
    )
    return [judge(place, not failed, text, remedy)]


def _told(traffic: Traffic, failures: Sequence[Failure]) -> str:
    """How many requests failed, and the most frequent ones."""
    counted = Counter(failure.text for failure in failures).most_common(_SHOWN)
    shown = "".join(f"; {count} x {text}" for text, count in counted)
    return f"{len(failures)} of {traffic.requests} by {traffic.clients} clients failed{shown}"


def replaces_every_task(seen: RolloutSeen) -> list[Finding]:
    """A deploy ends with 0, with new tasks only, and with the wanted image."""
    kept = sorted(seen.tasks_before & seen.tasks_after)
    text = f"{len(kept)} of {len(seen.tasks_before)} tasks were not replaced"
    return [
        _code(seen, 0),
        judge(_TASKS, bool(seen.tasks_before and seen.tasks_after) and not kept, text),
        expect(_SERVICE, "the image", seen.image_after, seen.image_wanted),
        _state(seen, "COMPLETED"),
    ]


def is_rolled_back(seen: RolloutSeen) -> list[Finding]:
    """A deploy that cannot work ends with 1, and the service runs what it ran before."""
    remedy = "Let the circuit breaker roll back: deployment_circuit_breaker in Terraform."
    running = f"{len(seen.tasks_after)} tasks run, {len(seen.tasks_before)} did before"
    enough = 0 < len(seen.tasks_before) == len(seen.tasks_after)
    return [
        _code(seen, 1),
        expect(_SERVICE, "the image", seen.image_after, seen.image_before, remedy),
        judge(_TASKS, enough, running, remedy),
        _state(seen, "FAILED"),
    ]


def keeps_the_data(seen: RolloutSeen) -> list[Finding]:
    """The user's trial is after a deploy what it was before."""
    if not seen.trial_before.get("trial_used"):
        return [missing("the user", "a started trial")]
    before, after = dict(seen.trial_before), dict(seen.trial_after)
    return [expect(Resource(address="the user's trial"), "the status", after, before)]


def stays_steady(seen: StabilitySeen) -> list[Finding]:
    """Left alone, the service has every wanted task at every look, all healthy, none restarted."""
    if not seen.samples or not seen.targets:
        return [missing("the service", "a look at it, or a target")]
    wrong = [look for look in seen.samples if look[0] != look[1] or look[2] or not look[0]]
    told = f": desired, running, pending were {wrong[0]}" if wrong else ""
    steady = f"{len(wrong)} of {len(seen.samples)} looks were unsteady{told}"
    unhealthy = [state for state in seen.targets if state != "healthy"]
    reasons = "; ".join(seen.stopped)
    stopped = f"{len(seen.stopped)} tasks stopped by themselves{': ' if reasons else ''}{reasons}"
    return [
        judge(_SERVICE, not wrong, steady),
        judge(Resource(address="targets"), not unhealthy, f"{', '.join(seen.targets)}"),
        judge(_TASKS, not seen.stopped, stopped, "The task's log says why."),
    ]


def replaces_a_dead_task(seen: StabilitySeen) -> list[Finding]:
    """A task that was killed is gone, and there are as many as before without it."""
    place = Resource(address=seen.killed or "the killed task")
    counts = f"{len(seen.before)} tasks before its end, {len(seen.after)} after"
    same = 0 < len(seen.before) == len(seen.after)
    ended = seen.killed in seen.before - seen.after
    return [
        judge(place, ended, "was killed and is gone" if ended else "was killed and still runs"),
        judge(_TASKS, same, counts),
    ]


_SERVICE, _TASKS = Resource(address="the service"), Resource(address="the tasks")


def _code(seen: RolloutSeen, wanted: int) -> Finding:
    last = seen.said.splitlines()[-1] if seen.said else "nothing"
    remedy = f"It said: {last}"
    return expect(Resource(address="backend.deploy"), "the exit code", seen.code, wanted, remedy)


def _state(seen: RolloutSeen, wanted: str) -> Finding:
    place = Resource(address=f"the rollout of {seen.image_wanted}")
    return expect(place, "the state", seen.states.get(seen.image_wanted), wanted)
