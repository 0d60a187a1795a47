"""DynamoDB's answer is lost, or the call is throttled: for each write of the API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from verification.engine.aws.emulator.protocol import Fault
from verification.engine.smoke.http_session import Answer, Session
from verification.engine.smoke.scenarios.helpers import (
    LINKS,
    TRIAL,
    listed,
    mark,
    refused,
    repeats,
    shorten,
    table,
    task_calls,
    trial_of,
)
from verification.engine.smoke.scenarios.registry import Stages, scenario
from verification.engine.smoke.stage import EmbeddedStage
from verification.engine.system.concurrency import together
from verification.model.smoke.lost_answers import LostAnswersSeen, Outcome

CLICKS, LOST = 20, 3
_LOST, _THROTTLED = Fault("dynamodb", lost=True, count=1), Fault("dynamodb", count=1)
_TARGET = "https://example.com/lost"
_FILE = {"filename": "lost.txt", "size": 10}
Facts = Mapping[str, Any]


@dataclass
class _Person:
    """A user who makes writes.

    `alias` and `code` are the user's links, `taken` is another user's alias.
    """

    session: Session
    alias: str
    code: str = ""
    taken: str = ""

    @property
    def links(self) -> list[dict[str, Any]]:
        """The user's links from the API."""
        return listed(self.session)


@dataclass(frozen=True)
class _Write:
    """A request, its DynamoDB operation, and a function that reads its effect."""

    operation: str
    table: str
    ask: Callable[[_Person], Answer]
    look: Callable[[_Person, Answer], Facts]


@scenario
def lost_answers(stages: Stages, environment: str) -> LostAnswersSeen:
    """Users make the same writes, with and without a fault in the first attempt.

    Writes that must be rejected are throttled last, because the SDK is slower from then on.
    """
    with stages.embedded(environment, "lost_answers") as stage:
        usual = _make_all(stage, _WRITES | _REFUSALS, _person(stage, "usual"))
        lost = _make_all(stage, _WRITES | _REFUSALS, _person(stage, "lost"), _LOST)
        clicks, answers_lost = _crowd(stage)
        late = _person(stage, "throttled")
        late.session.post(TRIAL).demand(201)
        throttled = _make_all(stage, _REFUSALS, late, _THROTTLED)
        repeated = {"its first answer lost": lost, "its first attempt throttled": throttled}
        return LostAnswersSeen(usual, repeated, CLICKS, answers_lost, clicks, refused(stage))


def _person(stage: EmbeddedStage, name: str) -> _Person:
    person = _Person(stage.deployment.user(name), f"alias-{name}", taken=f"taken-{name}")
    person.code = shorten(person.session, _TARGET)
    shorten(stage.deployment.user(f"rival-{name}"), _TARGET, alias=person.taken)
    return person


def _make_all(
    stage: EmbeddedStage, writes: Mapping[str, _Write], person: _Person, fault: Fault | None = None
) -> dict[str, Outcome]:
    return {what: _make(stage, person, write, fault) for what, write in writes.items()}


def _make(stage: EmbeddedStage, person: _Person, write: _Write, fault: Fault | None) -> Outcome:
    since = mark(stage)
    if fault:
        _inject(stage, fault, write.operation, write.table)
    answer = write.ask(person)
    stage.world.clear_faults()
    sent = [call for call in task_calls(stage, since) if call.operation == write.operation]
    calls = sum(call.attempt == 1 for call in sent)
    spoiled = sum(call.lost or call.error == _THROTTLED.code for call in sent)
    return Outcome(answer.status, write.look(person, answer), calls, spoiled)


def _crowd(stage: EmbeddedStage) -> tuple[int, int]:
    """The count of a link after concurrent clicks, and the number of answers lost meanwhile."""
    person = _Person(stage.deployment.user("crowd"), "")
    person.code = shorten(person.session, _TARGET)
    visitor = stage.deployment.visitor()
    since = mark(stage)
    _inject(stage, Fault("dynamodb", lost=True, count=LOST), "UpdateItem", "urls")
    for click in together(CLICKS, lambda: visitor.get(f"/{person.code}")):
        click.demand(302)
    stage.world.clear_faults()
    clicks = _link(person, person.code).get("clicks", -1)
    return clicks, repeats(stage, "UpdateItem", since) or 0


def _inject(stage: EmbeddedStage, fault: Fault, operation: str, key: str) -> None:
    stage.world.inject(replace(fault, operation=operation, resource=table(stage, key)))


def _link(person: _Person, code: object) -> dict[str, Any]:
    return next((link for link in person.links if link["short_code"] == code), {})


def _trial(person: _Person, answer: Answer) -> Facts:
    trial, told = trial_of(person.session), answer.read(answer.status)
    told = told.get("trial", told)
    return {
        "tier": trial.get("tier"),
        "days remaining": trial.get("trial_days_remaining"),
        "the answer equals the stored item": told == trial,
    }


def _made(person: _Person, answer: Answer) -> Facts:
    told = answer.read(answer.status)
    link = told.get("link", told)
    stored = _link(person, link.get("short_code"))
    return {
        "links": len(person.links),
        "the answer equals the stored item": bool(stored) and link == stored,
    }


def _clicked(person: _Person, answer: Answer) -> Facts:
    clicks = _link(person, person.code).get("clicks")
    return {"Location": answer.headers.get("location"), "clicks": clicks}


def _still_theirs(person: _Person, _: Answer) -> Facts:
    click = person.session.get(f"/{person.taken}")
    own = bool(_link(person, person.taken))
    return {"Location": click.headers.get("location"), "it is in the user's list": own}


def _deleted(person: _Person, _: Answer) -> Facts:
    gone = person.session.get(f"/{person.alias}").status
    return {"links": len(person.links), "status of a click": gone}


_WRITES = {
    "start the trial": _Write("UpdateItem", "users", lambda p: p.session.post(TRIAL), _trial),
    "shorten": _Write(
        "PutItem", "urls", lambda p: p.session.post(LINKS, {"target": _TARGET}), _made
    ),
    "shorten with an alias": _Write(
        "PutItem",
        "urls",
        lambda p: p.session.post(LINKS, {"target": _TARGET, "alias": p.alias}),
        _made,
    ),
    "share a file": _Write(
        "PutItem", "urls", lambda p: p.session.post("/api/uploads", _FILE), _made
    ),
    "count a file": _Write(
        "UpdateItem", "users", lambda p: p.session.post("/api/uploads", _FILE), _made
    ),
    "click": _Write("UpdateItem", "urls", lambda p: p.session.get(f"/{p.code}"), _clicked),
    "delete": _Write(
        "DeleteItem", "urls", lambda p: p.session.delete(f"{LINKS}/{p.alias}"), _deleted
    ),
}
_REFUSALS = {
    "start a trial that was used": _Write(
        "UpdateItem", "users", lambda p: p.session.post(TRIAL), _trial
    ),
    "take another user's alias": _Write(
        "PutItem",
        "urls",
        lambda p: p.session.post(LINKS, {"target": _TARGET + "?other", "alias": p.taken}),
        _still_theirs,
    ),
    "delete another user's link": _Write(
        "DeleteItem", "urls", lambda p: p.session.delete(f"{LINKS}/{p.taken}"), _still_theirs
    ),
}
