"""The load balancer's targets: registered, health-checked, drained."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from threading import Lock

import h11

from verification.engine.aws.fargate.definitions import HealthCheck
from verification.engine.aws.fargate.load_balancer.http_connection import HttpConnection
from verification.engine.system.yardstick import stretched

# A new target is checked more often than on AWS, to save time.
_EAGER_SECONDS = 0.1
_CONNECT_SECONDS = 5.0


@dataclass(eq=False)
class Target:
    """A task as the load balancer sees it; `state` is an ELB state."""

    ident: str
    port: int
    state: str = "initial"
    in_flight: int = 0
    was_healthy: bool = False
    in_a_row: int = 0
    reason: str = "Elb.RegistrationInProgress"
    description: str = "Target registration is in progress"
    draining_since: float = 0.0
    idle: list[HttpConnection] = field(default_factory=list)
    gone: threading.Event = field(default_factory=threading.Event)

    def connect(self) -> HttpConnection:
        """Return an open connection: an idle one, or a new one."""
        while self.idle:
            with suppress(IndexError):
                upstream = self.idle.pop()
                if upstream.usable():
                    return upstream
                upstream.close()
        made = socket.create_connection(
            ("127.0.0.1", self.port), timeout=stretched(_CONNECT_SECONDS)
        )
        return HttpConnection(made, h11.CLIENT)

    def keep(self, upstream: HttpConnection) -> None:
        """Keep a connection for the next request."""
        if self.gone.is_set() or self.state == "draining":
            upstream.close()
        else:
            self.idle.append(upstream)

    def close_idle(self) -> None:
        """Close the idle connections."""
        while self.idle:
            with suppress(IndexError):
                self.idle.pop().close()


class Targets:
    """All registered targets; thread-safe. All times are scaled by the machine's slowness.

    Args:
        check: the health check, with its interval already shortened.
        deregistration_delay: seconds for requests in flight when a target is deregistered.
    """

    def __init__(self, check: HealthCheck, deregistration_delay: float) -> None:
        self._check = check
        self._delay = deregistration_delay
        self._lock = Lock()
        self._targets: dict[str, Target] = {}
        self._turn = 0

    def register(self, ident: str, port: int) -> None:
        """Start checking a target; it gets requests once it is healthy."""
        target = Target(ident, port)
        with self._lock:
            self._targets[ident] = target
        threading.Thread(target=self._watch, args=(target,), daemon=True).start()

    def deregister(self, ident: str) -> None:
        """Send a target no more requests; those in flight may finish."""
        with self._lock:
            target = self._targets.get(ident)
            if target is None or target.state == "draining":
                return
            target.state, target.draining_since = "draining", time.monotonic()
            target.reason = "Target.DeregistrationInProgress"
            target.description = "Target deregistration is in progress"
        target.close_idle()

    def drained(self, ident: str) -> bool:
        """Whether a deregistered target has no requests in flight, or its delay is over."""
        with self._lock:
            target = self._targets.get(ident)
            if target is None or target.in_flight == 0:
                return True
            return time.monotonic() - target.draining_since >= stretched(self._delay)

    def remove(self, ident: str) -> None:
        """Remove a target."""
        with self._lock:
            target = self._targets.pop(ident, None)
        if target is not None:
            target.gone.set()
            target.close_idle()

    def state(self, ident: str) -> str:
        """A target's state: initial, healthy, unhealthy, draining; unused if not registered."""
        with self._lock:
            target = self._targets.get(ident)
            return target.state if target else "unused"

    def all(self) -> list[Target]:
        """Every registered target."""
        with self._lock:
            return list(self._targets.values())

    def acquire(self, tried: Collection[Target]) -> Target | None:
        """Return the next target in turn, with one more request in flight, or None.

        Like an ALB it fails open: without a healthy target, unhealthy ones get requests.
        """
        with self._lock:
            ready = [t for t in self._targets.values() if t.state == "healthy"]
            ready = ready or [t for t in self._targets.values() if t.state == "unhealthy"]
            ready = [target for target in ready if target not in tried]
            if not ready:
                return None
            self._turn += 1
            target = ready[self._turn % len(ready)]
            target.in_flight += 1
            return target

    def release(self, target: Target) -> None:
        """End one request to the target."""
        with self._lock:
            target.in_flight -= 1

    def _watch(self, target: Target) -> None:
        registered = time.monotonic()
        while not target.gone.is_set():
            problem = self._look(target.port)
            with self._lock:
                patience = stretched(self._check.interval * self._check.unhealthy)
                self._note(target, problem, time.monotonic() - registered >= patience)
            pause = self._check.interval if target.was_healthy else _EAGER_SECONDS
            target.gone.wait(stretched(pause))

    def _look(self, port: int) -> str:
        """Return the problem of the target, or ""."""
        connection = HTTPConnection("127.0.0.1", port, timeout=stretched(self._check.timeout))
        try:
            connection.request(
                "GET", self._check.path, headers={"User-Agent": "ELB-HealthChecker/2.0"}
            )
            status = connection.getresponse().status
        except TimeoutError:
            return "Request timed out"
        except (OSError, HTTPException):
            return "Health checks failed"
        finally:
            connection.close()
        return "" if self._check.accepts(status) else f"Health checks failed with codes: [{status}]"

    def _note(self, target: Target, problem: str, late: bool) -> None:
        if target.state == "draining":
            return
        changes = (target.state == "healthy") is bool(problem) or target.state == "initial"
        target.in_a_row = target.in_a_row + 1 if changes else 0
        if target.state == "initial" or not target.was_healthy:
            due = late if problem else True
        else:
            due = target.in_a_row >= (self._check.unhealthy if problem else self._check.healthy)
        if changes and due:
            target.state = "unhealthy" if problem else "healthy"
            target.in_a_row = 0
            target.was_healthy = target.was_healthy or not problem
            target.reason = "Target.FailedHealthChecks" if problem else ""
        target.description = problem
