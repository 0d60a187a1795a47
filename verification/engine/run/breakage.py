"""Unexpected errors of jobs: one error with a remedy, and the traceback in a log."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path

from botocore import exceptions as aws
from urllib3 import exceptions as http

from verification.engine.errors import EngineError, ToolError

_REPOSITORY = Path(__file__).resolve().parents[3]
_LONGEST = 300
_FAILED = (
    ConnectionError,
    HTTPException,
    http.HTTPError,
    aws.HTTPClientError,
    aws.ConnectionError,
)
_LATE = (TimeoutError, http.TimeoutError, aws.ReadTimeoutError, aws.WaiterError)
_AGAIN = "Run it again on an idle machine"


def broken(job: str, argument: str, error: Exception, logs: Path | None) -> EngineError:
    """The error for all who wait for a job that raised an unexpected exception.

    An engine error that was being handled at that time is the cause, and is returned instead.

    Args:
        job: the job's name.
        argument: its environment, or "".
        error: the exception.
        logs: the folder for the traceback; None for none.
    """
    causes = [one for one in _chain(error) if isinstance(one, EngineError)]
    if causes:
        return causes[-1]
    where = f" in {argument}" if argument else ""
    kind, remedy = _kind(error)
    log = _write(logs, "-".join(filter(None, (job, argument))), error)
    made = ToolError(f"{job} broke{where}: {kind} ({said(error)}). {remedy}; {log}.")
    made.__cause__ = error
    return made


def said(error: BaseException) -> str:
    """An unexpected exception in one line: type, message, and place in the suite."""
    told = " ".join("".join(traceback.format_exception_only(error)).split())[:_LONGEST]
    frames = traceback.extract_tb(error.__traceback__)
    suite = [f for f in frames if Path(f.filename).is_relative_to(_REPOSITORY / "verification")]
    if not suite:
        return told.rstrip(".")
    file = Path(suite[-1].filename).relative_to(_REPOSITORY)
    return f"{told.rstrip('.')} at {file}:{suite[-1].lineno}"


def _kind(error: Exception) -> tuple[str, str]:
    """What happened, and the remedy."""
    if isinstance(error, aws.ClientError):
        return f"{error.operation_name} failed", "Check the step that called it"
    # Playwright has its own TimeoutError.
    if isinstance(error, _LATE) or type(error).__name__ == "TimeoutError":
        return "it timed out", _AGAIN
    if isinstance(error, _FAILED):
        return "a connection failed", _AGAIN
    if isinstance(error, OSError):
        return "a system call failed", "Fix its cause"
    return "it raised an unexpected exception", "This is a bug in the suite: report it"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An exception and its chain of causes."""
    seen: set[int] = set()
    found: BaseException | None = error
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        yield found
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)


def _write(logs: Path | None, name: str, error: Exception) -> str:
    """Write the traceback to a log; returns where it is, as text."""
    if logs is None:
        return "its traceback was not saved"
    path = logs / f"{re.sub(r'[^A-Za-z0-9_.-]+', '-', name)}.traceback"
    try:
        logs.mkdir(parents=True, exist_ok=True)
        text = "".join(traceback.format_exception(error))
        path.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as failure:
        return f"its traceback could not be written to {path}: {failure.strerror}"
    return f"its traceback is in {path}"
