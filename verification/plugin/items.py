"""The suite's view of pytest items: criterion, rung, environment, check and verdict."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from verification.engine.errors import EngineError
from verification.engine.run.breakage import said
from verification.engine.smoke.account import AwsTarget
from verification.model.criteria import RUNGS, Criterion
from verification.model.findings import Finding
from verification.model.verdict import Verdict

HERE = Path(__file__).resolve().parents[1]


def named_by(item: pytest.Item) -> str:
    """The id in a test's criterion marker."""
    marker = item.get_closest_marker("criterion")
    return str(marker.args[0]) if marker and marker.args else ""


def rung_of(item: pytest.Item) -> str:
    """The rung of a test, which is the name of its folder; "" outside of rungs."""
    path = item.path.resolve()
    return path.relative_to(HERE).parts[0] if path.is_relative_to(HERE) else ""


def environment_of(item: pytest.Item) -> str:
    """The environment of a test, or "" if it is about all of them."""
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    return str(parameters.get("environment", ""))


def check_of(item: pytest.Item) -> str:
    """The check's name, the same on every rung; else the test's name."""
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    for name, check in parameters.items():
        # conftest.py names the parameters so.
        if name.endswith("_check"):
            return f"{check.__module__.rpartition('.')[2]}.{check.__name__}"
    if policy := parameters.get("policy"):
        return f"policy.{policy}"
    name = str(getattr(item, "originalname", item.name))
    scenario = parameters.get("scenario")
    return f"{name}[{scenario}]" if scenario else name


def asks_account(item: pytest.Item, criteria: Mapping[str, Criterion]) -> bool:
    """Whether a test needs a real account, according to its criterion."""
    criterion = criteria.get(named_by(item))
    return criterion is not None and check_of(item) in criterion.account


def runs_on(item: pytest.Item, target: AwsTarget) -> bool:
    """Whether a test can run on a deployment in an account, and may."""
    if item.get_closest_marker("embedded"):
        return False
    return not target.settings.read_only or item.get_closest_marker("reads") is not None


def unlisted(items: Iterable[pytest.Item], criteria: Mapping[str, Criterion]) -> list[str]:
    """One sentence for each check that its criterion does not list, with the line to add."""
    faults = []
    wanted: dict[tuple[str, str], list[str]] = {}
    for item in items:
        name, rung, check = named_by(item), rung_of(item), check_of(item)
        criterion = criteria.get(name)
        if criterion is None or rung not in criterion.rungs:
            faults.append(
                f"{item.nodeid}: criterion {name or '(none)'} is not in criteria.toml "
                f"for the rung {rung}"
            )
        elif rung not in criterion.checks.get(check, ()):
            rungs = wanted.setdefault((name, check), list(criterion.checks.get(check, ())))
            if rung not in rungs:
                rungs.append(rung)
    for (name, check), rungs in wanted.items():
        ordered = [rung for rung in RUNGS if rung in rungs]
        faults.append(
            f"verification/criteria.toml does not list {check} for {name} on {rungs[-1]}: "
            f"add {json.dumps(check)} = {json.dumps(ordered)} to its checks."
        )
    return faults


def error_of(error: BaseException | None) -> str:
    """The reason why a test has no findings: a known error's text, or a description."""
    if isinstance(error, pytest.skip.Exception):
        return f"the test skipped the rest of its work: {error}"
    if error is None:
        return "pytest failed the test without an exception; see its output"
    if isinstance(error, (EngineError, pytest.fail.Exception)):
        return str(error)
    return said(error)


def verdict_of(
    report: pytest.TestReport, findings: tuple[Finding, ...], error: BaseException | None
) -> Verdict:
    """The verdict of a test: its worst finding, or error."""
    verdicts = {finding.verdict for finding in findings}
    if Verdict.FAIL in verdicts:
        return Verdict.FAIL
    if error is not None and not isinstance(error, pytest.skip.Exception):
        return Verdict.ERROR
    if Verdict.UNKNOWN in verdicts:
        return Verdict.UNKNOWN
    if report.passed and Verdict.WAIVED in verdicts:
        return Verdict.WAIVED
    return Verdict.PASS if report.passed and findings else Verdict.ERROR
