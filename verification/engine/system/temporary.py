"""Temporary folders that tell whether their owner lives, so that a later run can remove them."""

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
"""What the names of a run's folder and of an embedded AWS's folder begin with."""
_LOCK = "owner.lock"


class OwnedFolder:
    """A temporary folder whose owner holds a lock on a file in it for as long as it lives.

    A lock says more than a process id: another process may have the same id, above all in another
    container that shares the folder for temporary files.

    Args:
        prefix: `RUN` or `WORLD`.
    """

    def __init__(self, prefix: str) -> None:
        self._made = tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True)
        self.path = Path(self._made.name)
        # It gets its name when it is locked: nobody may find it without its lock.
        unnamed = self.path / f"{_LOCK}.new"
        self._lock = os.open(unnamed, os.O_CREAT | os.O_RDWR, 0o600)
        flock(self._lock, LOCK_EX)
        unnamed.rename(self.path / _LOCK)

    def remove(self) -> None:
        """Remove the folder and what is in it; removing it twice is removing it once."""
        self._made.cleanup()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def remove_abandoned() -> list[Path]:
    """Remove the folders whose owner was killed, and give those that are gone.

    What has no lock file, a living owner, or belongs to another user is left alone.
    """
    temporary = Path(tempfile.gettempdir())
    found = [folder for prefix in (RUN, WORLD) for folder in sorted(temporary.glob(f"{prefix}*"))]
    return [folder for folder in found if _remove_if_abandoned(folder)]


def _remove_if_abandoned(folder: Path) -> bool:
    try:
        with _locked(folder):
            shutil.rmtree(folder)
    except OSError:
        # BlockingIOError, which is one of these: the owner lives.
        return False
    return True


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder that is our user's; OSError where it cannot be had at once."""
    # Neither may be a link: it could lead to a folder of somebody else's.
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
