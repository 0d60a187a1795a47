"""A run removes the folders of runs that were killed, and of nobody else."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kit import REPOSITORY
from verification.engine.system.temporary import RUN, WORLD, OwnedFolder, remove_abandoned

# Makes a folder with something in it, and ends as one that is killed.
OWNER = """
import os, sys
from verification.engine.system.temporary import RUN, OwnedFolder
owned = OwnedFolder(RUN)
folder = owned.path
(folder / "dev").mkdir()
(folder / "dev" / "state").touch()
print(folder, flush=True)
os.kill(os.getpid(), 9)
"""


@pytest.fixture(autouse=True)
def _temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)


def abandoned() -> Path:
    """Leave a folder as one does who is killed."""
    done = subprocess.run(
        [sys.executable, "-c", OWNER], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    )
    return Path(done.stdout.strip())


def test_abandoned_folder_is_removed() -> None:
    """A folder whose owner was killed is removed with all that is in it, once."""
    folder = abandoned()
    assert (folder / "dev" / "state").exists()
    assert remove_abandoned() == [folder]
    assert not folder.exists()
    assert remove_abandoned() == []


def test_living_owner_keeps_its_folder() -> None:
    """What somebody works in stays, until that one removes it; removing it twice is once."""
    owned = [OwnedFolder(RUN), OwnedFolder(WORLD)]
    assert remove_abandoned() == []
    assert all(folder.path.is_dir() for folder in owned)
    for folder in [*owned, *owned]:
        folder.remove()
    assert not any(folder.path.exists() for folder in owned)


def unlock(folder: Path) -> None:
    """Take its lock file away."""
    (folder / "owner.lock").unlink()


def link_lock(folder: Path) -> None:
    """Let its lock file be a link."""
    (folder / "owner.lock").rename(folder / "other")
    (folder / "owner.lock").symlink_to("other")


def link_folder(folder: Path) -> None:
    """Let the folder itself be a link to another."""
    folder.rename(folder.parent / "precious")
    folder.symlink_to("precious")


def lock_folder(folder: Path) -> None:
    """Let a folder stand where its lock file should."""
    (folder / "owner.lock").unlink()
    (folder / "owner.lock").mkdir()


@pytest.mark.parametrize("change", [unlock, link_lock, link_folder, lock_folder])
def test_what_may_be_somebody_elses_stays(change: Callable[[Path], None]) -> None:
    """What has no lock of ours, or is a link, is left alone."""
    folder = abandoned()
    change(folder)
    assert remove_abandoned() == []
    assert (folder / "dev" / "state").exists()


def test_another_users_folder_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that belongs to another user is left alone, also by root."""
    folder, we = abandoned(), os.getuid()
    with monkeypatch.context() as other:
        other.setattr(os, "getuid", lambda: we + 1)
        assert remove_abandoned() == []
    assert remove_abandoned() == [folder]
