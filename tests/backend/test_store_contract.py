"""The promises of backend.store.Store, held by both stores."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.quota import FileClaim, Quota
from backend.store import (
    CodeTaken,
    Link,
    LinkExpired,
    LinkHasFile,
    LinkNotFound,
    QuotaExceeded,
    Store,
    TrialAlreadyUsed,
    User,
)
from tests.backend.kit import START, simultaneously

MONTH = timedelta(days=30)
LINK = Link("code-1", "user-1", START, START, target="https://example.com/")
FILE = replace(LINK, target=None, file_key="uploads/7-days/user-1/x", filename="x.pdf")


def claim(name: str, size: int) -> FileClaim:
    """What a file takes for a month."""
    key = f"uploads/30-days/user-1/{name}"
    return FileClaim(key, size, START.replace(microsecond=0) + MONTH)


def test_somebody_never_seen_is_a_new_user(store: Store) -> None:
    """Reading an unknown user is no error and writes nothing."""
    assert store.get_user("nobody") is None


def test_a_started_trial_is_read_back(store: Store) -> None:
    """What start_trial returns is exactly what get_user then finds, to the microsecond."""
    started = store.start_trial("user-1", "a@example.com", START, START + MONTH)
    expected = User("user-1", "a@example.com", START, START + MONTH, START, START)
    assert started == expected
    assert store.get_user("user-1") == expected


def test_a_trial_needs_no_email(store: Store) -> None:
    """A user without an email can start a trial: the email index must not get an empty key."""
    assert store.start_trial("user-1", None, START, START + MONTH).email is None


def test_a_second_trial_is_refused_for_ever(store: Store) -> None:
    """A trial cannot be started again, not even years after it is over, and stays as it was."""
    first = store.start_trial("user-1", "a@example.com", START, START + MONTH)
    later = START + 100 * MONTH
    with pytest.raises(TrialAlreadyUsed) as refused:
        store.start_trial("user-1", "b@example.com", later, later + MONTH)
    assert refused.value.user == first
    assert store.get_user("user-1") == first


def test_fifty_simultaneous_starts_have_one_winner(store: Store) -> None:
    """Of 50 clicks at once exactly one starts the trial; the others learn that it was used."""
    outcomes = simultaneously(50, lambda: store.start_trial("user-1", None, START, START + MONTH))
    assert sum(isinstance(outcome, User) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, TrialAlreadyUsed) for outcome in outcomes) == 49


def test_trials_of_different_users_are_independent(store: Store) -> None:
    """One user's trial does not use up another's."""
    store.start_trial("user-1", None, START, START + MONTH)
    assert store.start_trial("user-2", None, START, START + MONTH).user_id == "user-2"


@pytest.mark.parametrize(
    "link",
    [
        LINK,
        replace(LINK, expires_at=START.replace(microsecond=0) + MONTH),
        replace(LINK, target=None, file_key="uploads/user-1/x", filename="Übersicht.pdf"),
    ],
    ids=["target", "expiring", "file"],
)
def test_a_link_is_read_back(store: Store, link: Link) -> None:
    """Following returns the link as added, with one click more."""
    store.add_link(link)
    later = START + timedelta(seconds=5)
    assert store.follow_link("code-1", later) == replace(link, clicks=1, updated_at=later)


def test_looking_counts_no_click(store: Store) -> None:
    """Getting returns the link as it is; an unknown and an old one are told apart as by a click."""
    expiry = START.replace(microsecond=0) + MONTH
    store.add_link(replace(LINK, expires_at=expiry))
    for _ in range(2):
        assert store.get_link("code-1", START) == replace(LINK, expires_at=expiry)
    with pytest.raises(LinkExpired):
        store.get_link("code-1", expiry)
    with pytest.raises(LinkNotFound):
        store.get_link("unknown", START)


def test_a_taken_code_is_refused(store: Store) -> None:
    """Adding never overwrites a link, whoever it belongs to."""
    store.add_link(LINK)
    with pytest.raises(CodeTaken):
        store.add_link(replace(LINK, created_by_user="user-2", target="https://evil.example/"))
    assert store.follow_link("code-1", START).target == LINK.target


def test_one_of_twenty_rivals_gets_the_code(store: Store) -> None:
    """Simultaneous wishes for one code have one winner."""
    outcomes = simultaneously(20, lambda: store.add_link(LINK))
    assert outcomes.count(None) == 1


def test_an_unknown_code_is_not_found(store: Store) -> None:
    """Following an unknown code neither works nor creates anything."""
    for _ in range(2):
        with pytest.raises(LinkNotFound):
            store.follow_link("unknown", START)


def test_a_link_ends_at_its_very_instant(store: Store) -> None:
    """A link works until just before its expiry and not from that instant on, counting no click."""
    expiry = START.replace(microsecond=0) + MONTH
    store.add_link(replace(LINK, expires_at=expiry))
    assert store.follow_link("code-1", expiry - timedelta(microseconds=1)).clicks == 1
    for late in (expiry, expiry + timedelta(days=1)):
        with pytest.raises(LinkExpired):
            store.follow_link("code-1", late)
    assert store.list_links("user-1", 10, None).links[0].clicks == 1


def test_simultaneous_clicks_are_all_counted(store: Store) -> None:
    """Thirty clicks at once are thirty clicks."""
    store.add_link(LINK)
    outcomes = simultaneously(30, lambda: store.follow_link("code-1", START).clicks)
    assert sorted(outcomes) == list(range(1, 31))


@pytest.mark.parametrize("limit", [1, 2, 5, 7])
def test_pages_show_every_own_link_once(store: Store, limit: int) -> None:
    """Walking the pages meets each of the user's links once, and nobody else's."""
    for number in range(5):
        store.add_link(replace(LINK, short_code=f"mine-{number}"))
        store.add_link(replace(LINK, short_code=f"other-{number}", created_by_user="user-2"))
    codes: list[str] = []
    after = None
    for _ in range(7):
        page = store.list_links("user-1", limit, after)
        assert len(page.links) <= limit
        codes += [link.short_code for link in page.links]
        after = page.next_code
        if after is None:
            break
    assert sorted(codes) == [f"mine-{number}" for number in range(5)]
    assert after is None


def test_a_deleted_link_is_gone(store: Store) -> None:
    """After deletion the code leads nowhere, is in no list, and is free again."""
    store.add_link(LINK)
    store.delete_link("user-1", "code-1")
    with pytest.raises(LinkNotFound):
        store.follow_link("code-1", START)
    assert store.list_links("user-1", 10, None).links == ()
    store.add_link(LINK)


def test_nobody_deletes_another_users_link(store: Store) -> None:
    """Deleting another's link is answered like deleting none, and deletes nothing."""
    store.add_link(LINK)
    for code in ("code-1", "unknown"):
        with pytest.raises(LinkNotFound):
            store.delete_link("user-2", code)
    assert store.follow_link("code-1", START).clicks == 1


def test_a_files_link_goes_after_its_file(store: Store) -> None:
    """It is deleted only by who names its file, and by its owner alone."""
    store.add_link(FILE)
    for named in (None, "uploads/other"):
        with pytest.raises(LinkHasFile) as refused:
            store.delete_link("user-1", "code-1", named)
        assert refused.value.file_key == FILE.file_key
        with pytest.raises(LinkNotFound):
            store.delete_link("user-2", "code-1", named)
    with pytest.raises(LinkNotFound):
        store.delete_link("user-2", "code-1", FILE.file_key)
    store.delete_link("user-1", "code-1", FILE.file_key)
    with pytest.raises(LinkNotFound):
        store.get_link("code-1", START)


def test_files_count_until_they_are_released_or_expire(store: Store) -> None:
    """Number and bytes are bounded, for each user alone; releasing twice is releasing once."""
    quota, one = Quota(2, 100), claim("one", 60)
    store.claim_file("user-1", one, quota, START)
    with pytest.raises(QuotaExceeded):
        store.claim_file("user-1", claim("two", 41), quota, START)
    store.claim_file("user-1", claim("two", 40), quota, START)
    with pytest.raises(QuotaExceeded):
        store.claim_file("user-1", claim("three", 0), quota, START)
    store.claim_file("user-2", claim("four", 60), quota, START)
    for _ in range(2):
        store.release_file("user-1", one.key)
    store.release_file("nobody", one.key)
    store.claim_file("user-1", claim("three", 60), quota, START)
    store.claim_file("user-1", claim("five", 60), quota, START + MONTH)


def test_one_of_ten_rivals_gets_the_last_place(store: Store) -> None:
    """Simultaneous claims never exceed the quota."""
    names = iter(range(10))

    def attempt() -> str:
        try:
            store.claim_file("user-1", claim(f"file-{next(names)}", 60), Quota(9, 100), START)
        except QuotaExceeded:
            return "refused"
        return "counted"

    assert sorted(simultaneously(10, attempt)) == ["counted", *["refused"] * 9]


def test_a_user_with_files_is_still_a_new_user(store: Store) -> None:
    """Counting a file starts no trial, and takes none."""
    store.claim_file("user-1", claim("one", 1), Quota(1, 1), START)
    user = store.get_user("user-1")
    assert user is None or user.trial_started_at is None
    store.start_trial("user-1", "a@example.com", START, START + MONTH)
    with pytest.raises(QuotaExceeded):
        store.claim_file("user-1", claim("two", 1), Quota(1, 1), START)


def test_a_good_store_passes_its_check(store: Store) -> None:
    """Readiness is given as soon as both tables are there."""
    store.check()
