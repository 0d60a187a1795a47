"""What holds for every answer: headers, errors, limits, logs, and a store that fails."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.config import Config, DynamoSettings
from backend.dynamodb_adapter import DynamoStore
from backend.http import security_headers
from backend.logs import JsonFormatter
from backend.readiness import NOT_READY_SECONDS, READY_SECONDS, Readiness
from backend.store import StoreUnavailable
from tests.backend.kit import Issuer

WRITES = ("/api/links", "/api/uploads")
FIELDS = ("target", "alias", "expires_at", "filename", "size", "content_type")
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner),
)
SECRET = "arn:aws:dynamodb:us-east-1:123456789012:table/users"


class BrokenStore:
    """A store that fails at everything, for a reason that is nobody's business."""

    def __getattr__(self, name: str) -> Any:
        def fail(*_: Any) -> None:
            raise StoreUnavailable(SECRET)

        return fail


@pytest.fixture(name="broken")
def _broken(make_app: Callable[..., Flask]) -> FlaskClient:
    """A client of an application whose store fails."""
    return make_app(BrokenStore()).test_client()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/health", 200),
        ("/ready", 200),
        ("/started", 200),
        ("/config.json", 200),
        ("/static/app.js", 200),
        ("/static/nothing.js", 404),
        ("/no/such/thing", 404),
        ("/api/me/trial", 401),
    ],
)
def test_every_answer_has_the_security_headers(client: FlaskClient, path: str, status: int) -> None:
    """Pages, data, files and errors alike tell browsers to be strict."""
    with client.get(path) as answer:
        assert answer.status_code == status
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    pool, bucket = "cognito-idp.us-east-1", "test-uploads.s3.us-east-1"
    others = " ".join(f"https://{host}.amazonaws.com" for host in (pool, bucket))
    assert f"connect-src 'self' {others};" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Request-Id"]
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_plain_http_has_no_headers_of_https(config: Config) -> None:
    """A browser would complain about one, and the other would close the site to its users."""
    plain = security_headers(replace(config, public_url="http://share.example.com"))
    secure = security_headers(config)
    assert secure.items() >= plain.items()
    assert secure.keys() - plain.keys() == {
        "Cross-Origin-Opener-Policy",
        "Strict-Transport-Security",
    }


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        ("{", "application/json", 400),
        ("[1]", "application/json", 400),
        ("null", "application/json", 400),
        ("", "application/json", 400),
        ("[" * 10_000, "application/json", 400),
        ("[" * 8_000 + "]" * 8_000, "application/json", 400),
        ('{"a":' * 2_000 + "1" + "}" * 2_000, "application/json", 400),
        ('{"target": ' + "[" * 900 + "]" * 900 + "}", "application/json", 400),
        (
            '{"expires_at": ' + "[" * 900 + "]" * 900 + ', "target": "http://a.example"}',
            "application/json",
            400,
        ),
        ('{"target": ' + "1" * 5_000 + "}", "application/json", 400),
        ('{"target": NaN}', "application/json", 400),
        ('{"target": "https://example.com/\\ud800"}', "application/json", 400),
        (b'{"target": "\xff"}', "application/json", 400),
        (b"\x00\x01\x02", "application/json; charset=utf-16", 400),
        ("target=x", "application/x-www-form-urlencoded", 415),
        ('{"target": "%s"}' % ("x" * 20_000), "application/json", 413),
    ],
)
def test_a_bad_body_is_an_error_of_the_client(
    client: FlaskClient, issuer: Issuer, body: str | bytes, content_type: str, status: int
) -> None:
    """Bodies that are broken, of another type, or too large are refused in the common form."""
    answer = client.post(
        "/api/links", data=body, content_type=content_type, headers=issuer.bearer()
    )
    assert answer.status_code == status
    assert set(answer.get_json()["error"]) == {"code", "message"}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(body=st.binary(max_size=300) | ANY_JSON.map(json.dumps), path=st.sampled_from(WRITES))
def test_no_body_is_an_error_of_ours(
    client: FlaskClient, issuer: Issuer, body: bytes | str, path: str
) -> None:
    """Whatever bytes and whatever JSON is sent, the answer is a success or a 400."""
    answer = client.post(path, data=body, content_type="application/json", headers=issuer.bearer())
    assert answer.status_code in (201, 400)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8080", "x/y", ""])
def test_the_host_header_decides_no_address(client: FlaskClient, issuer: Issuer, host: str) -> None:
    """Whatever a request calls us, the addresses that it is given are on our own host."""
    headers = {**issuer.bearer(), "Host": host, "X-Forwarded-Host": host}
    body = {"target": "https://example.com/", "alias": "mine"}
    made = client.post("/api/links", json=body, headers=headers).get_json()
    upload = client.post("/api/uploads", json={"filename": "a", "size": 1}, headers=headers)
    listed = client.get("/api/links", headers=headers).get_json()["links"]
    for link in (made, upload.get_json()["link"], *listed):
        assert link["short_url"] == f"https://share.example.com/{link['short_code']}"


@pytest.mark.parametrize("path", ["//static//app.js", "/api//links", "/static", "/api/", ""])
def test_nothing_redirects_to_the_host_header(client: FlaskClient, path: str) -> None:
    """An address that is nearly one of ours is answered 404, and leads nowhere else."""
    host = {"PATH_INFO": path, "HTTP_HOST": "evil.example"}
    answer = client.get("/", environ_overrides=host)
    assert answer.status_code == 404
    assert "evil.example" not in str(answer.headers) + answer.text


def test_a_wrong_method_is_405_and_names_the_right_ones(client: FlaskClient) -> None:
    """The error says which methods there are."""
    answer = client.put("/api/me/trial")
    assert answer.status_code == 405
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))
    assert answer.get_json()["error"]["code"] == "method_not_allowed"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/me/trial"),
        ("POST", "/api/me/trial"),
        ("GET", "/api/links"),
        ("POST", "/api/links"),
        ("DELETE", "/api/links/code-1"),
        ("GET", "/code-1"),
        ("GET", "/ready"),
        ("GET", "/started"),
    ],
)
def test_a_failing_store_is_503_and_an_error_line(
    broken: FlaskClient,
    issuer: Issuer,
    caplog: pytest.LogCaptureFixture,
    method: str,
    path: str,
) -> None:
    """Clients learn when to come back and nothing else; the log learns why."""
    body = {"target": "https://example.com/"}
    answer = broken.open(path, method=method, json=body, headers=issuer.bearer())
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.get_json()["error"]["code"] == "unavailable"
    assert SECRET not in answer.text
    assert "Traceback" not in answer.text
    line = json.loads(JsonFormatter("test").format(caplog.records[-1]))
    assert (line["level"], line["reason"], line["path"]) == ("ERROR", SECRET, path)
    assert line["request_id"] == answer.headers["X-Request-Id"]


def test_liveness_does_not_depend_on_the_store(broken: FlaskClient) -> None:
    """Restarting the process would not fix the store, so health stays good."""
    assert broken.get("/health").status_code == 200


def test_an_unreachable_dynamodb_never_becomes_ready(make_app: Callable[..., Flask]) -> None:
    """With DynamoDB selected and nothing there all is 503: SQLite does not step in."""
    settings = DynamoSettings("us-east-1", "users", "urls", "http://127.0.0.1:9")
    client = make_app(DynamoStore(settings, attempts=1), dynamodb=settings).test_client()
    assert client.get("/ready").status_code == 503
    assert client.get("/code-1").status_code == 503


def test_a_bug_is_logged_and_not_shown(
    broken: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    """An unexpected error is a plain 500; its trace is one line in the log."""

    @broken.application.get("/bug/here")
    def bug() -> str:
        raise RuntimeError(SECRET)

    answer = broken.get("/bug/here")
    assert answer.status_code == 500
    assert SECRET not in answer.text
    text = JsonFormatter("test").format(caplog.records[-1])
    assert "\n" not in text
    assert SECRET in json.loads(text)["exception"]


def test_a_log_line_cannot_be_forged() -> None:
    """Quotes, backslashes and line breaks in a path stay inside their JSON string."""
    record = logging.LogRecord("backend", logging.INFO, "", 0, "request", None, None)
    path = '/\\"\n{"level": "ERROR"}'
    record.__dict__["fields"] = {"path": path}
    text = JsonFormatter("test").format(record)
    assert "\n" not in text
    assert json.loads(text)["path"] == path


def test_readiness_looks_seldom_and_recovers() -> None:
    """One look serves all who ask for some seconds; after a failure the next look comes sooner."""
    now, looks, failing = [0.0], [0], [False]

    def check() -> None:
        looks[0] += 1
        if failing[0]:
            raise StoreUnavailable("away")

    readiness = Readiness(check, lambda: now[0])
    assert [readiness.problem() for _ in range(3)] == [None] * 3
    assert looks == [1]
    now[0], failing[0] = READY_SECONDS, True
    assert str(readiness.problem()) == "away"
    now[0], failing[0] = READY_SECONDS + NOT_READY_SECONDS, False
    assert readiness.problem() is None
    assert looks == [3]


def test_a_start_is_remembered_by_every_worker() -> None:
    """Until the store answered once, a task has not started; then no outage takes that back."""
    failing = True

    def check() -> None:
        if failing:
            raise StoreUnavailable("away")

    readiness = Readiness(check, iter(range(100)).__next__)
    assert str(readiness.start_problem()) == "away"
    failing = False
    if not (worker := os.fork()):
        os._exit(readiness.start_problem() is not None)
    assert os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1]) == 0
    failing = True
    assert readiness.start_problem() is None
    assert str(readiness.problem()) == "away"
