"""What the tests of the ECS agent share: a running agent, a small image, clients that keep on."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.engine.aws.fargate.world import CLUSTER, LOGS, SERVICE, register
from verification.engine.aws.emulator import EmbeddedAws
from verification.engine.aws.fargate import Fargate, Images
from verification.engine.smoke.ecs_service import EcsService
from verification.engine.smoke.http_session import Answer, Session
from verification.engine.system.yardstick import until

GUNICORN = """
wsgi_app = "backend.app:app"
worker_class, workers, threads, keepalive, graceful_timeout = "gthread", 1, 16, 75, 25
"""
APP = """
import json, os, sys, time
from pathlib import Path

print("the image starts", os.environ.get("VERSION", ""), flush=True)
if os.environ.get("CRASH"):
    sys.exit(4)

def answer(environ):
    path, name = environ["PATH_INFO"], os.environ.get("VERSION", "")
    if path == "/started":
        return "503 Not Ready" if os.environ.get("NEVER_READY") else "200 OK", name
    if path == "/environ":
        return "200 OK", json.dumps(dict(os.environ) | {"cwd": os.getcwd()})
    if path == "/slow":
        time.sleep(2)
    if path == "/disk":
        if environ["REQUEST_METHOD"] == "POST":
            Path("kept.txt").write_text("kept")
            Path(os.environ["TMPDIR"], "kept.tmp").write_text("kept")
        return "200 OK", json.dumps(sorted(str(p) for p in Path("..").rglob("*") if p.is_file()))
    if path == "/print":
        print("asked for", environ["QUERY_STRING"], flush=True)
    return "200 OK", name

def app(environ, start_response):
    status, text = answer(environ)
    start_response(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(text)))])
    return [text.encode()]
"""


def image(folder: Path) -> Path:
    """Make an image whose application tells what it sees."""
    package = folder / "backend"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "gunicorn.conf.py").write_text(GUNICORN)
    (package / "app.py").write_text(APP)
    return folder


@dataclass
class Stage:
    """A world of its own with a running agent."""

    world: EmbeddedAws
    fargate: Fargate

    @property
    def service(self) -> EcsService:
        """The service as its users see it."""
        return EcsService(self.world.client, CLUSTER, SERVICE, 0.05, self.fargate.printed)

    def deploy(self, tag: str = "good", group: str = LOGS, **environment: str) -> str:
        """Start a deployment of a new revision; return its id."""
        revision = register(self.world, tag, group, **environment)
        return self.service.update(taskDefinition=revision)

    def running(self, tag: str = "good", **environment: str) -> str:
        """Deploy and wait until it has completed."""
        deployment = self.deploy(tag, **environment)
        self.service.wait_completed(deployment, 20)
        self.service.wait_steady(20)
        return deployment

    def get(self, path: str, method: str = "GET") -> Answer:
        """Ask for a path over the load balancer, expecting 200."""
        session = Session(self.fargate.base_url)
        answer = session.request(method, path)
        session.close()
        assert answer.status == 200, answer
        return answer

    def outcome(self, deployment: str) -> str:
        """How a deployment ended, or is."""
        states = {made["id"]: made["state"] for made in self.fargate.deployments()}
        return str(states.get(deployment))


@contextmanager
def staged(base: EmbeddedAws, work: Path, images: Images, speed: float = 20) -> Iterator[Stage]:
    """Fork the world and attach an agent."""
    world = base.fork()
    try:
        with Fargate(world, CLUSTER, SERVICE, work=work, images=images, speed=speed) as fargate:
            yield Stage(world, fargate)
    finally:
        world.stop()


def eventually(truth: Callable[[], Any], seconds: float = 60) -> Any:
    """Return the first true answer. Raises AssertionError when there is none in time."""
    found = until(truth, seconds, pause=0.02)
    assert found, "it did not happen in time"
    return found


@contextmanager
def clients(url: str, count: int, path: str = "/") -> Iterator[list[str]]:
    """Let clients ask without end; the list holds every answer but 200, and every failure."""
    problems: list[str] = []
    asked = itertools.count()
    over = threading.Event()

    def ask() -> None:
        session = Session(url)
        while not over.is_set():
            next(asked)
            if problem := _problem(session, path):
                problems.append(problem)
        session.close()

    threads = [threading.Thread(target=ask) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield problems
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert next(asked) > count, "nobody asked anything"


def _problem(session: Session, path: str) -> str:
    """Ask once; return what was wrong with the answer."""
    try:
        status = session.get(path).status
    except OSError as error:
        return repr(error)
    return "" if status == 200 else str(status)


def children(pid: int) -> list[int]:
    """The processes that this one started."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(word) for word in listed.split()]
