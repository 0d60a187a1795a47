"""Virtual environments: their completeness, and how uv or pip install packages into them."""

from __future__ import annotations

import ast
import json
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from requirements.commands import LOCKS, ROOT, SetUpError, run

# In a virtual environment, the Python from which it was made.
PYTHON = str(getattr(sys, "_base_executable", sys.executable))
# The user's pip.conf may conflict with --target and with virtual environments; `user` makes
# `pip config list` skip all other files.
PLAIN = {"PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0"}
# pip's settings with uv's names, because uv reads only its own settings.
# https://pip.pypa.io/en/stable/cli/pip_install/, https://docs.astral.sh/uv/reference/environment/
OF_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "client-cert": "SSL_CLIENT_CERT",
    "proxy": "ALL_PROXY",
    "timeout": "UV_HTTP_TIMEOUT",
    "default-timeout": "UV_HTTP_TIMEOUT",
}


@dataclass(frozen=True)
class Environment:
    """A folder of packages, and a file beside it that records its content.

    The file is written last and removed first, so an environment without it, or without its
    program, is incomplete.
    """

    folder: Path
    program: str = "bin/python"

    @property
    def stamp(self) -> Path:
        """The file: Python, path, and hashes of the locks."""
        return self.folder / "complete.json"

    def holds(self) -> dict[str, str]:
        """The installed locks, by their hashes; none if it must be created again.

        That is so if it is incomplete, was moved, has another Python, or if a lock has changed.
        """
        try:
            if not (self.folder / self.program).exists():
                return {}
            said: dict[str, str] = json.loads(self.stamp.read_text(encoding="utf-8"))
            held = {name: found for name, found in said.items() if name.endswith(".txt")}
            return held if said == self._facts(*held) else {}
        except (OSError, ValueError):
            return {}

    def fill(self, lock: str, install: Callable[[Path, Path], None]) -> None:
        """Install a lock's packages, keeping what is valid."""
        held = self.holds()
        if not held:
            self.remove()
        self.stamp.unlink(missing_ok=True)
        install(self.folder, LOCKS / lock)
        self.close(*held, lock)

    def remove(self) -> None:
        """Remove it if it exists; if it is a link, only the link."""
        if self.folder.is_symlink():
            self.folder.unlink()
        self.stamp.unlink(missing_ok=True)
        if self.folder.exists():
            shutil.rmtree(self.folder)

    def close(self, *locks: str) -> None:
        """Mark it as complete, with these locks."""
        written = self.stamp.with_suffix(".new")
        written.write_text(json.dumps(self._facts(*locks), indent=1), encoding="utf-8")
        written.replace(self.stamp)

    def _facts(self, *locks: str) -> dict[str, str]:
        hashes = {name: sha256((LOCKS / name).read_bytes()).hexdigest() for name in locks}
        place = str(self.folder.resolve())
        return {"python": f"{sys.base_prefix} {sys.version}", "place": place, **hashes}


UV = Environment(ROOT / ".uv", "bin/uv")
PLACES = {
    "uv": UV,
    "verification": Environment(ROOT / ".venv"),
    "dev": Environment(ROOT / ".venv"),
    "checkov": Environment(ROOT / ".venv-checkov"),
}


@cache
def pip() -> tuple[str, ...]:
    """The command of a pip: Python's own, or else the one of ensurepip.

    Raises:
        SetUpError: Python has neither.
    """
    own = (PYTHON, "-m", "pip")
    try:
        run(PYTHON, "-c", "import pip")
    except SetUpError:
        own = (str(make_venv(UV.folder / "pip")), "-m", "pip")
    return own


def bring_uv() -> None:
    """Install uv with pip, from a wheel only, because building it takes too long."""
    if UV.holds():
        return
    UV.remove()
    options = ("--quiet", "--only-binary", ":all:", "--retries", "1", "--require-hashes")
    target = ("--target", UV.folder, "--requirement", LOCKS / "uv.txt")
    run(*pip(), "install", *options, *target, variables=PLAIN)
    UV.close("uv.txt")


def pip_settings() -> dict[str, str]:
    """The settings in pip's files and variables; the nearest wins."""
    listed = run(*pip(), "config", "list", variables=PLAIN).splitlines()
    said = dict(line.partition("=")[::2] for line in listed)
    return {
        name.removeprefix(section): str(ast.literal_eval(value))
        for section in ("global.", "install.", ":env:.")
        for name, value in said.items()
        if name.startswith(section)
    }


@cache
def for_uv() -> tuple[list[str], dict[str, str]]:
    """pip's settings as options and variables of uv, except those set for uv itself.

    Like pip, uv then uses the best version of all indexes; the hashes decide which files are valid.
    """
    said = pip_settings()
    found = {OF_UV[name]: " ".join(said[name].split()) for name in OF_UV.keys() & said.keys()}
    if folders := found.get("UV_FIND_LINKS"):
        found["UV_FIND_LINKS"] = folders.replace(" ", ",")
    found |= {"UV_INDEX_STRATEGY": "unsafe-best-match", "UV_SYSTEM_CERTS": "1"}
    older = {"UV_INDEX_URL": "UV_DEFAULT_INDEX", "UV_EXTRA_INDEX_URL": "UV_INDEX"}
    taken = os.environ.keys() | {new for old, new in older.items() if old in os.environ}
    options = ["--no-index"] if said.get("no-index", "0").lower() in ("1", "true", "yes") else []
    return options, {name: value for name, value in found.items() if name not in taken}


def uv_install(folder: Path, lock: Path) -> None:
    """Install a lock's packages with uv, after creating the environment if there is none.

    Raises:
        SetUpError: uv failed.
    """
    uv, (options, variables) = UV.folder / "bin" / "uv", for_uv()
    if not folder.exists():
        run(uv, "venv", "--quiet", "--python", PYTHON, folder)
    target = ("--python", folder / "bin" / "python", "--requirement", lock)
    run(uv, "pip", "install", "--quiet", "--require-hashes", *options, *target, variables=variables)


def pip_install(folder: Path, lock: Path) -> None:
    """Install what a lock names by a pip from outside: to bring one along takes some seconds.

    Raises:
        SetUpError: pip failed, or there is none.
    """
    python = make_venv(folder, "--without-pip")
    options = ("--quiet", "--require-hashes", "--requirement", lock)
    run(*pip(), "--python", python, "install", *options, variables=PLAIN)


def make_venv(folder: Path, *options: str) -> Path:
    """Make an environment, with a pip unless options say otherwise, by Python's own means.

    Returns:
        its Python.

    Raises:
        SetUpError: Debian's python3-venv is not installed.
    """
    try:
        run(PYTHON, "-c", "import ensurepip, venv")
    except SetUpError as error:
        remedy = "run `apt-get install python3-venv`, or name another Python with PYTHON="
        raise SetUpError(f"{PYTHON} cannot create virtual environments: {remedy}") from error
    run(PYTHON, "-m", "venv", *options, folder)
    return folder / "bin" / "python"


def fill(environment: Environment, lock: str, uv: bool) -> list[str]:
    """Install a lock's packages into an environment; returns a note if uv failed.

    Raises:
        SetUpError: pip failed, too.
    """
    notes = fill_by_uv(environment, lock) if uv else []
    if uv and not notes:
        return []
    try:
        environment.fill(lock, pip_install)
    except (SetUpError, OSError) as error:
        told = "; ".join([str(error), *notes])
        raise SetUpError(f"requirements/{lock} could not be installed: {told}") from error
    return notes


def fill_by_uv(environment: Environment, lock: str) -> list[str]:
    """Install a lock's packages into an environment with uv; returns a note on failure."""
    try:
        environment.fill(lock, uv_install)
    except (SetUpError, OSError) as error:
        return [f"uv could not install requirements/{lock}, so pip installs them: {error}"]
    return []
