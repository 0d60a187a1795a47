"""Installs what a make target needs: environments from hash-locked files, and Chromium.

    python3 -m requirements.set_up verification checkov chromium

Complete parts are kept; the rest is created in parallel. uv installs packages, and pip installs uv.
If uv is not available for this machine, or fails, pip installs the packages. This runs before
anything is installed, so it uses only Python's standard library.
"""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from fcntl import LOCK_EX, LOCK_NB, flock

from requirements.chromium import has_browser, install_browser
from requirements.commands import LOCK, SetUpError, Stopped
from requirements.environments import PLACES, bring_uv, fill, for_uv


def missing(parts: list[str]) -> list[str]:
    """The parts that are not complete."""
    return [
        part
        for part in parts
        if not (has_browser() if part == "chromium" else f"{part}.txt" in PLACES[part].holds())
    ]


def make(parts: list[str]) -> list[str]:
    """Create parts in parallel; returns notes.

    Raises:
        SetUpError: one failed.
        Stopped: a signal ended it.
    """
    with ThreadPoolExecutor() as pool:
        browser = pool.submit(install_browser) if "chromium" in parts else None
        notes, uv = prepare()
        filling = [
            pool.submit(fill, PLACES[part], f"{part}.txt", uv)
            for part in parts
            if part not in ("chromium", "uv")
        ]
        for future in [*filling, *([browser] if browser else [])]:
            notes += future.result()
    return notes


def prepare() -> tuple[list[str], bool]:
    """Install uv and read pip's settings for it; returns notes, and whether uv can be used."""
    try:
        bring_uv()
        for_uv()
    except (SetUpError, OSError) as error:
        return [
            f"uv could not be installed, so pip installs the packages, which takes longer: {error}"
        ], False
    return [], True


def main(parts: list[str]) -> int:
    """Create what is missing, one process per checkout; the exit code is 1 on failure."""
    if not missing(parts):
        return 0
    try:
        flock(LOCK, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        print("Waiting for another set-up of this checkout.", flush=True)
        flock(LOCK, LOCK_EX)
    wanted, started = missing(parts), time.monotonic()
    if not wanted:
        return 0
    print("Setting up", ", ".join(wanted), flush=True)
    try:
        notes = make(wanted)
    except (SetUpError, Stopped, KeyboardInterrupt) as error:
        print(str(error) or "The set-up was interrupted.", "Run make again to continue.")
        return 1
    print(*notes, f"Set up in {time.monotonic() - started:.0f} s.", sep="\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
