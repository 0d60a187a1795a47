"""The embedded AWS as processes: started, forked, ended, and never left behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.kit import HANG, REPOSITORY
from verification.engine.aws.emulator import EmbeddedAws, Fault, launch
from verification.engine.errors import EngineError, EnvironmentUnavailable, ToolError

pytestmark = pytest.mark.slow

ROOT = REPOSITORY
FAMILY = """
import sys, time
from verification.engine.aws.emulator import EmbeddedAws
world = EmbeddedAws.start()
fork = world.fork()
print(world.pid, fork.pid, fork.fork().pid, flush=True)
time.sleep(60)
"""


@pytest.fixture(scope="module")
def world() -> Iterator[EmbeddedAws]:
    """A world that the tests of this file share."""
    with EmbeddedAws.start() as started:
        started.client("ssm").put_parameter(Name="/who", Value="parent", Type="String")
        yield started


def connected(world: EmbeddedAws) -> socket.socket:
    """Return a connection of our own to the world."""
    return socket.create_connection(("127.0.0.1", urlsplit(world.endpoint).port or 0), timeout=HANG)


def who(world: EmbeddedAws) -> str:
    """Return what tells this world from the others."""
    value: str = world.client("ssm").get_parameter(Name="/who")["Parameter"]["Value"]
    return value


def rename(world: EmbeddedAws, value: str) -> None:
    """Make this world tell itself apart by another value."""
    world.client("ssm").put_parameter(Name="/who", Value=value, Type="String", Overwrite=True)


def test_stop_leaves_no_process() -> None:
    """Stopping a world ends it, its forks and their forks, and leaves no files."""
    world = EmbeddedAws.start()
    fork = world.fork()
    pids = [world.pid, fork.pid, fork.fork().pid]
    world.stop()
    world.stop()
    assert all(launch.gone(pid, timeout=HANG) for pid in pids)
    assert not world.log.exists()


def test_killed_parent_leaves_no_process(tmp_path: Path) -> None:
    """A world and its forks end by themselves when their owner is killed."""
    environ = os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-c", FAMILY]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        pids = [int(pid) for pid in owner.stdout.readline().split()]
        owner.send_signal(signal.SIGKILL)
    assert len(pids) == 3
    assert all(launch.gone(pid, timeout=HANG) for pid in pids)


def test_terminal_does_not_reach_it(world: EmbeddedAws) -> None:
    """Ctrl-C, or a closed terminal, is for its owner, who may still need it while ending."""
    assert os.getsid(world.pid) == world.pid


def test_only_loopback_listens(world: EmbeddedAws) -> None:
    """The emulator cannot be reached on any address but 127.0.0.1."""
    port = urlsplit(world.endpoint).port
    with pytest.raises((ConnectionRefusedError, TimeoutError)):
        socket.create_connection(("127.0.0.2", port), timeout=2)


@pytest.mark.parametrize(
    "endpoint", ["https://dynamodb.us-east-1.amazonaws.com", "http://10.0.0.1:80", "localhost"]
)
def test_refuses_what_is_not_this_machine(endpoint: str) -> None:
    """No world can be made of an endpoint outside of this machine."""
    with pytest.raises(EngineError, match="loopback"):
        EmbeddedAws(endpoint, 1, Path("log"))


def test_start_is_bounded() -> None:
    """A server that is not up in time is ended and reported."""
    with pytest.raises(ToolError, match="did not start within 0 s"):
        EmbeddedAws.start(timeout=0)


def test_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without the emulator's packages is told what to install."""
    monkeypatch.setattr(launch, "MODULE", "moto_that_is_not_installed.server")
    with pytest.raises(EnvironmentUnavailable, match=r"requirements/verification\.txt"):
        EmbeddedAws.start()


def test_connection_stays_open(world: EmbeddedAws) -> None:
    """One connection serves call after call, whatever of a body the answer did not need."""
    request = b"PUT /moto-api/none HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nsome body"
    with connected(world) as connection, connection.makefile("rb") as answers:
        for _ in range(2):
            connection.sendall(request)
            assert answers.readline().startswith(b"HTTP/1.1 404")
            headers = dict(line.split(b": ", 1) for line in iter(answers.readline, b"\r\n"))
            answers.read(int(headers[b"Content-Length"]))


def test_fork_is_a_copy_of_its_own(world: EmbeddedAws) -> None:
    """A fork starts as its parent is, and neither sees what the other changes then."""
    fork = world.fork()
    assert who(fork) == "parent"
    rename(fork, "fork")
    assert (who(world), who(fork)) == ("parent", "fork")
    rename(world, "changed")
    assert (who(world), who(fork)) == ("changed", "fork")
    rename(world, "parent")


def test_fork_of_fork(world: EmbeddedAws) -> None:
    """A fork can be forked, and its fork is isolated from both."""
    child = world.fork()
    rename(child, "child")
    grandchild = child.fork()
    assert who(grandchild) == "child"
    rename(grandchild, "grandchild")
    assert (who(world), who(child)) == ("parent", "child")


def test_fork_costs_a_fraction_of_a_start(world: EmbeddedAws) -> None:
    """Forking is cheap enough to give every scenario a world of its own."""
    started = time.perf_counter()
    with EmbeddedAws.start():
        start = time.perf_counter() - started
    assert min(seconds_of(world.fork) for _ in range(3)) < start / 5


def seconds_of(call: Callable[[], object]) -> float:
    """How long a call takes."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def test_fork_forgets_calls_and_faults(world: EmbeddedAws) -> None:
    """A fork has no record and no faults of its parent."""
    world.inject(Fault(service="ssm"))
    fork = world.fork()
    world.clear_faults()
    assert fork.calls() == []
    assert who(fork) == "parent"


def test_stopped_fork_is_alone(world: EmbeddedAws) -> None:
    """Stopping a fork ends that process only, and leaves not even a zombie."""
    one, other = world.fork(), world.fork()
    one.stop()
    assert launch.gone(one.pid, timeout=HANG)
    assert [who(world), who(other)] == ["parent", "parent"]


def test_fork_does_not_hold_connections_of_its_parent() -> None:
    """A client of an ended world sees its connection end although a fork lives on."""
    with EmbeddedAws.start() as world, connected(world) as connection:
        connection.sendall(b"GET /_embedded/faults HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.recv(1, socket.MSG_PEEK)
        world.fork()
        os.kill(world.pid, signal.SIGKILL)
        received = b""
        while part := connection.recv(65536):
            received += part
    assert received.startswith(b"HTTP/1.1 404")
