"""Deploys under traffic, good and bad, and the service without changes."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from verification.engine.aws.fargate import repository_image
from verification.engine.aws.fargate.tasks.launcher import REPOSITORY, tag_of
from verification.engine.errors import ToolError
from verification.engine.smoke.http_session import Answer, Session
from verification.engine.smoke.scenarios.helpers import TRIAL, refused, shorten, trial_of
from verification.engine.smoke.scenarios.registry import Stages, scenario
from verification.engine.smoke.slow_calls import failure_of
from verification.engine.smoke.stage import EmbeddedStage, RollOut, Stage
from verification.engine.system.concurrency import meanwhile
from verification.engine.system.yardstick import until
from verification.model.smoke.observations import RolloutSeen, StabilitySeen
from verification.model.smoke.traffic import Failure, Traffic

CLIENTS = 20
# Seconds. Without a circuit breaker, a bad revision would be retried until this timeout.
DEPLOY_ENDS = 90.0
# Seconds between two rounds of a client. With 0.1 s, twenty clients used two processors.
_PAUSE = 0.5
_STALLED, _LOOK = 60.0, 0.05
# The number of requests before a deploy begins, and after it ends.
_WARM = 2 * CLIENTS
_TIMED_OUT = 4  # of backend.deploy's exit codes
_BROKEN = "broken"
_TARGET = "https://example.com/under-way"


@scenario
def rolling_deploy(stages: Stages, environment: str) -> RolloutSeen:
    """Twenty clients send requests while every task is replaced."""
    with stages.stage(environment, "rolling_deploy") as stage:
        return _rollout(stage, stage.roll_out)


@scenario
def bad_revision(stages: Stages, environment: str) -> RolloutSeen:
    """Twenty clients send requests while an image is deployed whose backend cannot start."""
    broken: list[Path] = []

    def images(uri: str) -> Path:
        return broken[0] if tag_of(uri) == _BROKEN else repository_image(uri)

    with stages.embedded(environment, "bad_revision", images) as stage:
        broken.append(_broken_image(stage.folder / _BROKEN))
        seen = _rollout(stage, lambda: stage.roll_out(_BROKEN, DEPLOY_ENDS))
        # ECS no longer lists a failed deployment after its rollback; the agent does.
        made = stage.fargate.deployments()
        states = {_image(stage, one["revision"]): str(one["state"]) for one in made}
        return replace(seen, states=states)


@scenario
def stability(stages: Stages, environment: str) -> StabilitySeen:
    """Observe the service for some seconds without changes, then kill a task."""
    with stages.stage(environment, "stability") as stage:
        service = stage.deployment.service
        samples, end = [], time.monotonic() + stage.watch
        while time.monotonic() < end:
            told = service.describe()
            samples.append((told["desiredCount"], told["runningCount"], told["pendingCount"]))
            time.sleep(service.pause)
        targets, stopped = tuple(service.targets()), tuple(service.died(stage.began))
        before = frozenset(service.running())
        killed = stage.deployment.kill_task()
        stage.deployment.wait_steady()
        return StabilitySeen(
            samples=tuple(samples),
            targets=targets,
            stopped=stopped,
            killed=killed,
            before=before,
            after=frozenset(service.running()),
            refused=refused(stage),
        )


class _Clients:
    """Concurrent clients of one user; every failure is recorded."""

    def __init__(self, session: Session, code: str) -> None:
        self._session, self._code = session, code
        self._requests = 0
        self._failures: list[Answer | str] = []
        self._counting = threading.Lock()

    def send(self) -> None:
        """Send the requests of one round of a client."""
        self._send(TRIAL, 200)
        self._send(f"/{self._code}", 302)

    def go_on(self, requests: int) -> None:
        """Wait for so many more answered requests; ToolError if there are no more answers."""
        wanted = self._requests + requests
        if not until(lambda: self._requests >= wanted, _STALLED, _LOOK):
            raise ToolError(
                f"{CLIENTS} clients made {self._requests} requests, and then got no more answers."
            )

    def seen(self, stage: Stage) -> Traffic:
        """The clients' traffic."""
        calls = stage.world.calls() if isinstance(stage, EmbeddedStage) else []
        failures = (
            Failure(failed) if isinstance(failed, str) else failure_of(failed, calls)
            for failed in self._failures
        )
        return Traffic(CLIENTS, self._requests, tuple(failures))

    def _send(self, path: str, wanted: int) -> None:
        answer: Answer | str
        try:
            answer = self._session.get(path)
        except OSError as error:
            answer = f"GET {path}: {error!r}"
        with self._counting:
            self._requests += 1
            if isinstance(answer, str) or answer.status != wanted:
                self._failures.append(answer)


def _rollout(stage: Stage, roll_out: Callable[[], RollOut]) -> RolloutSeen:
    user = stage.deployment.user("under-way")
    user.post(TRIAL).demand(201)
    code = shorten(user, _TARGET)
    service = stage.deployment.service
    trial, tasks, old = trial_of(user), frozenset(service.running()), _image(stage)
    # A separate session, because its failures are judged individually.
    with closing(Session(user.base_url, user.tokens)) as session:
        clients = _Clients(session, code)
        with meanwhile(clients.send, CLIENTS, _PAUSE):
            clients.go_on(_WARM)
            done = roll_out()
            if done.code != _TIMED_OUT:
                stage.deployment.wait_steady()
            clients.go_on(_WARM)
    return RolloutSeen(
        traffic=clients.seen(stage),
        code=done.code,
        said=done.said,
        tasks_before=tasks,
        tasks_after=frozenset(service.running()),
        image_before=old,
        image_wanted=done.image,
        image_after=_image(stage),
        states=_states(stage),
        trial_before=trial,
        trial_after=trial_of(user),
        refused=refused(stage),
    )


def _image(stage: Stage, revision: str = "") -> str:
    """The image of a revision; by default of the service's revision."""
    revision = revision or stage.deployment.service.describe()["taskDefinition"]
    found = stage.client("ecs").describe_task_definition(taskDefinition=revision)
    return str(found["taskDefinition"]["containerDefinitions"][0]["image"])


def _states(stage: Stage) -> dict[str, str]:
    """The rollout state of each listed deployment, by image."""
    made = stage.deployment.service.describe()["deployments"]
    return {_image(stage, one["taskDefinition"]): str(one["rolloutState"]) for one in made}


def _broken_image(folder: Path) -> Path:
    """An image whose backend fails at startup, as with a wrong import."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(REPOSITORY / "backend", folder / "backend", ignore=ignored)
    start = folder / "backend" / "wsgi.py"
    start.write_text("raise ImportError('a revision that cannot start')\n", encoding="utf-8")
    return folder
