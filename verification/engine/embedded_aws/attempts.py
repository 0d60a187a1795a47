"""Answers to an SDK's attempts, kept so that a repeated one whose answer was lost gets it again."""

from __future__ import annotations

import re
from collections import OrderedDict
from threading import Lock
from typing import Any

from verification.engine.embedded_aws.responses import Response

_ATTEMPT = re.compile(r"attempt=(\d+)")
_KEPT = 256
_LARGEST = 65536


class Attempts:
    """The last successful answers, by the id that an SDK gives to all attempts of one call.

    Measured with the AWS provider 5.100.0 on two busy cores: when an answer's head and body left
    one after the other, it closed the connection between the two in one of ten applies, and tried
    again. They leave together now (transport.py), and in 110 applies it never did; but a network or
    a stopped process can lose an answer all the same, and "already exists" would fail the apply.
    """

    def __init__(self) -> None:
        self._answers: OrderedDict[str, Response] = OrderedDict()
        self._guard = Lock()

    def answered(self, environ: dict[str, Any]) -> Response | None:
        """The answer that an earlier attempt of the same call got, if this is a repeated one."""
        found = _ATTEMPT.search(environ.get("HTTP_AMZ_SDK_REQUEST", ""))
        if found is None or int(found[1]) < 2:
            return None
        with self._guard:
            return self._answers.get(_invocation(environ))

    def remember(self, environ: dict[str, Any], response: Response) -> None:
        """Keep an answer, if it says that something was done."""
        name = _invocation(environ)
        if not name or response.status >= 300 or len(response.body) > _LARGEST:
            return
        with self._guard:
            self._answers[name] = response
            while len(self._answers) > _KEPT:
                self._answers.popitem(last=False)


def _invocation(environ: dict[str, Any]) -> str:
    return str(environ.get("HTTP_AMZ_SDK_INVOCATION_ID", ""))
