"""Fixtures of the backend's tests: sealed environment, both stores, application, tokens, clock."""

from __future__ import annotations

import socket
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

from backend import aws, create_app
from backend.config import Config, DynamoSettings, load_config
from backend.dynamodb_adapter import DynamoStore
from backend.identity import KeySet, TokenVerifier
from backend.sqlite_store import SqliteStore
from backend.store import Store
from tests.backend.kit import ENVIRONMENT, REGION, FrozenClock, Issuer, dynamodb_client
from tests.backend.process import Start, processes
from tests.kit import HANG

# A loaded machine is not a failing test, and nothing is left behind in the tree.
settings.register_profile(
    "backend",
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("backend")


@pytest.fixture(autouse=True)
def _sealed_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN", "USE_DYNAMODB"):
        monkeypatch.delenv(name, raising=False)
    for name, value in (
        ("AWS_ACCESS_KEY_ID", "testing"),
        ("AWS_SECRET_ACCESS_KEY", "testing"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_CONFIG_FILE", "/dev/null"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
        ("NO_PROXY", "127.0.0.1"),
    ):
        monkeypatch.setenv(name, value)
    aws._session.cache_clear()


WRITES = ("PutItem", "UpdateItem", "DeleteItem")


class Moto:
    """A DynamoDB on 127.0.0.1. One request at a time: moto 5.2.5 loses updates otherwise.

    `lose` lets the answers to that many requests of the operations `of`, writes unless it is said,
    get lost: carried out, and then the connection ends.
    """

    def __init__(self) -> None:
        self.lose = 0
        self.of: tuple[str, ...] = WRITES
        self._lock = threading.Lock()
        self._moto = DomainDispatcherApplication(create_backend_app)
        self.server = make_server("127.0.0.1", 0, self._answer, threaded=True)
        self.url = f"http://127.0.0.1:{self.server.port}"

    def _answer(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        with self._lock:
            answer = b"".join(self._moto(environ, start_response))
            if self.lose and environ.get("HTTP_X_AMZ_TARGET", "").endswith(self.of):
                self.lose -= 1
                environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            return [answer]


@pytest.fixture(scope="session")
def _running_moto() -> Iterator[Moto]:
    moto = Moto()
    thread = threading.Thread(target=moto.server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield moto
    moto.server.shutdown()
    thread.join()
    moto.server.server_close()


@pytest.fixture(name="moto")
def _moto(_running_moto: Moto) -> Moto:
    """A DynamoDB that loses no answer, until it is told to."""
    _running_moto.lose, _running_moto.of = 0, WRITES
    return _running_moto


@pytest.fixture(name="dynamodb")
def _dynamodb(moto: Moto) -> DynamoSettings:
    """Two fresh tables with the keys and indexes of the plan."""
    unique = uuid.uuid4().hex[:8]
    tables = DynamoSettings(REGION, f"users-{unique}", f"urls-{unique}", moto.url)
    client = dynamodb_client(tables)
    for table, key, index, index_key in (
        (tables.users_table, "user_id", "email-index", "email"),
        (tables.urls_table, "short_code", "user-index", "created_by_user"),
    ):
        client.create_table(
            TableName=table,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"} for name in (key, index_key)
            ],
            KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": index,
                    "KeySchema": [{"AttributeName": index_key, "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
        )
    return tables


@pytest.fixture(name="store", params=["sqlite", "dynamodb"])
def _store(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Each store in turn: whoever asks for it becomes part of the contract suite."""
    # On a machine that is too slow for two seconds the SDK would repeat, and count clicks twice.
    monkeypatch.setattr(aws, "READ_SECONDS", float(HANG))
    if request.param == "sqlite":
        return SqliteStore(request.getfixturevalue("tmp_path") / "contract.sqlite3")
    return DynamoStore(request.getfixturevalue("dynamodb"), attempts=2)


@pytest.fixture(name="config")
def _config(tmp_path: Path) -> Config:
    """A configuration with SQLite in a directory of its own."""
    return load_config(ENVIRONMENT | {"SQLITE_PATH": str(tmp_path / "app.sqlite3")})


@pytest.fixture(scope="session")
def private_key() -> rsa.RSAPrivateKey:
    """The pool's signing key."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(name="issuer")
def _issuer(private_key: rsa.RSAPrivateKey, config: Config) -> Issuer:
    """The user pool's signer for the app under test."""
    return Issuer(private_key, config)


@pytest.fixture(name="clock")
def _clock() -> FrozenClock:
    """The application's clock, at noon of 31 January 2026."""
    return FrozenClock()


@pytest.fixture(name="make_app")
def _make_app(config: Config, issuer: Issuer, clock: FrozenClock) -> Callable[..., Flask]:
    """Make an application over a store, optionally with other configuration values."""

    def make(store: Store, **changes: Any) -> Flask:
        changed = replace(config, **changes)
        verifier = TokenVerifier(changed.cognito, KeySet(issuer.jwks))
        return create_app(changed, store, verifier=verifier, clock=clock)

    return make


@pytest.fixture(name="client")
def _client(make_app: Callable[..., Flask], config: Config) -> FlaskClient:
    """A client of the application over SQLite."""
    return make_app(SqliteStore(config.sqlite_path)).test_client()


@pytest.fixture(name="start")
def _start(tmp_path: Path) -> Iterator[Start]:
    """Start gunicorn in a directory of its own, with exactly the given variables."""
    with processes(tmp_path) as start:
        yield start
