"""A job that breaks is one error with a sentence, a remedy and a log, whoever waits for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from http.client import RemoteDisconnected
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, WaiterError
from urllib3.exceptions import ProtocolError

from tests.kit import HANG
from verification.engine.aws.fargate.load_balancer.http_connection import end_to_end
from verification.engine.errors import EnvironmentUnavailable, ToolError
from verification.engine.run.breakage import broken, said
from verification.engine.run.schedule import Schedule

REFUSED = ClientError({"Error": {"Code": "ValidationException", "Message": "no"}}, "GetItem")
KINDS = {
    "in code": (
        TypeError("a str, not None"),
        "exception (TypeError: a str, not None",
        "report it;",
    ),
    "without words": (AssertionError(), "exception (AssertionError", "report it;"),
    "cut off": (RemoteDisconnected("closed"), "a connection failed (", "Run it again"),
    "urllib3": (ProtocolError("Connection broken"), "a connection failed (", "Run it again"),
    "no endpoint": (
        EndpointConnectionError(endpoint_url="http://127.0.0.1:9"),
        "a connection failed (",
        "Run it again",
    ),
    "late": (TimeoutError("timed out"), "timed out (", "Run it again"),
    "waiter": (
        WaiterError("TableExists", "Max attempts exceeded", {}),
        "timed out (",
        "Run it again",
    ),
    "AWS": (REFUSED, "GetItem failed (", "Check the step that called it;"),
    "disk": (OSError(28, "No space left on device", "/x"), "a system call failed (", "Fix its"),
}


def raising(error: BaseException) -> Callable[[], Any]:
    """A job that raises."""

    def job() -> None:
        raise error

    return job


@pytest.mark.parametrize(("error", "says", "remedy"), KINDS.values(), ids=KINDS)
def test_what_broke_is_told_in_plain_words(
    error: Exception, says: str, remedy: str, tmp_path: Path
) -> None:
    """The sentence names job and environment, says what happened, what to do and where more is."""
    future = Schedule(logs=tmp_path / "logs").start("restore", "dev", raising(error))
    told = future.exception(timeout=HANG)
    assert type(told) is ToolError
    assert str(told).startswith("restore broke in dev: ")
    assert says in str(told)
    assert remedy in str(told)
    assert "\n" not in str(told)
    log = tmp_path / "logs" / "restore-dev.traceback"
    assert str(told).endswith(f"; its traceback is in {log}.")
    assert "Traceback (most recent call last)" in log.read_text(encoding="utf-8")
    assert told.__cause__ is error


def test_first_cause_is_told_once(tmp_path: Path) -> None:
    """Who waits for a job that waits for a broken one is told of the first, and one log is kept."""
    schedule = Schedule(logs=tmp_path)

    def waits() -> Any:
        return schedule.start("restore", "dev", raising(ValueError("x"))).result()

    outer = schedule.start("recorded", "dev", waits)
    inner = schedule.find("restore", "dev")
    assert inner is not None
    assert outer.exception(timeout=HANG) is inner.exception()
    assert [path.name for path in tmp_path.iterdir()] == ["restore-dev.traceback"]


def test_error_that_was_being_handled_is_the_cause(tmp_path: Path) -> None:
    """What breaks while an error of ours is on its way does not take its place."""
    cause = EnvironmentUnavailable("no disk")

    def job() -> None:
        try:
            raise cause
        finally:
            raise ConnectionResetError

    assert Schedule(logs=tmp_path).start("wiring", "", job).exception(timeout=HANG) is cause


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(1), ToolError("said")])
def test_what_is_no_break_stays_itself(error: BaseException, tmp_path: Path) -> None:
    """An interrupt, an exit and an error of ours are handed on, and nothing is logged."""
    assert Schedule(logs=tmp_path).start("wiring", "", raising(error)).exception(HANG) is error
    assert list(tmp_path.iterdir()) == []


def test_job_of_another_tree_is_named_so(tmp_path: Path) -> None:
    """A job of the base says that it is the base's."""
    future = Schedule(logs=tmp_path).beside("base").start("held", "dev", raising(KeyError("a")))
    assert str(future.exception(HANG)).startswith("base: held broke in dev: ")
    assert [path.name for path in tmp_path.iterdir()] == ["base-held-dev.traceback"]


def test_folder_that_bears_no_log_is_told(tmp_path: Path) -> None:
    """A log that cannot be written hides nothing."""
    (tmp_path / "logs").touch()
    told = str(broken("wiring", "", KeyError("a"), tmp_path / "logs"))
    assert "KeyError: 'a'" in told
    assert "could not be written to" in told
    assert "was not saved" in str(broken("wiring", "", KeyError("a"), None))


def test_error_that_cannot_be_told_hangs_nobody(tmp_path: Path) -> None:
    """Whatever an error holds, who waits is told: a future without an end would hang the run."""

    class Mute(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    for error in (Mute(), ValueError("\udce4" * 2 + "x" * 10_000)):
        told = Schedule(logs=tmp_path).start("wiring", "", raising(error)).exception(timeout=HANG)
        assert type(told) is ToolError
        assert len(str(told)) < 700


def test_place_in_the_suite_is_told() -> None:
    """The innermost line of the suite is named; an error from elsewhere has none."""
    with pytest.raises(AttributeError) as caught:
        end_to_end(None)  # type: ignore[arg-type]
    assert re.search(
        r"no attribute 'headers' at verification/\S+/http_connection.py:\d+$", said(caught.value)
    )
    assert said(KeyError("a")) == "KeyError: 'a'"
