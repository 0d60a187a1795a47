"""The trial: its edges in time, through the API and with the clock in hand."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from backend.times import to_text
from backend.user_management import TRIAL_LENGTH, days_remaining
from tests.backend.kit import START, FrozenClock, Issuer

ENDS = START + TRIAL_LENGTH


def test_a_new_user_is_free_and_may_try(client: FlaskClient, issuer: Issuer) -> None:
    """Somebody never seen before has used no trial and has no days."""
    answer = client.get("/api/me/trial", headers=issuer.bearer())
    assert answer.status_code == 200
    assert answer.json == {
        "tier": "free",
        "trial_used": False,
        "trial_started_at": None,
        "trial_expires_at": None,
        "trial_days_remaining": 0,
    }


def test_starting_gives_thirty_days_of_premium(client: FlaskClient, issuer: Issuer) -> None:
    """Starting answers 201 with the premium tier, and the status says the same afterwards."""
    started = client.post("/api/me/trial", headers=issuer.bearer())
    assert started.status_code == 201
    assert started.json == {
        "tier": "premium",
        "trial_used": True,
        "trial_started_at": to_text(START),
        "trial_expires_at": to_text(ENDS),
        "trial_days_remaining": 30,
    }
    assert client.get("/api/me/trial", headers=issuer.bearer()).json == started.json


@pytest.mark.parametrize(
    ("after", "tier", "days"),
    [
        (timedelta(), "premium", 30),
        (timedelta(microseconds=1), "premium", 30),
        (timedelta(days=1), "premium", 29),
        (timedelta(days=29) - timedelta(microseconds=1), "premium", 2),
        (timedelta(days=29), "premium", 1),
        (timedelta(days=30) - timedelta(microseconds=1), "premium", 1),
        (timedelta(days=30), "free", 0),
        (timedelta(days=3000), "free", 0),
    ],
    ids=str,
)
def test_the_trial_at_its_edges(
    client: FlaskClient,
    issuer: Issuer,
    clock: FrozenClock,
    after: timedelta,
    tier: str,
    days: int,
) -> None:
    """Tier and days follow the clock alone, and change exactly where they should."""
    client.post("/api/me/trial", headers=issuer.bearer())
    clock.now = START + after
    headers = {"Authorization": f"Bearer {issuer.token()}"}
    status = client.get("/api/me/trial", headers=headers).get_json()
    assert (status["tier"], status["trial_days_remaining"]) == (tier, days)
    assert status["trial_used"] is True


@pytest.mark.parametrize("days", [0, 15, 31, 400])
def test_a_second_start_is_409_and_shows_the_first(
    client: FlaskClient, issuer: Issuer, clock: FrozenClock, days: int
) -> None:
    """The trial is used once for ever: at once, midway and after it is over."""
    client.post("/api/me/trial", headers=issuer.bearer())
    clock.advance(days=days)
    again = client.post("/api/me/trial", headers=issuer.bearer())
    assert again.status_code == 409
    assert again.get_json()["error"]["code"] == "trial_used"
    assert again.get_json()["trial"]["trial_started_at"] == to_text(START)


def test_users_see_only_their_own_trial(client: FlaskClient, issuer: Issuer) -> None:
    """The user is whoever the token names."""
    client.post("/api/me/trial", headers=issuer.bearer("user-1"))
    status = client.get("/api/me/trial", headers=issuer.bearer("user-2")).get_json()
    assert status["trial_used"] is False


@given(st.timedeltas(min_value=timedelta(days=-40), max_value=timedelta(days=40)))
def test_days_are_positive_exactly_while_the_trial_runs(remaining: timedelta) -> None:
    """The days are 0 exactly from the expiry on, and never more than 30."""
    days = days_remaining(ENDS, ENDS - remaining)
    assert (days > 0) == (remaining > timedelta())
    assert 0 <= days <= 30


@given(st.integers(0, 29), st.timedeltas(timedelta(microseconds=1), timedelta(days=1)))
def test_a_begun_day_counts_as_one(whole: int, begun: timedelta) -> None:
    """With n whole days and part of another left, n + 1 days remain."""
    assert days_remaining(ENDS, ENDS - timedelta(days=whole) - begun) == whole + 1
