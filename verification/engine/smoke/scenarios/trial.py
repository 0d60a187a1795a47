"""The trial through the API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from itertools import pairwise

from verification.engine.aws.emulator.protocol import Call
from verification.engine.smoke.http_session import Session, Tokens
from verification.engine.smoke.scenarios.helpers import (
    TRIAL,
    refused,
    shift_trial,
    shorten,
    store_calls,
    trial_of,
)
from verification.engine.smoke.scenarios.registry import Stages, scenario
from verification.engine.smoke.stage import EmbeddedStage
from verification.engine.smoke.users import create_user, sign_in
from verification.engine.system.concurrency import together
from verification.model.smoke.observations import CallsSeen, RaceSeen, StrangersSeen, TrialSeen

CLICKS, ROUNDS = 50, 10
REPEATS = 5
_TARGET = "https://example.com/trial"


@scenario
def trial(stages: Stages, environment: str) -> TrialSeen:
    """A new user starts a trial, again, and again after its end; unauthorized requests, too."""
    with stages.stage(environment, "trial") as stage:
        user = stage.deployment.user("trial")
        before = trial_of(user)
        start = user.post(TRIAL).status
        running = trial_of(user)
        again = user.post(TRIAL).status
        shift_trial(stage, user, -31)
        over = trial_of(user)
        late = user.post(TRIAL).status
        strangers = _answers(_forged(user) | {"nobody": stage.deployment.visitor()})
        return TrialSeen(before, start, running, again, over, late, strangers, refused(stage))


@scenario
def foreign_tokens(stages: Stages, environment: str) -> StrangersSeen:
    """Users of another client and of another pool request a trial."""
    with stages.embedded(environment, "foreign_tokens") as stage:
        pool = str(stage.outputs["user_pool_id"])
        other = stage.client("cognito-idp").create_user_pool(PoolName="another")["UserPool"]["Id"]
        url = stage.deployment.base_url
        tokens = {
            "a token of another client": Session(url, _foreign_token(stage, pool)),
            "a token of another pool": Session(url, _foreign_token(stage, str(other))),
        }
        return StrangersSeen(_answers(tokens), refused(stage))


@scenario
def trial_race(stages: Stages, environment: str) -> RaceSeen:
    """Ten new users, each with fifty concurrent starts."""
    with stages.stage(environment, "trial_race") as stage:
        users = [stage.deployment.user(f"race{number}") for number in range(ROUNDS)]
        answers = tuple(_race(user) for user in users)
        running = tuple(trial_of(user).get("tier") == "premium" for user in users)
        return RaceSeen(answers, running, refused(stage))


@scenario
def requests_cost(stages: Stages, environment: str) -> CallsSeen:
    """Each frequent request, and one for an unknown code, several times, sequentially."""
    with stages.embedded(environment, "requests_cost") as stage:
        users = [stage.deployment.user(f"cost{number}") for number in range(REPEATS)]
        code = shorten(users[0], _TARGET)
        requests: dict[str, Callable[[Session], object]] = {
            "status": lambda user: user.get(TRIAL).demand(200),
            "start trial": lambda user: user.post(TRIAL).demand(201),
            "shorten": lambda user: shorten(user, _TARGET),
            "redirect": lambda user: user.get(f"/{code}").demand(302),
            "unknown code": lambda user: user.get("/never-made").demand(404),
        }
        borders = [_last(stage)]
        for make in requests.values():
            for user in users:
                make(user)
            borders.append(_last(stage))
        spans = dict(zip(requests, pairwise(borders), strict=True))
        # A call and its SDK retries are one call.
        calls = [call for call in store_calls(stage) if call.attempt == 1]
        return CallsSeen(REPEATS, _within(spans, calls), refused(stage))


def _race(user: Session) -> tuple[int, ...]:
    """The statuses of a user's concurrent starts; closes the connections afterwards."""
    try:
        return tuple(together(CLICKS, partial(_start, user)))
    finally:
        user.close()


def _start(user: Session) -> int:
    return user.post(TRIAL).demand(201, 409).status


def _forged(user: Session) -> dict[str, Session]:
    """Sessions with forged variants of a user's token."""
    assert user.tokens is not None
    header, claims, signature = user.tokens.id.split(".")
    tokens = {
        "a token with another signature": f"{header}.{claims}.{signature[::-1]}",
        "a token without signature": f"{header}.{claims}.",
        "an invalid token": "garbage",
    }
    return {who: Session(user.base_url, Tokens(token, token)) for who, token in tokens.items()}


def _answers(sessions: Mapping[str, Session]) -> dict[str, int]:
    """The status of a trial request in each session."""
    found = {who: session.get(TRIAL).status for who, session in sessions.items()}
    for session in sessions.values():
        session.close()
    return found


def _foreign_token(stage: EmbeddedStage, pool: str) -> Tokens:
    """Tokens of a pool for a client that the application does not accept."""
    cognito = stage.client("cognito-idp")
    client = cognito.create_user_pool_client(UserPoolId=pool, ClientName="another")
    stranger = create_user(cognito, pool, "stranger@example.com")
    return sign_in(cognito, pool, client["UserPoolClient"]["ClientId"], stranger)


def _last(stage: EmbeddedStage) -> int:
    return stage.world.calls()[-1].sequence


def _table_of(call: Call) -> str:
    return call.resources[0].rpartition("/")[2]


def _within(spans: Mapping[str, tuple[int, int]], calls: list[Call]) -> dict[str, tuple[str, ...]]:
    return {
        name: tuple(
            f"{call.operation} {_table_of(call)}" for call in calls if first < call.sequence <= last
        )
        for name, (first, last) in spans.items()
    }
