"""Jobs of least privilege: permissions of roles, calls of the backend, and their changes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from verification.engine.aws.iam import action_catalogue
from verification.engine.aws.iam.analysis.access_analyzer import second_opinion
from verification.engine.aws.iam.analysis.minimal_policy import smaller_policy
from verification.engine.aws.iam.analysis.role_privileges import (
    role_changes,
    role_privileges,
    source_needs,
)
from verification.engine.aws.iam.analysis.shares import contract_policies, held_by
from verification.engine.aws.live.errors import translated
from verification.engine.aws.live.iam import read_access
from verification.engine.aws.live.scope import open_scope
from verification.engine.aws.live.service import read_service
from verification.engine.errors import EnvironmentUnavailable, ToolError
from verification.engine.run.registry import job
from verification.engine.run.run import Run
from verification.engine.rungs.change import changeset
from verification.engine.rungs.plan import planned_stack
from verification.engine.rungs.sandbox import live_stack
from verification.engine.rungs.smoke import location, played
from verification.engine.smoke.account.credentials import Account
from verification.engine.smoke.http_session import UnexpectedAnswer
from verification.engine.smoke.scenarios import SCENARIOS
from verification.engine.source.backend_calls import SourceCall, source_calls
from verification.model.privileges import Need, RoleChange, RolePrivileges, SecondOpinion
from verification.model.role_policies import task_roles
from verification.model.stack import Stack

Privileges = tuple[RolePrivileges, ...]
_READ = ("dynamodb", "iam", "ecs", "elbv2")


@job
def called(run: Run) -> tuple[SourceCall, ...]:
    """The AWS calls in the backend's source."""
    if old := action_catalogue.note(date.today()):
        run.remarks.append(old)
    with run.schedule.step("read the backend's calls"):
        return source_calls(run.repository)


@job
def planned_privileges(run: Run, environment: str) -> Privileges:
    """The planned permissions of the roles of tasks, compared with contract and source."""
    stack = run.get(planned_stack, environment)
    return _privileges(run, stack, source_needs(run.get(called), stack, run.contract))


@job
def live_privileges(run: Run, environment: str) -> Privileges:
    """The live permissions of the roles of tasks, compared with contract and source."""
    stack = run.get(live_stack, environment)
    return _privileges(run, stack, source_needs(run.get(called), stack, run.contract))


@job
def recorded(run: Run, environment: str) -> tuple[Need, ...]:
    """The task roles' calls in all scenarios that this machine can run, without duplicates."""
    for scenario in SCENARIOS:
        try:
            run.get(played(scenario), environment)
        except EnvironmentUnavailable:
            continue
        except UnexpectedAnswer as error:
            if error.unknown:
                raise
            text = f"the scenario {scenario.name} failed, so its calls are missing: {error}"
            raise ToolError(text) from error
    roles = task_roles(run.get(live_stack, environment))
    return run.recording.of(environment, {role.arn for role in roles})


@job
def used_privileges(run: Run, environment: str) -> Privileges:
    """The permissions of the task roles, compared with the calls in source and recording."""
    stack = run.get(live_stack, environment)
    source = source_needs(run.get(called), stack, run.contract)
    return _privileges(run, stack, [*source, *run.get(recorded, environment)])


@job
def second_opinions(run: Run, environment: str) -> tuple[SecondOpinion, ...]:
    """IAM Access Analyzer's comparison of the task roles with the contract."""
    if run.aws is None:
        raise ToolError("IAM Access Analyzer requires --target aws.")
    client = Account(run.aws.region).client
    with translated():
        scope = open_scope(client, run.prefix(environment), _READ)
        parts: dict[str, Any] = read_access(scope) | read_service(scope)
        stack = replace(run.get(location, environment), **parts)
        existing = contract_policies(stack, run.contract)
        analyzer = client("accessanalyzer")
        found = tuple(
            second_opinion(analyzer, role.address, existing, held_by(role, stack))
            for role in task_roles(stack)
        )
    refusals = {reason for one in found if one.theirs is None for reason in one.reasons}
    run.remarks += [f"IAM Access Analyzer was not called: {reason}." for reason in sorted(refusals)]
    return found


@job
def access_change(run: Run, environment: str) -> tuple[RoleChange, ...]:
    """The permissions that a change adds to the roles and removes from them."""
    changes = run.get(changeset, environment)
    renamed = {one.address: one.previous_address or one.address for one in changes.changes}
    with run.schedule.step(f"compare access {environment}"):
        return tuple(role_changes(changes.before, changes.after, renamed))


def _privileges(run: Run, stack: Stack, needs: Iterable[Need]) -> Privileges:
    kept = tuple(dict.fromkeys(needs))
    with run.schedule.step(f"decide access {stack.environment}"):
        found = role_privileges(stack, run.contract, kept)
    _propose(run, stack, found, kept)
    return found


def _propose(run: Run, stack: Stack, roles: Privileges, needs: Iterable[Need]) -> None:
    """Write the sufficient policy to the reports, with one note for equal environments."""
    excess = [
        access for role in roles if not role.starts_tasks for access in (*role.unused, *role.idle)
    ]
    if not excess:
        return
    smaller = smaller_policy(needs, stack, run.contract)
    run.reports.mkdir(parents=True, exist_ok=True)
    document = run.reports / f"smaller-policy-{stack.environment}.json"
    document.write_text(smaller.json + "\n", encoding="utf-8")
    terraform = run.reports / "smaller-policy.tf"
    terraform.write_text(smaller.terraform, encoding="utf-8")
    # Without environment and account, so that equal environments have one note.
    own = rf"{re.escape(run.prefix(stack.environment))}-|arn:[^:]*:[^:]*:[^:]*:[^:]*:"
    lines = [re.sub(own, "", f"# {access.by}: {access}") for access in excess]
    head = (
        "The task role has more permissions than the backend needs: "
        f"{terraform.name}, next to the report, is sufficient."
    )
    run.remarks.append("\n".join([head, "# Granted, but not needed:", *lines, smaller.terraform]))
