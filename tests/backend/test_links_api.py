"""Links through the API: what is accepted, who may do what, and how they end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from backend.links import MAX_TARGET_LENGTH, InvalidLink, clean_filename, clean_target
from backend.times import to_text
from tests.backend.kit import START, FrozenClock, Issuer

TARGET = "https://example.com/a?b=c#d"


def shorten(client: FlaskClient, issuer: Issuer, **body: Any) -> Any:
    """The answer to creating a link."""
    return client.post("/api/links", json={"target": TARGET} | body, headers=issuer.bearer())


def test_a_link_redirects_and_counts(client: FlaskClient, issuer: Issuer) -> None:
    """A new link leads to its target for everybody, and its owner sees the clicks."""
    created = shorten(client, issuer)
    code = created.get_json()["short_code"]
    assert (created.status_code, len(code)) == (201, 8)
    followed = client.get(f"/{code}")
    assert (followed.status_code, followed.location) == (302, TARGET)
    assert followed.headers["Cache-Control"] == "no-store"
    listed = client.get("/api/links", headers=issuer.bearer()).get_json()
    assert listed["links"][0]["clicks"] == 1
    assert listed["next_cursor"] is None


def test_head_counts_no_click(client: FlaskClient, issuer: Issuer, clock: FrozenClock) -> None:
    """HEAD is answered as GET is, for a good, an old and an unknown link, and counts nothing."""
    expires_at = to_text(START + timedelta(hours=1))
    shorten(client, issuer, alias="brief", expires_at=expires_at)
    head, get = client.head("/brief"), client.get("/brief")
    assert (head.status_code, head.location) == (get.status_code, get.location) == (302, TARGET)
    clock.advance(hours=1)
    assert client.head("/brief").status_code == 410
    assert client.head("/never").status_code == 404
    listed = client.get("/api/links", headers=issuer.bearer()).get_json()["links"]
    assert listed[0]["clicks"] == 1


def test_an_alias_belongs_to_the_first(client: FlaskClient, issuer: Issuer) -> None:
    """An alias works as the code, and a second wish for it is 409."""
    assert shorten(client, issuer, alias="my-talk").get_json()["short_code"] == "my-talk"
    assert shorten(client, issuer, alias="my-talk").status_code == 409


@pytest.mark.parametrize(
    "alias", ["ab", "x" * 33, "a b", "ä-umlaut", "a/b", "api", "HEALTH", "static", "", 7, "a\n"]
)
def test_a_bad_alias_is_refused(client: FlaskClient, issuer: Issuer, alias: object) -> None:
    """Aliases that are malformed, or would hide an address of ours, are 400."""
    refused = shorten(client, issuer, alias=alias)
    assert (refused.status_code, refused.json["error"]["code"]) == (400, "invalid_alias")


@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        7,
        "example.com",
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://example.com/",
        "//example.com/",
        "https://",
        "https:///path",
        "http://a:b@example.com/",
        "https://example.com@evil.example/",
        "https://good.example\\@evil.example/",
        "https://good.example\\.evil.example/",
        "https://example.com/a b",
        "https://example.com/\r\nSet-Cookie: x=1",
        "https://example.com:99999/",
        "https://example.com:0/",
        "http://[::1",
        "https://example.com/" + "x" * MAX_TARGET_LENGTH,
        "https://example.com/" + "ü" * 1000,
    ],
)
def test_a_bad_target_is_refused(client: FlaskClient, issuer: Issuer, target: object) -> None:
    """Only plain http and https addresses of bounded length become links."""
    refused = shorten(client, issuer, target=target)
    assert (refused.status_code, refused.json["error"]["code"]) == (400, "invalid_target")


@given(st.text(max_size=60) | st.text(max_size=60).map(lambda tail: f"https://example.com/{tail}"))
def test_whatever_is_accepted_is_safe_to_redirect_to(text: str) -> None:
    """An accepted target is ASCII, http(s), names a host, and stays as it is when cleaned again."""
    try:
        target = clean_target(text)
    except InvalidLink:
        return
    parts = urlsplit(target)
    assert target.isascii()
    assert target.isprintable()
    assert " " not in target
    assert parts.scheme in ("http", "https")
    assert parts.hostname
    assert clean_target(target) == target


@given(st.text(max_size=80))
def test_whatever_name_is_accepted_is_one_path_part(text: str) -> None:
    """An accepted file name has no separators and no control characters."""
    try:
        name = clean_filename(text)
    except InvalidLink:
        return
    assert name.isprintable()
    assert not set(name) & set("/\\")
    assert name not in ("", ".", "..")


@pytest.mark.parametrize(
    "expires_at",
    ["soon", "2026-02-01", "2026-02-01T00:00:00", to_text(START), "9999-12-31T00:00:00Z", 7, ""],
)
def test_a_bad_expiry_is_refused(client: FlaskClient, issuer: Issuer, expires_at: object) -> None:
    """An expiry without offset, in the past, or in another age is 400."""
    refused = shorten(client, issuer, expires_at=expires_at)
    assert (refused.status_code, refused.json["error"]["code"]) == (400, "invalid_expires_at")


def test_an_expired_link_is_410_and_an_unknown_one_404(
    client: FlaskClient, issuer: Issuer, clock: FrozenClock
) -> None:
    """A link's time ends by the clock, not when somebody deletes it."""
    expires_at = to_text(START + timedelta(hours=1))
    assert shorten(client, issuer, alias="brief", expires_at=expires_at).status_code == 201
    assert client.get("/brief").status_code == 302
    clock.advance(hours=1)
    assert client.get("/brief").status_code == 410
    assert client.get("/never").status_code == 404
    listed = client.get("/api/links", headers=issuer.bearer()).get_json()["links"]
    assert (listed[0]["expired"], listed[0]["clicks"]) == (True, 1)


def test_a_person_gets_a_page_for_a_dead_link(client: FlaskClient) -> None:
    """A browser that follows a dead link sees a page; a program sees JSON."""
    page = client.get("/never", headers={"Accept": "text/html,*/*;q=0.8"})
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert "Link not found." in page.text
    assert client.get("/never").mimetype == "application/json"


def test_pages_lead_through_all_links(client: FlaskClient, issuer: Issuer) -> None:
    """Following next_cursor shows every own link once."""
    for number in range(5):
        shorten(client, issuer, alias=f"link-{number}")
    codes, query = [], {"limit": "2"}
    while True:
        page = client.get("/api/links", query_string=query, headers=issuer.bearer()).get_json()
        codes += [link["short_code"] for link in page["links"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert sorted(codes) == [f"link-{number}" for number in range(5)]


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=101",
        "limit=" + "1" * 5000,
        "limit=two",
        "limit=-1",
        "cursor=!",
        "cursor=YQ",
        "cursor=%C3",
    ],
)
def test_a_bad_page_is_refused(client: FlaskClient, issuer: Issuer, query: str) -> None:
    """A page size out of bounds and a made-up cursor are 400."""
    assert client.get(f"/api/links?{query}", headers=issuer.bearer()).status_code == 400


def test_links_are_their_owners_alone(client: FlaskClient, issuer: Issuer) -> None:
    """Another user neither sees nor deletes a link, with or without its cursor."""
    shorten(client, issuer, alias="mine-1")
    shorten(client, issuer, alias="mine-2")
    page = client.get("/api/links?limit=1", headers=issuer.bearer()).get_json()
    other = issuer.bearer("user-2")
    query = {"cursor": page["next_cursor"]}
    assert client.get("/api/links", query_string=query, headers=other).get_json()["links"] == []
    assert client.delete("/api/links/mine-1", headers=other).status_code == 404
    assert client.delete("/api/links/mine-1", headers=issuer.bearer()).status_code == 204
    assert client.get("/mine-1").status_code == 404
