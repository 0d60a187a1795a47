"""The machine's Chromium, or Debian's."""

from __future__ import annotations

import os
import shutil

from requirements.commands import SetUpError, run

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def has_browser() -> bool:
    """Whether there is a Chromium that is not a half-installed package of Debian."""
    names = (os.environ["CHROMIUM"],) if os.environ.get("CHROMIUM") else BROWSERS
    try:
        state = run("dpkg-query", "--show", "--showformat", "${db:Status-Abbrev}", "chromium")
    except (SetUpError, OSError):
        state = "un"
    return any(map(shutil.which, names)) and state[1] in "inc"


def install_browser() -> list[str]:
    """Install Debian's Chromium if there is none and we may; returns a note if there is none.

    Without it, a run judges everything that needs no browser.
    """
    why = ""
    if not has_browser() and not os.environ.get("CHROMIUM") and os.geteuid() == 0:
        try:
            apt()
        except (SetUpError, OSError) as error:
            why = f" ({error})"
    remedy = "run `apt-get install chromium` as root, or set CHROMIUM to its path"
    return [] if has_browser() else [f"No Chromium was found{why}: {remedy}."]


def apt() -> None:
    """Install Debian's Chromium, also after an interrupted attempt.

    apt-get treats a half-unpacked package as installed, which --reinstall replaces.

    Raises:
        SetUpError: a command failed.
        OSError: the commands do not exist.
    """
    options = ("-y", "-qq", "--no-install-recommends", "--reinstall")
    for command in (
        ("dpkg", "--configure", "-a"),
        ("apt-get", "update", "-qq"),
        ("apt-get", "install", *options, "chromium", "chromium-common"),
    ):
        run(*command, variables={"DEBIAN_FRONTEND": "noninteractive"}, locked=False)
