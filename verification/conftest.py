"""Fixtures of every rung: what was selected, what the run's jobs gave, and `prove`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from verification.checks import (
    CHANGE_CHECKS,
    PRIVILEGE_CHECKS,
    SOURCE_CHECKS,
    STACK_CHECKS,
)
from verification.checks.registry import name_of
from verification.engine.checkov.policy_metadata import read_policies
from verification.engine.errors import ToolError
from verification.engine.rungs import JOBS
from verification.model.contract import Contract
from verification.model.criteria import load_criteria
from verification.model.findings import Finding
from verification.model.results import ExitCode
from verification.model.verdict import Verdict
from verification.plugin.items import NO_ENVIRONMENT
from verification.plugin.plugin import CRITERIA, FINDINGS, VerificationPlugin

CHECKS = {
    "stack_check": STACK_CHECKS,
    "source_check": SOURCE_CHECKS,
    "change_check": CHANGE_CHECKS,
    "privilege_check": PRIVILEGE_CHECKS,
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test every check that it asks for, in every selected environment."""
    for fixture, checks in CHECKS.items():
        if fixture in metafunc.fixturenames:
            metafunc.parametrize(fixture, [_parameter(check) for check in checks])
    if "policy" in metafunc.fixturenames:
        metafunc.parametrize("policy", _policies(metafunc.config))
    if "environment" in metafunc.fixturenames:
        metafunc.parametrize("environment", _environments(metafunc), scope="session")


def _parameter(check: Callable[..., object]) -> Any:
    criterion = check.criterion  # type: ignore[attr-defined]
    return pytest.param(check, id=name_of(check), marks=pytest.mark.criterion(criterion))


def _policies(config: pytest.Config) -> list[Any]:
    """Every policy of ours, by id, with the criterion that it serves."""
    try:
        found = [(policy.id, policy.criterion) for policy in read_policies(config.option.policies)]
    except ToolError:
        # Those that must speak then say why they cannot: the job that reads them knows.
        found = [
            (check.removeprefix("policy."), criterion.id)
            for criterion in load_criteria(CRITERIA).values()
            for check in criterion.on("policy")
            if check.startswith("policy.")
        ]
    return [pytest.param(name, marks=pytest.mark.criterion(served)) for name, served in found]


def _environments(metafunc: pytest.Metafunc) -> list[Any]:
    """The selected environments; a test may want one, or those with (no) deletion protection."""
    plugin = _plugin(metafunc.config)
    if plugin is None:
        return ["any"]
    wanted = metafunc.definition.get_closest_marker("deletion_protection")
    names = [
        name
        for name in plugin.environments
        if wanted is None
        or plugin.contract.environments[name].deletion_protection is wanted.args[0]
    ]
    if metafunc.definition.get_closest_marker("one_environment"):
        names = names[:1]
    reason = "--environment selects no environment with the deletion protection this test is about"
    return names or [pytest.param(NO_ENVIRONMENT, marks=pytest.mark.skip(reason=reason))]


def _plugin(config: pytest.Config) -> VerificationPlugin | None:
    return config.pluginmanager.getplugin("verification")


def _loaded(config: pytest.Config) -> VerificationPlugin:
    """The plugin; without it no test may pass or fail, since nobody would judge the whole."""
    plugin = _plugin(config)
    if plugin is None:
        pytest.exit(
            "The suite's plugin is not loaded, so nothing is judged: run pytest from the "
            "repository's root, and without --noconftest or --confcutdir.",
            int(ExitCode.USAGE),
        )
    return plugin


@pytest.fixture(scope="session")
def contract(pytestconfig: pytest.Config) -> Contract:
    """What the stack must be."""
    return _loaded(pytestconfig).contract


@pytest.fixture
def prove(request: pytest.FixtureRequest) -> Callable[[list[Finding]], None]:
    """Take a check's findings as the test's evidence, and fail on each that fails."""

    def take(findings: list[Finding]) -> None:
        request.node.stash[FINDINGS] += findings
        failed = [str(f) for f in findings if f.verdict is Verdict.FAIL]
        unknown = [str(f) for f in findings if f.verdict is Verdict.UNKNOWN]
        if failed:
            pytest.fail("\n".join(failed), pytrace=False)
        if unknown:
            pytest.skip(f"unknown: {'; '.join(unknown)}")

    return take


def _job(name: str) -> Any:
    """A fixture that waits for the run's job of the same name."""

    def of_environment(pytestconfig: pytest.Config, environment: str) -> Any:
        plugin = _loaded(pytestconfig)
        return plugin.wait(plugin.start(name, environment))

    def of_run(pytestconfig: pytest.Config) -> Any:
        plugin = _loaded(pytestconfig)
        return plugin.wait(plugin.start(name, ""))

    function = of_environment if JOBS[name].per_environment else of_run
    function.__doc__ = f"The result of the run's job `{name}`; see engine/rungs."
    return pytest.fixture(function, scope="session", name=name)


globals().update({name: _job(name) for name in JOBS})
