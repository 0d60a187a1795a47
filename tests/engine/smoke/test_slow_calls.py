"""A slow AWS excuses a request that the backend gave up at that moment, and no other."""

from __future__ import annotations

import pytest

from backend.aws import READ_SECONDS
from verification.engine.aws.emulator.protocol import Call
from verification.engine.smoke.http_session import Answer, UnexpectedAnswer
from verification.engine.smoke.slow_calls import demand_speed, failure_of
from verification.model.smoke.traffic import BACKEND_WAITS

OURS = {"x-request-id": "1"}
BODY = b'{"error": {"code": "unavailable", "message": "Try again shortly."}}'


def answer(status: int = 503, headers: dict[str, str] = OURS, body: bytes = BODY) -> Answer:
    """The answer to a request from second 100 to second 109."""
    return Answer(status, headers, body, "GET /api/me/trial", 100.0, 109.0)


def call(began: float, seconds: float) -> Call:
    """A call that the embedded AWS worked on from then on."""
    return Call(1, began, "", "dynamodb", "GetItem", (), 200, None, seconds * 1000)


@pytest.mark.parametrize(
    ("given", "calls", "excused"),
    [
        (answer(), [call(99.0, 0.01), call(101.0, 2.2)], True),
        (answer(), [call(99.5, 1.2)], True),
        (answer(), [call(101.0, 0.2)], False),
        (answer(), [call(90.0, 9.0), call(109.5, 9.0)], False),
        (answer(), [], False),
        (answer(headers={}, body=b"<html>"), [call(101.0, 2.2)], False),
        (answer(502), [call(101.0, 2.2)], False),
        (answer(500), [call(101.0, 2.2)], False),
    ],
    ids=[
        "slow call",
        "began before",
        "fast calls",
        "slow before and after",
        "no record",
        "load balancer's 503",
        "502",
        "500",
    ],
)
def test_what_excuses_a_failure(given: Answer, calls: list[Call], excused: bool) -> None:
    """Only the backend's own 503 is excused, by a call that was slow while it was worked on."""
    assert failure_of(given, calls).is_excused is excused
    if not excused:
        demand_speed([given], calls)
        return
    with pytest.raises(UnexpectedAnswer) as caught:
        demand_speed([answer(200), given], calls)
    assert caught.value.unknown
    assert str(caught.value).startswith(
        "GET /api/me/trial: the answer is 503 (unavailable); an AWS call took up to "
    )


def test_the_backend_waits_as_long_as_is_told() -> None:
    """The figure that findings tell is the backend's."""
    assert BACKEND_WAITS == READ_SECONDS
