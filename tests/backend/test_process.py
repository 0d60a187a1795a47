"""The process as gunicorn runs it: it starts, logs, drains, and refuses to start by itself."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.backend.kit import ENVIRONMENT, Issuer
from tests.backend.pool import Pool
from tests.backend.process import Start, free_port, get, processes, wait_until_alive
from tests.kit import HANG, wait_for

pytestmark = pytest.mark.slow


@pytest.fixture(name="server", scope="module")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a backend that runs, for tests that leave it as it was."""
    port = free_port()
    with processes(tmp_path_factory.mktemp("server")) as start:
        # Nothing answers for the pool there, so the keys are missing at once.
        pool = {"COGNITO_ENDPOINT_URL": "http://127.0.0.1:9"}
        start(ENVIRONMENT | pool | {"LOG_LEVEL": "ERROR", "PORT": str(port)})
        wait_until_alive(port)
        yield port


def lines(text: str) -> list[dict[str, Any]]:
    """The log's lines; each must be JSON."""
    return [json.loads(line) for line in text.splitlines()]


def test_it_serves_and_logs_json_only(start: Start) -> None:
    """All it writes is JSON on standard output, and nothing of a query string."""
    port = free_port()
    process = start(ENVIRONMENT | {"PORT": str(port)})
    wait_until_alive(port)
    assert (get(port, "/started"), get(port, "/ready")) == (200, 200)
    assert get(port, "/no-such-link?token=secret") == 404
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=HANG)
    assert (process.returncode, err) == (0, "")
    requests = [line for line in lines(out) if line["message"] == "request"]
    assert [(r["path"], r["status"]) for r in requests] == [("/no-such-link", 404)]
    assert "secret" not in out
    assert not [line for line in lines(out) if line["level"] == "ERROR"]


def test_keys_are_fetched_before_the_first_request(start: Start, issuer: Issuer) -> None:
    """Both workers have the pool's keys from their start, from one fetch."""
    port = free_port()
    with Pool(issuer) as pool:
        start(ENVIRONMENT | {"PORT": str(port), "COGNITO_ENDPOINT_URL": pool.address})
        wait_until_alive(port)
        assert pool.fetches == 1
    answers = {get(port, "/api/links", issuer.bearer()) for _ in range(20)}
    assert answers == {200}


def test_a_slow_pool_holds_nobody_up(start: Start, issuer: Issuer) -> None:
    """While the keys trickle in the backend starts and answers; once they come, all is well."""
    port = free_port()
    with Pool(issuer, quick=0) as pool:
        # Nobody reads what it logs meanwhile: a full pipe would stop it.
        slow = {"COGNITO_ENDPOINT_URL": pool.address, "LOG_LEVEL": "ERROR"}
        start(ENVIRONMENT | slow | {"PORT": str(port)})
        wait_until_alive(port)
        assert pool.fetches == 3, "the attempts before the workers start"
        with ThreadPoolExecutor(40) as clients:
            answers = [clients.submit(get, port, "/api/links", issuer.bearer()) for _ in range(40)]
            assert {answer.result(HANG) for answer in answers} == {503}
        pool.quick = None
        wait_for(lambda: get(port, "/api/links", issuer.bearer()) == 200)


@pytest.mark.parametrize("header", ["SCRIPT_NAME", "Script_Name", "PATH_INFO", "REMOTE_USER"])
def test_headers_set_nothing_of_the_environment(server: int, header: str) -> None:
    """A client's headers say neither where the application is mounted nor who asks."""
    assert get(server, "/config.json", {header: "/evil"}) == 200


def test_requests_in_flight_are_finished_on_sigterm(start: Start, tmp_path: Path) -> None:
    """A slow request that is under way when the task is told to stop gets its answer."""
    (tmp_path / "slow.py").write_text(
        "import time\n"
        "from pathlib import Path\n"
        "from backend.wsgi import app\n"
        "def view():\n"
        "    Path('arrived').touch()\n"
        "    while not Path('told').exists():\n"
        "        time.sleep(0.02)\n"
        "    return 'done'\n"
        "app.add_url_rule('/slow/one', view_func=view)\n"
    )
    port, statuses = free_port(), []
    process = start(ENVIRONMENT | {"PORT": str(port)}, "slow:app")
    wait_until_alive(port)
    request = threading.Thread(target=lambda: statuses.append(get(port, "/slow/one")))
    request.start()
    wait_for((tmp_path / "arrived").exists)
    process.send_signal(signal.SIGTERM)
    assert process.stdout is not None
    assert any("Worker exiting" in line for line in process.stdout), "the idle one of two workers"
    (tmp_path / "told").touch()
    request.join(HANG)
    assert statuses == [200]
    assert process.wait(HANG) == 0


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"USE_DYNAMODB": "true"}, "DYNAMODB_USERS_TABLE_NAME is not set"),
        ({"USE_DYNAMODB": "ture"}, "USE_DYNAMODB must be true or false"),
        ({"COGNITO_CLIENT_ID": ""}, "COGNITO_CLIENT_ID is not set"),
        ({"SQLITE_PATH": "/no/such/folder/x.sqlite3"}, "unable to open database file"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_it_refuses_to_start_with_one_sentence(
    start: Start,
    changes: dict[str, str],
    reason: str,
    tmp_path: Path,
) -> None:
    """A wrong configuration ends the process with exit code 4 and one error line: no fallback."""
    process = start(ENVIRONMENT | changes)
    out, err = process.communicate(timeout=HANG)
    assert process.returncode == 4
    errors = [line for line in lines(out) if line["level"] == "ERROR"]
    assert [reason in error["reason"] for error in errors] == [True]
    assert err == ""
    assert list(tmp_path.glob("*.sqlite3")) == []


def test_without_its_tables_it_lives_but_is_not_ready(start: Start, tmp_path: Path) -> None:
    """With DynamoDB selected and unreachable it is alive, never ready, and makes no SQLite file."""
    port = free_port()
    names = {"DYNAMODB_USERS_TABLE_NAME": "users", "DYNAMODB_URLS_TABLE_NAME": "urls"}
    secrets = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    emulator = {"USE_DYNAMODB": "true", "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    process = start(ENVIRONMENT | names | secrets | emulator | {"PORT": str(port)})
    wait_until_alive(port)
    assert (get(port, "/started"), get(port, "/ready")) == (503, 503)
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=HANG)
    assert any(line["level"] == "ERROR" for line in lines(out))
    assert list(tmp_path.glob("*.sqlite3*")) == []
