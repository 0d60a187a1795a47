"""What every test of the verifier keeps to.

A warning is an error here, Ctrl-C is heard, and a test without the marker `slow` starts nothing
heavy. Side by side (`-n auto`), tests that share fixtures go to one process; all tests of a process
share one empty AWS.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from verification.engine.aws.emulator import EmbeddedAws

# The last that matches decides.
_FILTERS = (
    "error",
    "ignore:datetime.datetime.utcnow:DeprecationWarning:pycognito",
    "ignore:SOCKS support in urllib3",
)
# Programs and modules that only slow tests may start.
_HEAVY = {
    *("terraform", "chromium", "pytest", "gunicorn", "checkov"),
    *("driver.py", "tests.engine.smoke.account.stand_in"),
    *("verification.engine.aws.emulator.server.process", "verification.engine.report"),
}
# Long files whose tests share nothing that costs much.
_APART = ("tests/mutants/", "tests/engine/smoke/scenarios/test_backends.py")
_running: list[pytest.Item] = []


def pytest_configure(config: pytest.Config) -> None:
    """Let no warning pass; the rungs themselves end at none.

    A shell lets what it starts in the background ignore SIGINT, and children would inherit that:
    tests send it to them.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for line in _FILTERS:
        config.addinivalue_line("filterwarnings", line)
    sys.addaudithook(_watch)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the slow tests go first, those that go one by one last: who is left would run alone."""
    items.sort(key=lambda item: (item.get_closest_marker("slow") is None, _is_apart(item.nodeid)))


@pytest.fixture(scope="session")
def empty_aws() -> Iterator[EmbeddedAws]:
    """An AWS to fork, in which nobody does anything: a start costs more than many forks."""
    with EmbeddedAws.start() as started:
        # What is loaded here need not be loaded in each fork: 1.2 s of processor.
        started.client("ecs").list_clusters()
        started.client("ec2").describe_vpcs()
        started.client("backup").list_backup_vaults()
        yield started


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep together what shares fixtures: a file, or a folder whose files share some."""
    from xdist.scheduler import LoadFileScheduling

    @cache
    def shares(folder: Path) -> bool:
        shared = config.rootpath / folder / "conftest.py"
        text = shared.read_text(encoding="utf-8") if shared.exists() else ""
        return 'scope="session"' in text or 'scope="package"' in text

    def scope(nodeid: str) -> str:
        file = Path(nodeid.partition("::")[0])
        return nodeid if _is_apart(nodeid) else str(file.parent if shares(file.parent) else file)

    config.option.loadscopereorder = False
    scheduler = LoadFileScheduling(config, log)
    scheduler._split_scope = scope
    return scheduler


def _is_apart(nodeid: str) -> bool:
    """Whether a test goes to whichever process is free: its file is long, and shares nothing."""
    return nodeid.startswith(_APART)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Any:
    """Know which test runs."""
    _running.append(item)
    try:
        return (yield)
    finally:
        _running.clear()


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    """Fail a fast test that starts Terraform, the emulator, a browser or a run of the suite."""
    if event != "subprocess.Popen" or not _running or _running[0].get_closest_marker("slow"):
        return
    command = [str(part) for part in arguments[1]]
    if _HEAVY & {Path(part).name for part in command}:
        raise AssertionError(f"a test that starts {command} has the marker slow")
