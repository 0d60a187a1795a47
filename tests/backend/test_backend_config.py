"""The configuration: what selects the store, and what refuses to start."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import backend
from backend.config import ConfigError, load_config, load_dynamodb_settings
from backend.uploads import LIFETIMES
from tests.backend.kit import ENVIRONMENT
from tests.kit import REPOSITORY
from verification.model.contract import load_contract

DYNAMODB = ENVIRONMENT | {
    "USE_DYNAMODB": "true",
    "DYNAMODB_USERS_TABLE_NAME": "app-dev-users",
    "DYNAMODB_URLS_TABLE_NAME": "app-dev-urls",
}


def test_dynamodb_is_selected_with_both_names() -> None:
    """USE_DYNAMODB=true takes the tables from their two variables."""
    config = load_config(DYNAMODB)
    assert config.use_dynamodb
    assert config.dynamodb == load_dynamodb_settings(DYNAMODB)
    assert config.dynamodb is not None
    assert config.dynamodb.urls_table == "app-dev-urls"


@pytest.mark.parametrize("value", [None, "false", "False"])
def test_sqlite_is_selected_without_it(value: str | None) -> None:
    """Anything that means false selects the SQLite file."""
    environ = ENVIRONMENT if value is None else ENVIRONMENT | {"USE_DYNAMODB": value}
    config = load_config(environ)
    assert not config.use_dynamodb
    assert config.sqlite_path == Path("fileshare.sqlite3")


@pytest.mark.parametrize("value", ["ture", "1", "yes", "on"])
def test_a_misspelt_selection_is_an_error(value: str) -> None:
    """A value that is neither true nor false never quietly means SQLite."""
    with pytest.raises(ConfigError, match="USE_DYNAMODB must be true or false"):
        load_config(DYNAMODB | {"USE_DYNAMODB": value})


@pytest.mark.parametrize("name", sorted(set(DYNAMODB) - {"USE_DYNAMODB"}))
def test_with_dynamodb_everything_is_required(name: str) -> None:
    """Each variable that is missing or blank is named, and nothing starts."""
    with pytest.raises(ConfigError, match=f"{name} is not set"):
        load_config(DYNAMODB | {name: " "})


def test_all_problems_are_named_at_once() -> None:
    """One start shows every mistake."""
    with pytest.raises(ConfigError) as refused:
        load_config({"USE_DYNAMODB": "true", "PORT": "http", "LOG_LEVEL": "LOUD"})
    for name in (
        "AWS_REGION",
        "DYNAMODB_URLS_TABLE_NAME",
        "COGNITO_CLIENT_ID",
        "PORT",
        "LOG_LEVEL",
    ):
        assert name in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "70000"),
        ("PORT", "-1"),
        ("AWS_ENDPOINT_URL", "localhost:4566"),
        ("COGNITO_ENDPOINT_URL", "file:///etc/passwd"),
        ("AWS_ENDPOINT_URL", "http://[::1"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:99999"),
        ("DYNAMODB_USERS_TABLE_NAME", "bad name!"),
        ("FILES_PER_USER", "0"),
        ("FILES_PER_USER", "1001"),
        ("BYTES_PER_USER", "1 GB"),
        ("PUBLIC_URL", "share.example.com"),
        ("PUBLIC_URL", "ftp://share.example.com"),
        ("PUBLIC_URL", "https://"),
        ("PUBLIC_URL", "https://share.example.com/app"),
        ("PUBLIC_URL", "https://share.example.com?x=1"),
        ("PUBLIC_URL", "https://evil@share.example.com"),
        ("PUBLIC_URL", "https://share.example.com:0"),
    ],
)
def test_senseless_values_are_errors(name: str, value: str) -> None:
    """A value that cannot be right is named."""
    with pytest.raises(ConfigError, match=name):
        load_config(DYNAMODB | {name: value})


@pytest.mark.parametrize("value", ["https://a.example", "https://a.example/", "http://[::1]:80"])
def test_the_public_address_has_no_slash_at_its_end(value: str) -> None:
    """A short address is the public one, a slash and a code."""
    assert load_config(DYNAMODB | {"PUBLIC_URL": value}).public_url == value.rstrip("/")


def test_a_development_shell_needs_no_public_address() -> None:
    """Without DynamoDB users are on this machine."""
    environ = {name: value for name, value in ENVIRONMENT.items() if name != "PUBLIC_URL"}
    assert load_config(environ | {"PORT": "8080"}).public_url == "http://localhost:8080"


def test_files_are_kept_and_bounded_as_the_contract_says() -> None:
    """Lifetimes and the quota are those that the checks demand of bucket and API."""
    uploads = load_contract(REPOSITORY / "verification" / "contract.toml").uploads
    assert uploads is not None
    assert uploads.lifetimes == LIFETIMES
    quota = load_config(DYNAMODB).quota
    assert (quota.files, quota.size) == (uploads.quota.files, uploads.quota.bytes)


def test_the_environment_is_read_in_one_place() -> None:
    """No other module of the backend touches the environment."""
    folder = Path(backend.__file__).parent
    readers = {
        path.name
        for path in folder.rglob("*.py")
        if re.search(r"os\.(environ|getenv)", path.read_text().split('"""', 2)[2])
    }
    assert readers == {"config.py", "deploy.py"}  # deploy.py runs in the workflow, not in a task.
