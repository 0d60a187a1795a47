"""DynamoDB does what it is asked, and its answer never arrives: for each write of the API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from verification.engine.aws.emulator.protocol import Fault
from verification.engine.smoke.http_session import Answer, Session
from verification.engine.smoke.scenarios.helpers import (
    LINKS,
    TRIAL,
    mark,
    refused,
    repeats,
    shorten,
    table,
    task_calls,
    together,
    trial_of,
)
from verification.engine.smoke.scenarios.registry import Stages, scenario
from verification.engine.smoke.stage import EmbeddedStage
from verification.model.lost_answers import LostAnswersSeen, Outcome

CLICKS, LOST = 20, 3
_TARGET = "https://example.com/lost"
_FILE = {"filename": "lost.txt", "size": 10}
Facts = Mapping[str, Any]


@dataclass
class _Person:
    """A user who makes one write after the other; `alias` and `code` are links of theirs."""

    session: Session
    alias: str
    code: str = ""

    @property
    def links(self) -> list[dict[str, Any]]:
        """The user's links, as the list tells them."""
        found: list[dict[str, Any]] = self.session.get(LINKS).json()["links"]
        return found


@dataclass(frozen=True)
class _Write:
    """A request, the call of DynamoDB that it makes, and a look at what it did."""

    operation: str
    table: str
    ask: Callable[[_Person], Answer]
    look: Callable[[_Person, Answer], Facts]


@scenario
def lost_answers(stages: Stages, environment: str) -> LostAnswersSeen:
    """Two users make the same writes; every one of the second user's loses its first answer."""
    with stages.embedded(environment, "lost_answers") as stage:
        usual, repeated = (_all_writes(stage, name) for name in ("usual", "lost"))
        clicks, lost = _crowd(stage)
        return LostAnswersSeen(usual, repeated, CLICKS, lost, clicks, refused(stage))


def _all_writes(stage: EmbeddedStage, name: str) -> dict[str, Outcome]:
    person = _Person(stage.deployment.user(name), f"alias-{name}")
    person.code = shorten(person.session, _TARGET)
    return {what: _make(stage, person, write, name) for what, write in _WRITES.items()}


def _make(stage: EmbeddedStage, person: _Person, write: _Write, name: str) -> Outcome:
    since = mark(stage)
    if name == "lost":
        _lose(stage, write.operation, write.table, 1)
    answer = write.ask(person)
    stage.world.clear_faults()
    calls = [call for call in task_calls(stage, since) if call.operation == write.operation]
    facts = write.look(person, answer)
    return Outcome(answer.status, facts, len(calls), sum(call.lost for call in calls))


def _crowd(stage: EmbeddedStage) -> tuple[int, int]:
    """What a link counts that many click at once, and how many answers were lost meanwhile."""
    person = _Person(stage.deployment.user("crowd"), "")
    person.code = shorten(person.session, _TARGET)
    visitor = stage.deployment.visitor()
    since = mark(stage)
    _lose(stage, "UpdateItem", "urls", LOST)
    together(CLICKS, lambda: visitor.get(f"/{person.code}"))
    stage.world.clear_faults()
    clicks = _link(person, person.code).get("clicks", -1)
    return clicks, repeats(stage, "UpdateItem", since) or 0


def _lose(stage: EmbeddedStage, operation: str, key: str, count: int) -> None:
    stage.world.inject(Fault("dynamodb", operation, table(stage, key), lost=True, count=count))


def _link(person: _Person, code: object) -> dict[str, Any]:
    return next((link for link in person.links if link["short_code"] == code), {})


def _trial(person: _Person, answer: Answer) -> Facts:
    trial, told = trial_of(person.session), answer.json()
    return {
        "tier": trial.get("tier"),
        "days remaining": trial.get("trial_days_remaining"),
        "what was told is what is stored": told == trial,
    }


def _made(person: _Person, answer: Answer) -> Facts:
    told = answer.json()
    link = told.get("link", told)
    return {
        "links": len(person.links),
        "what was told is what is stored": bool(link) and link == _link(person, link["short_code"]),
    }


def _clicked(person: _Person, answer: Answer) -> Facts:
    clicks = _link(person, person.code).get("clicks")
    return {"Location": answer.headers.get("location"), "clicks": clicks}


def _deleted(person: _Person, _: Answer) -> Facts:
    gone = person.session.get(f"/{person.alias}").status
    return {"links": len(person.links), "a click on it": gone}


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
    "click": _Write("UpdateItem", "urls", lambda p: p.session.get(f"/{p.code}"), _clicked),
    "delete": _Write(
        "DeleteItem", "urls", lambda p: p.session.delete(f"{LINKS}/{p.alias}"), _deleted
    ),
}
