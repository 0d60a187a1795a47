"""Whether the embedded AWS was so slow that the backend gave up a request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from verification.engine.aws.emulator.protocol import Call
from verification.engine.smoke.http_session import Answer, UnexpectedAnswer
from verification.model.findings import judge
from verification.model.smoke.traffic import Failure, too_slow
from verification.model.stack import Resource


def failure_of(answer: Answer, calls: Iterable[Call]) -> Failure:
    """The failure of an answer, with the slowest call during the request."""
    text = f"{answer.asked}: {answer.told}"
    if not answer.gave_up:
        return Failure(text)
    meanwhile = (
        call.duration_ms / 1000
        for call in calls
        if call.time < answer.ended and call.time + call.duration_ms / 1000 > answer.began
    )
    return Failure(text, max(meanwhile, default=0.0))


def demand_speed(answers: Iterable[Answer], calls: Sequence[Call]) -> None:
    """Require that the backend gave up no request because of a slow embedded AWS.

    Raises:
        UnexpectedAnswer: it did; the verdict is unknown.
    """
    found = [(answer, failure_of(answer, calls)) for answer in answers]
    for answer, failure in found:
        if failure.is_excused:
            text = f"the answer is {answer.told}; {too_slow(failure.slowest_call)}"
            raise UnexpectedAnswer(judge(Resource(address=answer.asked), None, text))
