"""checkov, in its own virtual environment: scans of source and plans, with nothing left out.

checkov exits 0 even if a policy did not load, a file could not be parsed or no runner was found.
So `scan` returns what was loaded, examined and logged, and its callers judge that.
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
    """A scan request.

    Args:
        name: its name.
        framework: "terraform" for source, "terraform_plan" for plans as JSON.
        paths: files, or one folder; absolute.
        policies: folders with the project's policies; absolute.
        rules: the only rules to run, by id; all if empty.
        mark_unknown: mark values known only after apply as "true_after_unknown" in plans; otherwise
            checkov treats them as absent.
    """

    name: str
    framework: str
    paths: tuple[str, ...]
    policies: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    mark_unknown: bool = True


@dataclass(frozen=True)
class Rule:
    """A rule that checkov loaded; `ours` if it is from one of the given folders."""

    id: str
    name: str
    severity: str
    guideline: str
    ours: bool


@dataclass(frozen=True)
class Result:
    """The result of a rule for a resource.

    `verdict` is "pass", "fail", "unknown", or "skip" for an inline comment, with its text in
    `comment`. `file` is absolute: the source, or the plan's JSON. `caller` is the file that calls
    the resource's module, as checkov shows it; "" in the root module and in plans. `details` is
    additional text of the rule.
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
    """The result of a scan.

    `version` is checkov's; `error` is the reason if there is no result, else "". `resources` are
    "file:address" of all resources read, `unparsed` files with parse errors, `crashes` policies
    that raised, `log` checkov's warnings.
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
    """A plan's JSON, and its scans: with unknown values marked, and with unknown values absent.

    The second scan is for checkov's own rules only.
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
    """Run checkov once for all scans; return their results by name.

    Args:
        scans: the scans; their names differ.
        folder: an empty folder for request, answer and logs. It is also the working directory, so
            that checkov finds no configuration file.
        environ: the child's environment, with another home for the same reason.
        processes: runs the child; a new instance by default.

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
        raise ToolError(f"checkov's answer cannot be parsed: {error}") from error
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
