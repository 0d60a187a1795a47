"""The image, as far as it can be judged without an engine: two linters, and a base that is pinned.

The linters complement each other: hadolint knows shells and package managers, checkov knows what
an image must declare. Neither asks for a digest.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.kit import HANG, REPOSITORY, edit

pytestmark = pytest.mark.slow

DOCKERFILE = REPOSITORY / "backend" / "Dockerfile"
# Each from its own locked environment: where one is missing, these tests fail.
HADOLINT = Path(sys.executable).with_name("hadolint")
CHECKOV = REPOSITORY / ".venv-checkov" / "bin" / "checkov"
GOOD = "the repository's own"
BASE = re.compile(r"^FROM (python:\S+)", re.MULTILINE)
PINNED = re.compile(r"[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}")


@dataclass(frozen=True)
class Mistake:
    """An edit of the Dockerfile, and every rule that it breaks."""

    old: str
    new: str
    rules: set[str]


USER = "USER 10001\n"
PIP = "/venv/bin/pip install --no-cache-dir --require-hashes --only-binary=:all: --requirement"
HEALTH = "HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \\\n  CMD "
[TAGGED] = BASE.findall(DOCKERFILE.read_text(encoding="utf-8"))
MISTAKES = {
    "runs as root": Mistake(USER, "USER root\n", {"DL3002", "DL3066", "CKV_DOCKER_8"}),
    "names no user": Mistake(USER, "", {"CKV_DOCKER_3"}),
    "no health check": Mistake(HEALTH, "RUN ", {"CKV_DOCKER_2"}),
    "base without a tag": Mistake(TAGGED, "python", {"DL3006", "CKV_DOCKER_7"}),
    "latest base": Mistake(TAGGED, "python:latest", {"DL3007", "CKV_DOCKER_7"}),
    "ADD from an address": Mistake(
        "COPY backend /app/backend",
        "ADD https://example.com/backend.tar /app/backend.tar",
        {"CKV_DOCKER_4"},
    ),
    "apt without versions": Mistake(
        "RUN useradd",
        "RUN apt-get update && apt-get install -y curl && useradd",
        {"DL3008", "DL3009", "DL3015"},
    ),
    "pip without versions": Mistake(
        f"{PIP} /tmp/backend.txt", "pip install flask", {"DL3013", "DL3042"}
    ),
    "secret in the environment": Mistake(" PORT=5000", " SECRET_KEY=a PORT=5000", {"DL3064"}),
    "relative folder": Mistake("WORKDIR /data", "WORKDIR data", {"DL3000", "CKV_DOCKER_10"}),
    "shell as process 1": Mistake(
        'CMD ["gunicorn", "--config", "/app/backend/gunicorn.conf.py"]', "CMD gunicorn", {"DL3025"}
    ),
}


@pytest.fixture(name="broken_rules", scope="module")
def _broken_rules(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """What the linters say, once for all: the rules that each of the Dockerfiles breaks."""
    folder = tmp_path_factory.mktemp("images")
    files = {name: folder / f"{number}" / "Dockerfile" for number, name in enumerate(MISTAKES)}
    files[GOOD] = folder / "good" / "Dockerfile"
    for name, file in files.items():
        file.parent.mkdir()
        file.write_bytes(DOCKERFILE.read_bytes())
        if name in MISTAKES:
            edit(file, MISTAKES[name].old, MISTAKES[name].new)
    found = defaultdict(set)
    for file, rule in (*hadolint(list(files.values())), *checkov(folder)):
        found[file].add(rule)
    return {name: found[file] for name, file in files.items()}


def hadolint(files: Sequence[Path]) -> list[tuple[Path, str]]:
    """The rules of hadolint that files break; a comment in them cannot switch one off."""
    options = ["--format=json", "--no-fail", "--disable-ignore-pragma", "--config=/dev/null"]
    found = run([HADOLINT, *options, *files])
    return [(Path(one["file"]), one["code"]) for one in found]


def checkov(folder: Path) -> list[tuple[Path, str]]:
    """The rules of checkov that files of a folder break."""
    options = ["--framework=dockerfile", "--output=json", "--quiet", "--compact", "--soft-fail"]
    found = run([CHECKOV, "--skip-download", *options, f"--directory={folder}"])
    assert not found["summary"]["parsing_errors"], found
    assert found["summary"]["passed"]
    results = found["results"]["failed_checks"]
    return [(folder / one["file_path"].lstrip("/"), one["check_id"]) for one in results]


def run(command: Sequence[str | Path]) -> Any:
    """What a linter's JSON says."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=HANG, check=True)
    return json.loads(done.stdout)


def unpinned(dockerfile: str) -> list[str]:
    """The images of others that a Dockerfile takes without a digest."""
    stages = set(re.findall(r" AS (\S+)", dockerfile))
    taken = re.findall(r"^FROM (\S+)|^COPY --from=(\S+)|^# syntax=(\S+)", dockerfile, re.MULTILINE)
    images = {next(filter(None, groups)) for groups in taken} - stages
    assert images
    return [image for image in images if not PINNED.fullmatch(image)]


def test_linters_find_nothing(broken_rules: dict[str, set[str]]) -> None:
    """Our own Dockerfile breaks no rule of either."""
    assert broken_rules[GOOD] == set()


@pytest.mark.parametrize("name", MISTAKES)
def test_linters_find_mistakes(broken_rules: dict[str, set[str]], name: str) -> None:
    """Each mistake breaks exactly the rules that are about it: the linters do look."""
    assert broken_rules[name] == MISTAKES[name].rules


def test_base_is_pinned_by_digest() -> None:
    """A rebuild of a commit starts from the same bytes."""
    assert unpinned(DOCKERFILE.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        (TAGGED, TAGGED.partition("@")[0], TAGGED.partition("@")[0]),
        ("COPY --from=dependencies", "COPY --from=other:1", "other:1"),
        ("# Build", "# syntax=docker/dockerfile:1\n# Build", "docker/dockerfile:1"),
    ],
    ids=["base", "copied from", "syntax"],
)
def test_missing_digest_is_found(old: str, new: str, named: str) -> None:
    """Wherever another's image is taken by its tag alone, it is named."""
    text = DOCKERFILE.read_text(encoding="utf-8")
    assert old in text
    assert unpinned(text.replace(old, new)) == [named]
