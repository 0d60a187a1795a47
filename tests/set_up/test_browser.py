"""Debian's Chromium counts when it is installed, not when somebody tried."""

from __future__ import annotations

from pathlib import Path

import pytest

from requirements import chromium
from verification.engine.smoke.browser import NAMES

pytestmark = pytest.mark.slow


@pytest.fixture(name="tools", autouse=True)
def _tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty PATH, for root."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    return tmp_path


def tool(folder: Path, name: str, script: str) -> None:
    """Put a stand-in for a command into a folder."""
    (folder / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    (folder / name).chmod(0o755)


@pytest.mark.parametrize(
    ("state", "counts"),
    [("ii ", True), ("hi ", True), ("rc ", True), ("iU ", False), ("iF ", False), ("iHR", False)],
)
def test_half_installed_does_not_count(state: str, counts: bool, tools: Path) -> None:
    """A browser that Debian's tools unpacked but did not configure is none."""
    tool(tools, "chromium", "")
    tool(tools, "dpkg-query", f"printf '{state}'")
    assert chromium.has_browser() is counts


def test_one_of_another_origin_counts(tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no dpkg, or CHROMIUM names one, that is enough."""
    assert not chromium.has_browser()
    tool(tools, "google-chrome", "")
    assert chromium.has_browser()
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    assert not chromium.has_browser()


def test_installs_where_it_may(tools: Path) -> None:
    """As root on Debian it is installed, after what an earlier try left undone."""
    tool(tools, "dpkg", f'echo dpkg "$@" >> {tools}/calls')
    chrome = tools / "chromium"
    tool(
        tools,
        "apt-get",
        f'echo apt-get "$@" >> {tools}/calls\n[ "$1" = update ] || echo "#!/bin/sh" > {chrome}\n'
        f'[ "$1" = update ] || /bin/chmod +x {chrome}',
    )
    assert chromium.install_browser() == []
    calls = (tools / "calls").read_text(encoding="utf-8").splitlines()
    assert calls[:2] == ["dpkg --configure -a", "apt-get update -qq"]
    # What a killed try left half unpacked is installed to apt-get.
    assert "--reinstall" in calls[2].removeprefix("apt-get install ").split()
    assert len(calls) == 3


def test_a_failed_try_is_told(tools: Path) -> None:
    """The note says why there is none, and what to do."""
    tool(tools, "dpkg", "")
    tool(tools, "apt-get", "echo 'E: Unable to fetch some archives'; exit 100")
    [note] = chromium.install_browser()
    assert note.startswith("No Chromium was found (E: Unable to fetch some archives): run `apt")


def test_looks_for_the_names_that_the_engine_knows() -> None:
    """What counts here is what the smoke rung finds."""
    assert chromium.BROWSERS == NAMES
