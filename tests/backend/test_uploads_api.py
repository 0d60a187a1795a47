"""Shared files: the signed addresses, and what may be asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from backend.config import Config
from backend.http import content_security_policy
from backend.quota import Quota
from backend.services import services_of
from backend.sqlite_store import SqliteStore
from backend.times import to_text
from backend.uploads import LIFETIMES, Uploads, UploadsUnavailable, new_file_key
from tests.backend.kit import START, FrozenClock, Issuer

FILE = {"filename": "Übersicht 2026.pdf", "size": 1234, "content_type": "application/pdf"}


def upload(client: FlaskClient, issuer: Issuer, **body: Any) -> Any:
    """The answer to sharing a file."""
    return client.post("/api/uploads", json=FILE | body, headers=issuer.bearer())


def test_an_upload_is_bound_to_key_type_and_size(client: FlaskClient, issuer: Issuer) -> None:
    """The address admits one PUT of the announced bytes, below the user's own prefix."""
    answer = upload(client, issuer)
    assert answer.status_code == 201
    link, put = answer.get_json()["link"], answer.get_json()["upload"]
    assert link["file_key"].startswith("uploads/365-days/user-1/")
    assert link["filename"] == FILE["filename"]
    headers = {"Content-Type": "application/pdf", "If-None-Match": "*"}
    assert (put["method"], put["headers"], put["expires_in"]) == ("PUT", headers, 60)
    parts = urlsplit(put["url"])
    assert parts.path == "/" + link["file_key"]
    signed = parse_qs(parts.query)["X-Amz-SignedHeaders"]
    assert signed == ["content-length;content-type;host;if-none-match"]


@pytest.mark.parametrize("region", ["us-east-1", "us-east-2", "eu-central-1", "us-gov-west-1"])
def test_page_may_send_files_to_the_signed_address(config: Config, region: str) -> None:
    """The security policy allows the host that the SDK signs for, without an emulator, too."""
    there = replace(config, region=region)
    parts = urlsplit(
        Uploads(there.uploads_bucket, region, None).upload("a", "text/plain", 1)["url"]
    )
    signed = f"{parts.scheme}://{parts.netloc}"
    assert signed == there.uploads_origin
    assert signed in content_security_policy(there).split("connect-src ")[1].split(";")[0].split()


def test_a_file_link_redirects_to_a_download(client: FlaskClient, issuer: Issuer) -> None:
    """Following a file's link leads to a short-lived address that saves under the file's name."""
    code = upload(client, issuer).get_json()["link"]["short_code"]
    answer = client.get(f"/{code}")
    query = parse_qs(urlsplit(answer.location).query)
    assert answer.status_code == 302
    assert query["X-Amz-Expires"] == ["300"]
    disposition = "attachment; filename*=UTF-8''%C3%9Cbersicht%202026.pdf"
    assert query["response-content-disposition"] == [disposition]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"filename": ""}, "invalid_filename"),
        ({"filename": "../"}, "invalid_filename"),
        ({"filename": "a\nb"}, "invalid_filename"),
        ({"filename": "x" * 201}, "invalid_filename"),
        ({"size": 0}, "invalid_upload"),
        ({"size": 10**12}, "invalid_upload"),
        ({"size": True}, "invalid_upload"),
        ({"size": "12"}, "invalid_upload"),
        ({"content_type": "text/html\r\nX: y"}, "invalid_upload"),
        ({"content_type": "pdf"}, "invalid_upload"),
        ({"alias": "api"}, "invalid_alias"),
        ({"expires_at": "soon"}, "invalid_expires_at"),
        ({"expires_at": to_text(START + timedelta(days=366))}, "invalid_expires_at"),
    ],
)
def test_a_bad_upload_is_refused(
    client: FlaskClient, issuer: Issuer, body: dict[str, Any], code: str
) -> None:
    """Names, sizes and types out of bounds are 400."""
    refused = upload(client, issuer, **body)
    assert (refused.status_code, refused.json["error"]["code"]) == (400, code)


def test_without_a_bucket_uploads_are_unavailable(
    make_app: Callable[..., Flask], config: Config, issuer: Issuer
) -> None:
    """A development setup without a bucket answers 503 and keeps no link to nothing."""
    client = make_app(SqliteStore(config.sqlite_path), uploads_bucket=None).test_client()
    assert upload(client, issuer).status_code == 503
    assert client.get("/api/links", headers=issuer.bearer()).get_json()["links"] == []


def test_addresses_are_regional() -> None:
    """Outside us-east-1 the address names the region: the global one would redirect."""
    put = Uploads("bucket", "eu-central-1", None).upload("uploads/u/k", "text/plain", 1)
    assert urlsplit(put["url"]).netloc == "bucket.s3.eu-central-1.amazonaws.com"


@pytest.mark.parametrize(
    ("lifetime", "days"),
    [
        (timedelta(seconds=1), 1),
        (timedelta(days=1), 1),
        (timedelta(days=1, seconds=1), 3),
        (timedelta(days=90), 90),
        (timedelta(days=365), 365),
    ],
)
def test_a_key_tells_how_long_its_link_may_last(lifetime: timedelta, days: int) -> None:
    """It begins with the shortest lifetime that is as long as the link's."""
    assert new_file_key("u", lifetime).startswith(f"uploads/{days}-days/u/")
    assert days in LIFETIMES


def test_a_file_link_always_ends(client: FlaskClient, issuer: Issuer, clock: FrozenClock) -> None:
    """Without an expiry after a year, in whole seconds; with one at that."""
    link = upload(client, issuer).get_json()["link"]
    assert link["expires_at"] == "2027-01-31T12:00:00.000000Z"
    brief = upload(client, issuer, expires_at=to_text(START + timedelta(hours=1)))
    assert brief.get_json()["link"]["file_key"].startswith("uploads/1-days/")
    clock.advance(days=365)
    assert client.get(f"/{link['short_code']}").status_code == 410


class Bucket(Uploads):
    """A bucket that remembers what was deleted, and may be away."""

    def __init__(self) -> None:
        super().__init__("test-uploads", "us-east-1", None)
        self.deleted: list[str] = []
        self.away = False

    def delete(self, key: str) -> None:
        """Remember the file."""
        if self.away:
            raise UploadsUnavailable("away")
        self.deleted.append(key)


@pytest.fixture(name="bucket")
def _bucket(client: FlaskClient) -> Bucket:
    """The bucket of the application."""
    bucket = Bucket()
    services_of(client.application).uploads = bucket
    return bucket


def delete(client: FlaskClient, issuer: Issuer, code: str, user: str = "user-1") -> int:
    """The status of deleting a link."""
    return client.delete(f"/api/links/{code}", headers=issuer.bearer(user)).status_code


def test_a_file_goes_with_its_link(client: FlaskClient, issuer: Issuer, bucket: Bucket) -> None:
    """Its owner deletes both, and nobody else; a link to a target has no file."""
    link = upload(client, issuer, alias="mine").get_json()["link"]
    assert delete(client, issuer, "mine", "user-2") == 404
    assert bucket.deleted == []
    assert delete(client, issuer, "mine") == 204
    assert bucket.deleted == [link["file_key"]]
    assert delete(client, issuer, "mine") == 404
    body = {"target": "https://example.com/", "alias": "page"}
    client.post("/api/links", json=body, headers=issuer.bearer())
    assert delete(client, issuer, "page") == 204
    assert bucket.deleted == [link["file_key"]]


def test_an_expired_link_still_takes_its_file_along(
    client: FlaskClient, issuer: Issuer, clock: FrozenClock, bucket: Bucket
) -> None:
    """Until DynamoDB deletes the link its owner can, and the file goes as well."""
    expiry = to_text(START + timedelta(hours=1))
    link = upload(client, issuer, expires_at=expiry).get_json()["link"]
    clock.advance(hours=2)
    assert delete(client, issuer, link["short_code"]) == 204
    assert bucket.deleted == [link["file_key"]]


def test_a_link_stays_until_its_file_is_gone(
    client: FlaskClient, issuer: Issuer, bucket: Bucket
) -> None:
    """If S3 is away the link can be deleted again later: no file is left without one."""
    code = upload(client, issuer).get_json()["link"]["short_code"]
    bucket.away = True
    assert delete(client, issuer, code) == 503
    assert client.get(f"/{code}").status_code == 302
    bucket.away = False
    assert delete(client, issuer, code) == 204


@pytest.mark.parametrize(
    ("quota", "says"),
    [
        (Quota(2, 2**30), "You share 2 files; 2 is the most. Delete one first."),
        (
            Quota(100, 3000),
            "This file has 1.2 kB; 532 bytes of your 2.9 kB are left. Delete one first.",
        ),
    ],
    ids=["files", "bytes"],
)
def test_a_quota_bounds_a_users_files(
    make_app: Callable[..., Flask], config: Config, issuer: Issuer, quota: Quota, says: str
) -> None:
    """The third file of a user is 409; a deletion makes room, and a refused link takes none."""
    client = make_app(SqliteStore(config.sqlite_path), quota=quota).test_client()
    services_of(client.application).uploads = Bucket()
    code = upload(client, issuer, alias="one").get_json()["link"]["short_code"]
    assert upload(client, issuer, alias="one").status_code == 409
    assert upload(client, issuer).status_code == 201
    refused = upload(client, issuer)
    error = {"code": "quota_exceeded", "message": says}
    assert (refused.status_code, refused.get_json()["error"]) == (409, error)
    other = client.post("/api/uploads", json=FILE, headers=issuer.bearer("user-2"))
    assert other.status_code == 201
    assert delete(client, issuer, code) == 204
    assert upload(client, issuer).status_code == 201


def test_what_has_expired_does_not_count(
    make_app: Callable[..., Flask], config: Config, issuer: Issuer, clock: FrozenClock
) -> None:
    """A place is free from the very instant at which its file's link expires."""
    client = make_app(SqliteStore(config.sqlite_path), quota=Quota(1, 2**30)).test_client()
    upload(client, issuer, expires_at=to_text(START + timedelta(hours=1)))
    assert upload(client, issuer).status_code == 409
    clock.advance(hours=1)
    assert upload(client, issuer).status_code == 201
