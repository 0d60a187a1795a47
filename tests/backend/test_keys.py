"""The pool's keys: kept, fetched anew, and had for granted by nobody while the pool is away."""

from __future__ import annotations

import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from backend.identity import (
    FIRST_PAUSE_SECONDS,
    KEYS_FRESH_SECONDS,
    PATIENCE_SECONDS,
    REFETCH_SECONDS,
    IdentityUnavailable,
    InvalidToken,
    KeySet,
)
from tests.backend.kit import Issuer
from tests.kit import HANG


class Keys:
    """A key set's source that counts, and can fail."""

    def __init__(self, jwks: dict[str, Any]) -> None:
        self.jwks, self.fetches, self.fails, self.now = jwks, 0, False, 0.0

    def fetch(self) -> dict[str, Any]:
        """The key set, or a failure."""
        self.fetches += 1
        if self.fails:
            raise OSError("no route")
        return self.jwks

    def key_set(self) -> KeySet:
        """A KeySet over this source and clock."""
        return KeySet(self.fetch, lambda: self.now)


def test_keys_are_fetched_once_an_hour(issuer: Issuer) -> None:
    """Verifying asks the pool for its keys once, and again when they are an hour old."""
    source = Keys(issuer.jwks())
    keys = source.key_set()
    for _ in range(5):
        keys.key("pool-key")
    assert source.fetches == 1
    source.now = KEYS_FRESH_SECONDS
    keys.key("pool-key")
    assert source.fetches == 2


def test_prefetched_keys_need_no_fetch(issuer: Issuer) -> None:
    """Keys that were fetched at the start are there for the first request."""
    source = Keys(issuer.jwks())
    keys = source.key_set()
    assert keys.prefetch() == ""
    source.fails = True
    assert keys.key("pool-key").key_id == "pool-key"
    assert source.fetches == 1


def test_prefetch_tries_again(issuer: Issuer) -> None:
    """One failure is not the end of it: after the first pause the keys are fetched."""
    source = Keys(issuer.jwks())
    source.fails, pauses = True, list[float]()

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        source.fails = False

    assert source.key_set().prefetch(sleep) == ""
    assert pauses == [FIRST_PAUSE_SECONDS]


def test_prefetch_gives_up(issuer: Issuer) -> None:
    """A pool that does not answer keeps nobody from starting; requests go on trying."""
    source = Keys(issuer.jwks())
    source.fails = True
    keys = source.key_set()
    assert keys.prefetch(lambda _: None) == "no route"
    assert source.fetches == 3
    source.fails, source.now = False, 60.0
    assert keys.key("pool-key").key_id == "pool-key"


def test_made_up_key_ids_do_not_cause_a_storm(issuer: Issuer) -> None:
    """Unknown key ids make us ask the pool at most once in half a minute."""
    source = Keys(issuer.jwks())
    keys = source.key_set()
    for number in range(50):
        with pytest.raises(InvalidToken):
            keys.key(f"made-up-{number}")
    assert source.fetches == 1


def test_a_new_key_is_found(issuer: Issuer) -> None:
    """When the pool changes its keys, tokens with the new key work within half a minute."""
    source = Keys({"keys": [issuer.jwks()["keys"][0] | {"kid": "old"}]})
    keys = source.key_set()
    keys.key("old")
    source.jwks, source.now = issuer.jwks(), REFETCH_SECONDS
    assert keys.key("pool-key").key_id == "pool-key"


def test_known_keys_outlive_trouble_at_the_pool(issuer: Issuer) -> None:
    """Known keys go on working while new ones cannot be fetched."""
    source = Keys(issuer.jwks())
    keys = source.key_set()
    keys.key("pool-key")
    source.fails, source.now = True, 2 * KEYS_FRESH_SECONDS
    assert keys.key("pool-key").key_id == "pool-key"


def test_without_keys_nobody_is_let_in(issuer: Issuer) -> None:
    """When no keys could ever be fetched, tokens can be neither accepted nor called invalid."""
    source = Keys(issuer.jwks())
    source.fails = True
    keys = source.key_set()
    for _ in range(5):
        with pytest.raises(IdentityUnavailable):
            keys.key("pool-key")
    assert source.fetches == 1


def test_the_next_request_after_a_failure_tries_again(issuer: Issuer) -> None:
    """One failed fetch means no half minute without anybody: a moment later all is well."""
    source = Keys(issuer.jwks())
    source.fails = True
    keys = source.key_set()
    with pytest.raises(IdentityUnavailable, match="no route"):
        keys.key("pool-key")
    source.fails, source.now = False, FIRST_PAUSE_SECONDS
    assert keys.key("pool-key").key_id == "pool-key"


def fetch_times(source: Keys, keys: KeySet, seconds: int) -> list[float]:
    """When the keys are fetched while a request comes every hundredth of a second."""
    found, began = [], source.now
    for hundredth in range(seconds * 100):
        source.now = began + hundredth / 100
        before = source.fetches
        with pytest.raises((IdentityUnavailable, InvalidToken)):
            keys.key("another-key")
        if source.fetches > before:
            found.append(source.now - began)
    return found


def test_the_pause_grows_with_each_failure(issuer: Issuer) -> None:
    """A pool that is away is asked ever less often: 0.2 s, twice that, and so on, up to 30 s."""
    source = Keys(issuer.jwks())
    source.fails = True
    times = fetch_times(source, source.key_set(), 130)
    pauses = [round(b - a, 1) for a, b in itertools.pairwise(times)]
    assert pauses == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30.0, 30.0]


def test_a_success_ends_the_growing_pause(issuer: Issuer) -> None:
    """After a good fetch the next failure begins with the short pause again."""
    source = Keys(issuer.jwks())
    keys = source.key_set()
    source.fails = True
    fetch_times(source, keys, 20)
    source.fails, source.now = False, 100.0
    keys.key("pool-key")
    source.fails, source.now = True, 100.0 + KEYS_FRESH_SECONDS
    assert [round(t, 1) for t in fetch_times(source, keys, 2)] == [0.0, 0.2, 0.6, 1.4]


def hanging(source: Keys) -> tuple[threading.Event, threading.Event]:
    """Let the source's fetches hang; gives an event that one began, and one that ends it."""
    began, go, fetch = threading.Event(), threading.Event(), source.fetch

    def fetch_slowly() -> dict[str, Any]:
        began.set()
        assert go.wait(HANG)
        return fetch()

    source.fetch = fetch_slowly  # type: ignore[method-assign]
    return began, go


def test_nobody_queues_behind_a_hanging_fetch(issuer: Issuer) -> None:
    """One thread fetches; others wait for it until it has taken half a second, then not at all."""
    source = Keys(issuer.jwks())
    began, go = hanging(source)
    keys = KeySet(source.fetch)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(keys.key, "pool-key")
        assert began.wait(HANG)
        time.sleep(PATIENCE_SECONDS)
        asked = time.monotonic()
        for _ in range(20):
            with pytest.raises(IdentityUnavailable, match="first fetch is in progress"):
                keys.key("pool-key")
        assert time.monotonic() - asked < 20 * PATIENCE_SECONDS / 2
        go.set()
        assert first.result(HANG).key_id == "pool-key"
    assert source.fetches == 1


def test_a_first_rush_waits_for_the_first_fetch(issuer: Issuer) -> None:
    """Those who come while the first fetch goes well get their key from it."""
    source = Keys(issuer.jwks())
    began, go = hanging(source)
    keys = KeySet(source.fetch, lambda: 0.0)
    with ThreadPoolExecutor(8) as pool:
        rush = [pool.submit(keys.key, "pool-key") for _ in range(8)]
        assert began.wait(HANG)
        go.set()
        assert {future.result(HANG).key_id for future in rush} == {"pool-key"}
    assert source.fetches == 1


def test_known_keys_wait_for_no_fetch(issuer: Issuer) -> None:
    """While one request fetches stale keys anew, those of others are verified at once."""
    source = Keys(issuer.jwks())
    keys = KeySet(lambda: source.fetch(), lambda: source.now)
    assert keys.key("pool-key")
    source.now = KEYS_FRESH_SECONDS
    began, go = hanging(source)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(keys.key, "pool-key")
        assert began.wait(HANG)
        assert keys.key("pool-key").key_id == "pool-key"
        assert not slow.done()
        go.set()
    assert source.fetches == 2


@pytest.mark.parametrize("document", [{}, {"keys": []}, {"keys": 5}, {"keys": ["x"]}], ids=str)
def test_an_odd_key_set_is_a_failed_fetch(issuer: Issuer, document: dict[str, Any]) -> None:
    """An answer without keys takes none of the known ones away."""
    source = Keys(issuer.jwks())
    keys = source.key_set()
    keys.key("pool-key")
    source.jwks, source.now = document, KEYS_FRESH_SECONDS
    assert keys.key("pool-key").key_id == "pool-key"
    assert source.fetches == 2


@pytest.mark.parametrize("error", [OSError, ValueError, RecursionError])
def test_a_fetch_that_breaks_is_a_failed_one(issuer: Issuer, error: type[Exception]) -> None:
    """Whatever the pool answers, also brackets inside brackets without end, known keys go on."""
    now = [0.0]
    answers = iter([issuer.jwks()])

    def fetch() -> dict[str, Any]:
        for answer in answers:
            return answer
        raise error

    keys = KeySet(fetch, lambda: now[0])
    keys.key("pool-key")
    now[0] = KEYS_FRESH_SECONDS
    assert keys.key("pool-key").key_id == "pool-key"
