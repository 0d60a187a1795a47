"""A user's HTTP session with a deployment: no proxy, no redirects, no retries."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import HTTPError, LocationValueError

from verification.engine.errors import ToolError
from verification.model.findings import Finding, judge
from verification.model.stack import Resource
from verification.model.verdict import Verdict

# Seconds. Longer than the load balancer's timeout, so that it answers first.
_TIMEOUT = urllib3.Timeout(connect=30.0, read=120.0)
_MOST_OPEN = 64


class NoAnswer(OSError):
    """A request got no complete answer: connection refused or closed, or a timeout."""


class UnexpectedAnswer(ToolError):
    """An answer with which a scenario cannot continue: a finding about the application."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(str(finding))
        self.finding = finding

    @property
    def unknown(self) -> bool:
        """Whether the verdict is unknown, because the machine is too slow."""
        return self.finding.verdict is Verdict.UNKNOWN

    def because(self, reasons: Iterable[str]) -> UnexpectedAnswer:
        """The same with reasons, such as how a task ended."""
        message = "; ".join([self.finding.message, *reasons])
        return UnexpectedAnswer(replace(self.finding, message=message))


@dataclass(frozen=True)
class Answer:
    """One answer to a request; header names are in lower case.

    `asked` is the request's method and path; `began` and `ended` are epoch seconds.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    asked: str
    began: float
    ended: float

    def json(self) -> Any:
        """The parsed body; ValueError if it is not JSON."""
        return json.loads(self.body)

    @property
    def gave_up(self) -> bool:
        """Whether it is a 503 of the backend; one of a load balancer has no request id."""
        return self.status == 503 and "x-request-id" in self.headers

    @property
    def told(self) -> str:
        """The status, with the error code in the body if there is one."""
        try:
            return f"{self.status} ({self.json()['error']['code']})"
        except (ValueError, LookupError, TypeError):
            return str(self.status)

    def demand(self, *statuses: int) -> Answer:
        """The answer itself; UnexpectedAnswer if it has none of these statuses."""
        if self.status not in statuses:
            wanted = " or ".join(map(str, statuses))
            raise self.unexpected(f"the answer is {self.told}; expected {wanted}")
        return self

    def read(self, status: int, *path: str) -> Any:
        """The value at a path in the JSON object of an answer with this status; all without a path.

        Raises:
            UnexpectedAnswer: the status is different, or the body has no such path.
        """
        self.demand(status)
        try:
            found = dict(self.json())
            for name in path:
                found = found[name]
        except (ValueError, LookupError, TypeError) as error:
            what = ".".join(path) or "a JSON object"
            raise self.unexpected(f"the answer is {self.status} without {what}") from error
        return found

    def unexpected(self, what: str) -> UnexpectedAnswer:
        """An error that describes the answer."""
        remedy = "See the logs of the tasks, and the API table in backend/README.md."
        return UnexpectedAnswer(judge(Resource(address=self.asked), False, what, remedy))


@dataclass(frozen=True)
class Tokens:
    """The tokens of a sign-in."""

    id: str
    access: str


class Session:
    """Requests to one base URL over persistent connections; thread-safe.

    Connections that the other side closed while idle are replaced. `gave_up` are the answers with
    which the backend gave up a request.

    Args:
        base_url: without a trailing slash.
        tokens: the user's tokens, None for a visitor.
        user_id: the user's `sub`.
        email: the user's email address.
        password: the user's password, for sign-in in a browser.
    """

    def __init__(
        self,
        base_url: str,
        tokens: Tokens | None = None,
        user_id: str = "",
        email: str = "",
        password: str = "",
    ) -> None:
        self.base_url, self.tokens, self.user_id = base_url, tokens, user_id
        self.email, self.password = email, password
        self.gave_up: list[Answer] = []
        self._guard = Lock()
        self._pool: urllib3.PoolManager | None = None
        self._ended = False

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """GET a path."""
        return self.request("GET", path, headers=headers)

    def post(self, path: str, body: object = None) -> Answer:
        """POST JSON to a path."""
        return self.request("POST", path, {} if body is None else body)

    def delete(self, path: str) -> Answer:
        """DELETE a path."""
        return self.request("DELETE", path)

    def request(
        self,
        method: str,
        path: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Make one request, with a JSON body unless it is None.

        Raises:
            NoAnswer: there was no complete answer, or the session has ended.
        """
        data = None if body is None else json.dumps(body).encode()
        sent = self._headers(data) | dict(headers or {})
        answer = _ask(self._connections(), method, f"{self.base_url}{path}", data, sent)
        if answer.gave_up:
            self.gave_up.append(answer)
        return answer

    def close(self) -> None:
        """Close all idle connections; further requests open new ones."""
        with self._guard:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.clear()

    def end(self) -> None:
        """Close for good: every later request fails."""
        self._ended = True
        self.close()

    def _headers(self, data: bytes | None) -> dict[str, str]:
        headers = {} if data is None else {"Content-Type": "application/json"}
        if self.tokens is not None:
            headers["Authorization"] = f"Bearer {self.tokens.id}"
        return headers

    def _connections(self) -> urllib3.PoolManager:
        with self._guard:
            if self._ended:
                raise NoAnswer("the session has ended")
            if self._pool is None:
                self._pool = _pool()
            return self._pool


def fetch(
    method: str, url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> Answer:
    """Make one request to an absolute URL, as a redirected browser does.

    Raises:
        NoAnswer: there was no complete answer.
    """
    pool = _pool()
    try:
        return _ask(pool, method, url, body, headers or {})
    finally:
        pool.clear()


def _pool() -> urllib3.PoolManager:
    return urllib3.PoolManager(maxsize=_MOST_OPEN, timeout=_TIMEOUT, retries=False)


def _ask(
    pool: urllib3.PoolManager,
    method: str,
    url: str,
    body: bytes | None,
    headers: Mapping[str, str],
) -> Answer:
    began, asked = time.time(), f"{method} {urlsplit(url).path}"
    try:
        answer = pool.request(method, url, body=body, headers=headers, redirect=False)
    except (HTTPError, LocationValueError) as error:
        raise NoAnswer(f"{method} {url}: {error}") from error
    named = {name.lower(): value for name, value in answer.headers.items()}
    return Answer(answer.status, named, answer.data, asked, began, time.time())
