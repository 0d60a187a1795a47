"""moto behind one lock, with a call log, fault injection and readable errors."""

import json
import logging
import time
from collections.abc import Iterable
from dataclasses import replace
from threading import Lock
from typing import Any
from urllib.parse import parse_qs

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from verification.engine.aws.emulator.moto_patches import ecs_agent
from verification.engine.aws.emulator.protocol import CONTROL, Call, Fault
from verification.engine.aws.emulator.server import aws_response, iam_enforcement
from verification.engine.aws.emulator.server.aws_request import AwsRequest, Environ, read
from verification.engine.aws.emulator.server.aws_response import NOT_IMPLEMENTED, Response
from verification.engine.aws.emulator.server.call_log import Recorder
from verification.engine.aws.emulator.server.fault_injection import Faults
from verification.engine.aws.emulator.server.retry_cache import Attempts

log = logging.getLogger(__name__)
Asked = tuple[tuple[str, str, str], ...]


class Application:
    """The WSGI application of one embedded AWS.

    `lock` is held while moto works, because moto is not thread-safe (moto 5.2.5: two winners of one
    TransactWriteItems condition in 1 of 15 rounds). While it is held, no call is in progress.
    """

    def __init__(self) -> None:
        self.lock = Lock()
        self._enforcing = False
        self._moto = DomainDispatcherApplication(create_backend_app)
        self.forget()

    def forget(self) -> None:
        """Reset call log, faults, remembered answers and agents."""
        ecs_agent.detach()
        self._recorder, self._faults, self._attempts = Recorder(), Faults(), Attempts()

    def answer(self, environ: Environ, body: bytes) -> Response:
        """Answer one request to AWS or to the emulator's controls."""
        path = environ["PATH_INFO"]
        if path.startswith(CONTROL):
            return self._control(environ, path.removeprefix(CONTROL), body)
        if path.startswith("/moto-api/"):
            return self._ask(environ)
        recorder = self._recorder
        with recorder.call():
            return self._recorded(recorder, environ, body)

    def _recorded(self, recorder: Recorder, environ: Environ, body: bytes) -> Response:
        request, now, clock = read(environ, body), time.time(), time.perf_counter()
        response = self._attempts.answered(environ, request) or self._spoilt(environ, body, request)
        spent = (time.perf_counter() - clock) * 1000
        asked = self._asked(environ, body, request)
        recorder.add(lambda sequence: _call(sequence, now, request, response, spent, asked))
        return response

    def _control(self, environ: Environ, name: str, body: bytes) -> Response:
        answer: dict[str, Any] = {}
        match environ["REQUEST_METHOD"], name:
            case "GET", "calls":
                since = parse_qs(environ["QUERY_STRING"]).get("since", ["0"])[0]
                answer = self._recorder.since(int(since))
            case "POST", "faults":
                self._faults.arm(Fault(**json.loads(body)))
            case "DELETE", "faults":
                self._faults.clear()
            case "PUT", "ecs":
                with self.lock:
                    answer = ecs_agent.synchronise(json.loads(body))
            case "POST", "enforcement":
                self._enforcing = json.loads(body)
            case _:
                return Response(404, [], b"no such control")
        return Response(200, [("Content-Type", "application/json")], json.dumps(answer).encode())

    def _spoilt(self, environ: Environ, body: bytes, request: AwsRequest) -> Response:
        """Answer with the next matching fault, or normally without one."""
        fault = self._faults.take(request)
        # Outside of the lock, so that a delay does not affect other calls.
        time.sleep(fault.delay_ms / 1000 if fault else 0)
        if fault and fault.code and not fault.lost:
            return aws_response.error(request.protocol, fault.status, fault.code, fault.message)
        response = self._answer_aws(environ, body, request)
        self._attempts.remember(environ, request, response)
        return replace(response, lost=True) if fault and fault.lost else response

    def _answer_aws(self, environ: Environ, body: bytes, request: AwsRequest) -> Response:
        name = f"{request.service}:{request.operation}"
        try:
            response = self._enforced(environ, body, request)
        except NotImplementedError as reason:
            return _not_implemented(request, str(reason))
        except Exception as reason:
            log.exception("%s failed", name)
            message = f"the embedded AWS failed in {name}: {reason!r}"
            return aws_response.error(request.protocol, 500, "InternalFailure", message)
        if _unrouted(request, response):
            return _not_implemented(request, "no such path")
        return aws_response.refusal_in_json(response) if request.protocol == "json" else response

    def _enforced(self, environ: Environ, body: bytes, request: AwsRequest) -> Response:
        """Let moto answer, if IAM is not enforced or allows the call."""
        if not self._enforcing:
            return self._ask(environ)
        with self.lock:
            refusal = iam_enforcement.refuse(environ, body, request)
        if refusal is not None:
            return refusal
        response = self._ask(environ)
        with self.lock:
            return iam_enforcement.hide(environ, request, response)

    def _asked(self, environ: Environ, body: bytes, request: AwsRequest) -> Asked:
        """IAM's checks of the call; none if IAM is not enforced."""
        if not self._enforcing:
            return ()
        with self.lock:
            return iam_enforcement.asked(environ, body, request)

    def _ask(self, environ: Environ) -> Response:
        """Let moto answer; exceptions are raised, because its Flask applications run in debug."""
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], *_: object) -> None:
            started.append((status, headers))

        with self.lock:
            try:
                backend: Any = self._moto.get_application(environ)
            except Exception as reason:
                raise NotImplementedError(f"moto cannot load the service: {reason!r}") from reason
            chunks: Iterable[bytes] = backend(environ, start_response)
            body = b"".join(chunks)
        status, headers = started[-1]
        return Response(int(status.split()[0]), headers, body)


def _call(
    sequence: int,
    now: float,
    request: AwsRequest,
    response: Response,
    spent: float,
    asked: Asked,
) -> Call:
    return Call(
        sequence=sequence,
        time=now,
        access_key=request.access_key,
        service=request.service,
        operation=request.operation,
        resources=request.resources,
        status=response.status,
        error=response.error,
        duration_ms=round(spent, 3),
        asked=asked,
        attempt=request.attempt,
        lost=response.lost,
        key=request.key,
    )


def _unrouted(request: AwsRequest, response: Response) -> bool:
    """Whether moto has no operation for the path: it then answers 404, empty or in HTML."""
    if request.service == "s3" or request.head or response.status not in (404, 405):
        return False
    return not response.body or response.body.lstrip()[:9].lower() == b"<!doctype"


def _not_implemented(request: AwsRequest, reason: str) -> Response:
    """Return a 400, which SDKs do not retry; on moto's 500 Terraform retries for minutes."""
    name = f"{request.service}:{request.operation}"
    log.warning("not implemented: %s (%s)", name, reason)
    message = f"the embedded AWS does not implement {name} ({reason})"
    return aws_response.error(request.protocol, 400, NOT_IMPLEMENTED, message)
