"""Temporary folders with a lock of their owner, so that a later run can remove abandoned ones."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path

RUN, WORLD = "fileshare-verification-", "embedded-aws-"
"""The prefixes of the folders of a run and of an embedded AWS."""
_LOCK = "owner.lock"


class OwnedFolder:
    """A temporary folder whose owner holds a lock on a file in it as long as it runs.

    A lock is more reliable than a process id, which may be reused, in particular by another
    container that shares the temporary directory.

    Args:
        prefix: `RUN` or `WORLD`.
    """

    def __init__(self, prefix: str) -> None:
        self._made = tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True)
        self.path = Path(self._made.name)
        # It is renamed after it is locked, so that it is never found without its lock.
        unnamed = self.path / f"{_LOCK}.new"
        self._lock = os.open(unnamed, os.O_CREAT | os.O_RDWR, 0o600)
        flock(self._lock, LOCK_EX)
        unnamed.rename(self.path / _LOCK)

    def remove(self) -> None:
        """Remove the folder with its content; again has no effect."""
        self._made.cleanup()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def remove_abandoned() -> list[Path]:
    """Remove the folders of killed owners; return the removed ones.

    Folders without a lock file, with a running owner, or of another user are not touched.
    """
    temporary = Path(tempfile.gettempdir())
    found = [folder for prefix in (RUN, WORLD) for folder in sorted(temporary.glob(f"{prefix}*"))]
    return [folder for folder in found if _remove_if_abandoned(folder)]


def _remove_if_abandoned(folder: Path) -> bool:
    try:
        with _locked(folder):
            shutil.rmtree(folder)
    except OSError:
        # Including BlockingIOError: the owner is running.
        return False
    return True


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the lock of one of the user's folders; OSError if it is not available at once."""
    # Neither may be a symbolic link, which could lead to another user's folder.
    outer = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        inner = os.open(_LOCK, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=outer)
        try:
            for number in (outer, inner):
                if os.fstat(number).st_uid != os.getuid():
                    raise PermissionError(f"{folder} belongs to another user")
            if not stat.S_ISREG(os.fstat(inner).st_mode):
                raise PermissionError(f"{folder} has no lock file")
            flock(inner, LOCK_EX | LOCK_NB)
            yield
        finally:
            os.close(inner)
    finally:
        os.close(outer)
