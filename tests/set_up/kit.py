"""A small checkout with locks of its own, packages from a folder, and a uv that can be broken."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from shutil import copytree, ignore_patterns

from requirements.environments import UV
from tests.kit import REPOSITORY, wait_for

METADATA = "Metadata-Version: 2.1\nName: {}\nVersion: 1\n"
WHEEL = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
# What a set-up says of a uv that it could not use.
PIP_DID = "so pip "


@dataclass
class Checkout:
    """What a set-up sees of a clone: the Makefile, and requirements/ with small locks."""

    root: Path
    wheels: Path
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def stamp(self) -> Path:
        """The file that says that .venv is complete."""
        return self.root / ".venv" / "complete.json"

    def start(self, *parts: str) -> subprocess.Popen[str]:
        """Begin to set parts up, in a process group of their own."""
        return subprocess.Popen(
            [sys.executable, "-m", "requirements.set_up", *parts],
            cwd=self.root,
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def await_file(self, name: str) -> None:
        """Wait until a file is there; only a hang takes as long as the bound."""
        wait_for((self.root / name).exists)

    def set_up(self, *parts: str, code: int = 0) -> str:
        """Set parts up, and give what was said."""
        with self.start(*parts) as process:
            said = process.communicate()[0]
        assert process.returncode == code, said
        return said

    def lock(self, name: str, *packages: str) -> None:
        """Write a lock of packages, all of version 1."""
        lines = [f"{one}==1 --hash=sha256:{self._hash(one)}\n" for one in packages]
        (self.root / "requirements" / f"{name}.txt").write_text("".join(lines), encoding="utf-8")

    def _hash(self, package: str) -> str:
        return sha256(self._file(package).read_bytes()).hexdigest()

    def _file(self, package: str) -> Path:
        return self.wheels / f"{package}-1-py3-none-any.whl"

    def package(self, name: str, files: dict[str, str] | None = None) -> None:
        """Build a package of one module, or of other files."""
        info = f"{name}-1.dist-info"
        held = {f"{name}.py": "", **(files or {})}
        held |= {f"{info}/METADATA": METADATA.format(name), f"{info}/WHEEL": WHEEL}
        record = [f"{path},sha256={_digest(text)},{len(text)}\n" for path, text in held.items()]
        held[f"{info}/RECORD"] = "".join([*record, f"{info}/RECORD,,\n"])
        with zipfile.ZipFile(self._file(name), "w") as archive:
            for path, text in held.items():
                member = zipfile.ZipInfo(path)
                member.external_attr = 0o100755 << 16  # so that a script can be run
                archive.writestr(member, text)

    def uv(self, *lines: str) -> None:
        """Put lines of shell before the real uv; its arguments are theirs."""
        script = "\n".join(["#!/bin/sh", *lines, f'exec {UV.folder}/bin/uv "$@"', ""])
        self.package("uv", {"uv-1.data/scripts/uv": script})
        self.lock("uv", "uv")

    def installed(self, environment: str = ".venv") -> set[str]:
        """The packages that an environment really has: those that can be imported."""
        code = "import importlib.util as u; print(*[n for n in {} if u.find_spec(n)])"
        command = [f"{environment}/bin/python", "-c", code.format(["alpha", "beta", "gamma"])]
        return set(subprocess.check_output(command, cwd=self.root, text=True).split())


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(sha256(text.encode()).digest()).rstrip(b"=").decode()


def checkout(folder: Path) -> Checkout:
    """A checkout whose verification needs alpha, dev beta as well, and checkov gamma."""
    root, wheels = folder / "checkout", folder / "wheels"
    root.mkdir()
    wheels.mkdir()
    (root / "Makefile").symlink_to(REPOSITORY / "Makefile")
    copytree(REPOSITORY / "requirements", root / "requirements", ignore=ignore_patterns("*.txt"))
    made = Checkout(root, wheels, {name: os.environ[name] for name in ("PATH", "HOME")})
    made.environ |= {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_RETRIES": "0"}
    made.environ |= {"PIP_FIND_LINKS": str(wheels), "UV_CACHE_DIR": str(folder / "cache")}
    for name in ("alpha", "beta", "gamma"):
        made.package(name)
    made.uv()
    made.lock("verification", "alpha")
    made.lock("dev", "alpha", "beta")
    made.lock("checkov", "gamma")
    return made
