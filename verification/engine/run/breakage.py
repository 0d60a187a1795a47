"""A job that broke: what nobody foresaw, as one error with a remedy, and its traceback in a log."""

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
_AGAIN = "Run it again with less beside it on this machine"


def broken(job: str, argument: str, error: Exception, logs: Path | None) -> EngineError:
    """What everybody who waits for a job is told when it raises something else than our errors.

    An error of ours that was being handled when the job broke is the cause, and is told instead.

    Args:
        job: what broke, by its name.
        argument: the environment that it is for, or "".
        error: what it raised.
        logs: the folder that its traceback is written to; None for nowhere.
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
    """An unforeseen error in one line: its type, its words, and where in the suite it came up."""
    told = " ".join("".join(traceback.format_exception_only(error)).split())[:_LONGEST]
    frames = traceback.extract_tb(error.__traceback__)
    suite = [f for f in frames if Path(f.filename).is_relative_to(_REPOSITORY / "verification")]
    if not suite:
        return told.rstrip(".")
    file = Path(suite[-1].filename).relative_to(_REPOSITORY)
    return f"{told.rstrip('.')} at {file}:{suite[-1].lineno}"


def _kind(error: Exception) -> tuple[str, str]:
    """What happened in plain words, and what to do."""
    if isinstance(error, aws.ClientError):
        return f"AWS refused {error.operation_name}", "Look at the step that asked"
    # Playwright has one of its own.
    if isinstance(error, _LATE) or type(error).__name__ == "TimeoutError":
        return "what it waited for did not come in time", _AGAIN
    if isinstance(error, _FAILED):
        return "a connection failed", _AGAIN
    if isinstance(error, OSError):
        return "the system refused", "Mend what it names"
    return "it raised what nobody foresaw", "This is a fault of the suite: report it"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error, what it came from, and so on."""
    seen: set[int] = set()
    found: BaseException | None = error
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        yield found
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)


def _write(logs: Path | None, name: str, error: Exception) -> str:
    """Write the traceback to a log; says where it is."""
    if logs is None:
        return "its traceback was not kept"
    path = logs / f"{re.sub(r'[^A-Za-z0-9_.-]+', '-', name)}.traceback"
    try:
        logs.mkdir(parents=True, exist_ok=True)
        text = "".join(traceback.format_exception(error))
        path.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as failure:
        return f"its traceback could not be written to {path}: {failure.strerror}"
    return f"its traceback is in {path}"
