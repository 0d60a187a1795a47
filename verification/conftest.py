"""Fixtures of all rungs: selected environments and checks, `prove`, and the results of jobs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from verification.checks import (
    BILL_CHECKS,
    CHANGE_CHECKS,
    PIPELINE_CHECKS,
    PRIVILEGE_CHECKS,
    SOURCE_CHECKS,
    STACK_CHECKS,
    WIRING_CHECKS,
)
from verification.checks.registry import name_of
from verification.engine.checkov.policy_metadata import read_policies
from verification.engine.errors import ToolError
from verification.engine.rungs import (
    alarms,
    change,
    pipeline,
    plan,
    policy,
    privileges,
    rehearse,
    sandbox,
    smoke,
    static,
)
from verification.engine.smoke import scenarios
from verification.model.contract import Contract
from verification.model.criteria import EACH_ENVIRONMENT, load_criteria
from verification.model.findings import Finding
from verification.model.verdict import Verdict
from verification.plugin.fixtures import find_plugin, fixture_of, plugin_of
from verification.plugin.items import named_by, rung_of
from verification.plugin.plugin import CRITERIA, FINDINGS

CHECKS = {
    "stack_check": STACK_CHECKS,
    "bill_check": BILL_CHECKS,
    "source_check": SOURCE_CHECKS,
    "wiring_check": WIRING_CHECKS,
    "change_check": CHANGE_CHECKS,
    "privilege_check": PRIVILEGE_CHECKS,
    "pipeline_check": PIPELINE_CHECKS,
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrize tests with the checks, policies and selected environments that they request."""
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
    """Every policy of this project, by id, with its criterion."""
    try:
        found = [(policy.id, policy.criterion) for policy in read_policies(config.option.policies)]
    except ToolError:
        # The required tests are collected all the same; they show the error of the policies job.
        found = [
            (check.removeprefix("policy."), criterion.id)
            for criterion in load_criteria(CRITERIA).values()
            for check in criterion.on("policy")
            if check.startswith("policy.")
        ]
    return [pytest.param(name, marks=pytest.mark.criterion(served)) for name, served in found]


def _environments(metafunc: pytest.Metafunc) -> list[Any]:
    """The selected environments; only the first if the test's check is required once."""
    plugin = find_plugin(metafunc.config)
    if plugin is None:
        return ["any"]
    test = metafunc.definition
    rung, criterion = rung_of(test), plugin.results.criteria.get(named_by(test))
    each = criterion.for_each(test.name, rung) if criterion else rung in EACH_ENVIRONMENT
    return list(plugin.environments if each else plugin.environments[:1])


@pytest.fixture(scope="session")
def contract(pytestconfig: pytest.Config) -> Contract:
    """The contract."""
    return plugin_of(pytestconfig).contract


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


source = fixture_of(static.source)
wired = fixture_of(static.wired)
formatted = fixture_of(plan.formatted)
planned = fixture_of(plan.planned)
tested = fixture_of(plan.tested)
planned_stack = fixture_of(plan.planned_stack)
inventory = fixture_of(plan.inventory)
changeset = fixture_of(change.changeset)
planned_privileges = fixture_of(privileges.planned_privileges)
live_privileges = fixture_of(privileges.live_privileges)
used_privileges = fixture_of(privileges.used_privileges)
second_opinions = fixture_of(privileges.second_opinions)
access_change = fixture_of(privileges.access_change)
policies = fixture_of(policy.policies)
applied = fixture_of(sandbox.applied)
live_stack = fixture_of(sandbox.live_stack)
second_plan = fixture_of(sandbox.second_plan)
drifted = fixture_of(sandbox.drifted)
destroyed = fixture_of(sandbox.destroyed)
planned_pipeline = fixture_of(pipeline.planned_pipeline)
live_pipeline = fixture_of(pipeline.live_pipeline)
pipeline_runs = fixture_of(pipeline.pipeline_runs)
location = fixture_of(smoke.location)
subscribed = fixture_of(alarms.subscribed)
rehearsed = fixture_of(rehearse.rehearsed)

restore = fixture_of(smoke.played(scenarios.backup.restore))
rolling_deploy = fixture_of(smoke.played(scenarios.deploys.rolling_deploy))
bad_revision = fixture_of(smoke.played(scenarios.deploys.bad_revision))
stability = fixture_of(smoke.played(scenarios.deploys.stability))
links = fixture_of(smoke.played(scenarios.links.links))
file_link = fixture_of(smoke.played(scenarios.links.file_link))
file_ends = fixture_of(smoke.played(scenarios.files.file_ends))
links_page = fixture_of(smoke.played(scenarios.links_page.links_page))
load = fixture_of(smoke.played(scenarios.load.load))
lost_answers = fixture_of(smoke.played(scenarios.lost_answers.lost_answers))
invitation = fixture_of(smoke.played(scenarios.page.invitation))
trial_page = fixture_of(smoke.played(scenarios.page.trial_page))
persistence = fixture_of(smoke.played(scenarios.persistence.persistence))
persistence_on_sqlite = fixture_of(smoke.played(scenarios.persistence.persistence_on_sqlite))
quick_rollback = fixture_of(smoke.played(scenarios.rollback.quick_rollback))
complete_rollback = fixture_of(smoke.played(scenarios.rollback.complete_rollback))
hot_link = fixture_of(smoke.played(scenarios.faults.hot_link))
store_away = fixture_of(smoke.played(scenarios.faults.store_away))
throttling = fixture_of(smoke.played(scenarios.faults.throttling))
visitors = fixture_of(smoke.played(scenarios.visitors.visitors))
trial = fixture_of(smoke.played(scenarios.trial.trial))
foreign_tokens = fixture_of(smoke.played(scenarios.trial.foreign_tokens))
trial_race = fixture_of(smoke.played(scenarios.trial.trial_race))
requests_cost = fixture_of(smoke.played(scenarios.trial.requests_cost))
wiring = fixture_of(smoke.played(scenarios.wiring.wiring))
