"""Deploys under traffic, good and bad, and the service left alone."""

from __future__ import annotations

import shutil
import threading
import time
from http.client import HTTPException
from pathlib import Path
from types import TracebackType
from typing import Self

from verification.engine.fargate import repository_image
from verification.engine.fargate.launcher import REPOSITORY, tag_of
from verification.engine.scenarios.observing import TRIAL, refused, shorten, trial_of
from verification.engine.scenarios.registry import Stages, scenario
from verification.engine.session import Session
from verification.engine.stage import Stage
from verification.model.seen import RolloutSeen, StabilitySeen, Traffic

CLIENTS = 20
WATCHED = 3.0
_PAUSE = 0.1
_IMAGE = "registry.invalid/fileshare"
_TARGET = "https://example.com/under-way"


@scenario
def rolling_deploy(run: Stages, environment: str) -> RolloutSeen:
    """Twenty clients keep going while another image is deployed."""
    with run.stage(environment, "rolling_deploy") as stage:
        return _rollout(stage, f"{_IMAGE}:second")


@scenario
def bad_revision(run: Stages, environment: str) -> RolloutSeen:
    """Twenty clients keep going while an image is deployed whose backend cannot start."""
    broken: list[Path] = []

    def images(uri: str) -> Path:
        return broken[0] if tag_of(uri) == "broken" else repository_image(uri)

    with run.stage(environment, "bad_revision", images) as stage:
        broken.append(_broken_image(stage.folder / "broken"))
        return _rollout(stage, f"{_IMAGE}:broken")


@scenario
def stability(run: Stages, environment: str) -> StabilitySeen:
    """The service is left alone for some seconds, then one of its tasks is killed."""
    with run.stage(environment, "stability") as stage:
        service = stage.deployment.service
        samples, end = [], time.monotonic() + WATCHED
        while time.monotonic() < end:
            told = service.describe()
            samples.append((told["desiredCount"], told["runningCount"], told["pendingCount"]))
            time.sleep(_PAUSE)
        targets = tuple(stage.fargate.target_health().values())
        stopped = [t for t in stage.fargate.tasks() if t.get("stoppedReason")]
        before = frozenset(service.running())
        killed = stage.deployment.kill_task()
        stage.deployment.wait_steady()
        return StabilitySeen(
            samples=tuple(samples),
            targets=targets,
            stopped=tuple(str(task["stoppedReason"]) for task in stopped),
            killed=killed,
            before=before,
            after=frozenset(service.running()),
            refused=refused(stage),
        )


class _Clients:
    """Many clients of one user that keep asking until the block ends."""

    def __init__(self, user: Session, code: str) -> None:
        self._user, self._code = user, code
        self._ending = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(CLIENTS)]
        self._requests = 0
        self._failures: list[str] = []
        self._counting = threading.Lock()

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ending.set()
        for thread in self._threads:
            thread.join(60)

    def seen(self) -> Traffic:
        """What they saw."""
        return Traffic(CLIENTS, self._requests, tuple(self._failures))

    def _run(self) -> None:
        while not self._ending.wait(_PAUSE):
            self._ask(TRIAL, 200)
            self._ask(f"/{self._code}", 302)

    def _ask(self, path: str, wanted: int) -> None:
        try:
            status = self._user.get(path).status
            failure = "" if status == wanted else f"GET {path}: {status}"
        except (OSError, HTTPException) as error:
            failure = f"GET {path}: {error!r}"
        with self._counting:
            self._requests += 1
            if failure:
                self._failures.append(failure)


def _rollout(stage: Stage, image: str) -> RolloutSeen:
    user = stage.deployment.user("under-way")
    user.post(TRIAL)
    code = shorten(user, _TARGET)
    service = stage.deployment.service
    trial, tasks, old = trial_of(user), frozenset(service.running()), _image(stage)
    with _Clients(user, code) as clients:
        time.sleep(5 * _PAUSE)
        done = stage.deploy("--image", image)
        stage.deployment.wait_steady()
        time.sleep(5 * _PAUSE)
    return RolloutSeen(
        traffic=clients.seen(),
        code=done.code,
        said=(done.out + done.err).strip()[-500:],
        tasks_before=tasks,
        tasks_after=frozenset(service.running()),
        image_before=old,
        image_wanted=image,
        image_after=_image(stage),
        states=_states(stage),
        trial_before=trial,
        trial_after=trial_of(user),
        refused=refused(stage),
    )


def _image(stage: Stage, revision: str = "") -> str:
    """The image of a revision; of the service's own by default."""
    revision = revision or stage.deployment.service.describe()["taskDefinition"]
    found = stage.world.client("ecs").describe_task_definition(taskDefinition=revision)
    return str(found["taskDefinition"]["containerDefinitions"][0]["image"])


def _states(stage: Stage) -> dict[str, str]:
    """The last rollout state of each image that was ever deployed here."""
    made = stage.fargate.deployments()
    return {_image(stage, one["revision"]): str(one["state"]) for one in made}


def _broken_image(folder: Path) -> Path:
    """An image whose backend fails as it starts, as a wrong import does."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(REPOSITORY / "backend", folder / "backend", ignore=ignored)
    start = folder / "backend" / "wsgi.py"
    start.write_text("raise ImportError('a revision that cannot start')\n", encoding="utf-8")
    return folder
