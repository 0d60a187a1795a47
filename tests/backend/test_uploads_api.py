"""Shared files: the signed addresses, and what may be asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from backend.config import Config
from backend.http import content_security_policy
from backend.sqlite_store import SqliteStore
from backend.uploads import Uploads
from tests.backend.kit import Issuer

FILE = {"filename": "Übersicht 2026.pdf", "size": 1234, "content_type": "application/pdf"}


def upload(client: FlaskClient, issuer: Issuer, **body: Any) -> Any:
    """The answer to sharing a file."""
    return client.post("/api/uploads", json=FILE | body, headers=issuer.bearer())


def test_an_upload_is_bound_to_key_type_and_size(client: FlaskClient, issuer: Issuer) -> None:
    """The address admits one PUT of the announced bytes, below the user's own prefix."""
    answer = upload(client, issuer)
    assert answer.status_code == 201
    link, put = answer.get_json()["link"], answer.get_json()["upload"]
    assert link["file_key"].startswith("uploads/user-1/")
    assert link["filename"] == FILE["filename"]
    assert (put["method"], put["headers"]) == ("PUT", {"Content-Type": "application/pdf"})
    parts = urlsplit(put["url"])
    assert parts.path == "/" + link["file_key"]
    signed = parse_qs(parts.query)["X-Amz-SignedHeaders"]
    assert signed == ["content-length;content-type;host"]


@pytest.mark.parametrize("region", ["us-east-1", "us-east-2", "eu-central-1", "us-gov-west-1"])
def test_page_may_send_files_to_the_signed_address(config: Config, region: str) -> None:
    """The security policy allows the host that the SDK signs for, without an emulator, too."""
    there = replace(config, region=region)
    parts = urlsplit(Uploads(there.uploads_bucket, region, None).upload_url("a", "text/plain", 1))
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
    url = Uploads("bucket", "eu-central-1", None).upload_url("uploads/u/k", "text/plain", 1)
    assert urlsplit(url).netloc == "bucket.s3.eu-central-1.amazonaws.com"
