"""checkov, in an environment of its own: scans of source and of plans, with nothing left out.

checkov exits 0 where a policy did not load, a file could not be parsed or no runner was found. So
`scan` gives what was loaded, examined and complained about, and the callers judge that.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from verification.engine.errors import EnvironmentUnavailable, ToolError
from verification.engine.system.processes import Processes

ROOT = Path(__file__).parents[3]
PYTHON = ROOT / ".venv-checkov" / "bin" / "python"
DRIVER = Path(__file__).with_name("driver.py")
_TIMEOUT = 300.0


@dataclass(frozen=True)
class Scan:
    """What to scan.

    Args:
        name: what to call it.
        framework: "terraform" for source, "terraform_plan" for plans as JSON.
        paths: files, or one folder; absolute.
        policies: folders with policies of our own; absolute.
        rules: the only rules to run, by id; all if empty.
        mark_unknown: let values that are known only after apply appear as "true_after_unknown"
            in plans; checkov takes them for absent otherwise.
    """

    name: str
    framework: str
    paths: tuple[str, ...]
    policies: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    mark_unknown: bool = True


@dataclass(frozen=True)
class Rule:
    """A rule that checkov loaded; `ours` if it came from one of our folders."""

    id: str
    name: str
    severity: str
    guideline: str
    ours: bool


@dataclass(frozen=True)
class Result:
    """What a rule said of a resource.

    `verdict` is "pass", "fail", "unknown", or "skip" for an inline comment, whose text is then in
    `comment`. `file` is absolute: the source, or the plan's JSON. `caller` is the file that calls
    the resource's module, as checkov shows it; "" in the root module and in plans. `details` is
    what else the rule says.
    """

    rule: str
    address: str
    verdict: str
    file: str
    lines: tuple[int, int]
    caller: str
    comment: str
    details: tuple[str, ...]


@dataclass(frozen=True)
class Scanned:
    """What came of a scan.

    `version` is checkov's; `error` says why nothing came of it, else "". `resources` are
    "file:address" of all that was read, `unparsed` the files that could not be, `crashes` the
    policies that raised, `log` checkov's own warnings.
    """

    name: str
    version: str
    error: str
    rules: tuple[Rule, ...] = ()
    resources: tuple[str, ...] = ()
    results: tuple[Result, ...] = ()
    unparsed: tuple[str, ...] = ()
    crashes: tuple[str, ...] = ()
    log: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlanScans:
    """A plan's JSON, and what came of it: with unknown values marked, and with none at all.

    The second is about checkov's own rules only.
    """

    plan: Mapping[str, Any]
    marked: Scanned
    absent: Scanned


def scan(
    scans: Sequence[Scan],
    folder: Path,
    environ: Mapping[str, str],
    processes: Processes | None = None,
) -> dict[str, Scanned]:
    """Run checkov once for all scans, and give what came of each, by name.

    Args:
        scans: what to scan; their names differ.
        folder: an empty folder for request, answer and logs. It is the working directory too, so
            that no configuration file of checkov's is found.
        environ: the child's environment, with a home of its own for the same reason.
        processes: what runs the child; one of its own if not given.

    Raises:
        EnvironmentUnavailable: checkov is not installed.
        ToolError: checkov could not be run, or ended without an answer.
    """
    if not PYTHON.exists():
        raise EnvironmentUnavailable(
            "checkov is not installed: run `make policies`, which installs it."
        )
    request, answer = folder / "request.json", folder / "answer.json"
    request.write_text(json.dumps([asdict(one) for one in scans]), encoding="utf-8")
    (processes or Processes(folder)).run(
        [str(PYTHON), "-IB", str(DRIVER), str(request), str(answer)],
        name="checkov",
        directory=folder,
        environ=environ,
        timeout=_TIMEOUT,
        background=True,
    )
    try:
        content = json.loads(answer.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ToolError(f"checkov gave no answer that can be read: {error}") from error
    return {one["name"]: _scanned(one, content["version"]) for one in content["scans"]}


def _scanned(found: Mapping[str, Any], version: str) -> Scanned:
    results: list[dict[str, Any]] = [
        {key: tuple(value) if isinstance(value, list) else value for key, value in one.items()}
        for one in found.get("results", ())
    ]
    return Scanned(
        name=found["name"],
        version=version,
        error=found["error"],
        rules=tuple(Rule(**one) for one in found.get("rules", ())),
        resources=tuple(found.get("resources", ())),
        results=tuple(Result(**one) for one in results),
        unparsed=tuple(found.get("unparsed", ())),
        crashes=tuple(found.get("crashes", ())),
        log=tuple(found.get("log", ())),
    )
