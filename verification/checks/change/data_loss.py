"""What a change may not take away: users' data, what keeps it safe, and the keys it is found by.

What is destroyed is judged by the plan that Terraform makes on top of the base. What is unprotected
is judged by what base and working tree *want*: a removed block of TTL, encryption, recovery or
deletion protection, and a key's new type, plan no change at all against a table that exists
(measured with the AWS provider 5.100.0), and the next table made from that source lacks it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

from verification.checks.registry import proves
from verification.model.changes import Change, Changeset
from verification.model.contract import Contract
from verification.model.findings import Finding, judge, show
from verification.model.stack import Bucket, Index, Resource, Table, UserPool
from verification.model.ternary import Unknown, all_of, is_true, same
from verification.model.verdict import Verdict

R = TypeVar("R", bound=Resource)

_WAIVE = "waive it in policies/waivers.yaml once the data is safe elsewhere"
_KEEP = f"Keep it, or name its new address in a moved block; else {_WAIVE}."
_REASONS = {
    "delete_because_no_resource_config": "its block, or the module that held it, is gone",
    "delete_because_no_module": "the module that held it is gone",
    "delete_because_wrong_repetition": "count or for_each was added or removed",
    "delete_because_count_index": "its count is smaller",
    "delete_because_each_key": "its key is gone from for_each",
    "delete_because_no_move_target": "the target of its moved block is gone",
    "replace_because_tainted": "it is marked as tainted",
    "replace_by_request": "its replacement is asked for",
    "replace_by_triggers": "replace_triggered_by has changed",
}


@proves("data-survives-change")
def keeps_data(changeset: Changeset, contract: Contract) -> list[Finding]:
    """Nothing that holds users' data is deleted, replaced or forgotten."""
    if changeset.refused:
        return [Finding(Verdict.FAIL, "terraform plan", changeset.refused, remedy=_KEEP)]
    holders = changeset.of_types(contract.changes.holders)
    return _or_nothing([_kept(change) for change in holders], changeset)


@proves("data-survives-change")
def keeps_guards(changeset: Changeset, contract: Contract) -> list[Finding]:
    """What guards the data and is a resource of its own stays, and nothing may be emptied."""
    if changeset.refused:
        return [Finding(Verdict.UNKNOWN, "terraform plan", "there is none to look at")]
    findings = []
    for change in changeset.of_types(contract.changes.guards):
        gone = change.ends and "create" not in change.actions
        text = f"{ended(change)}: {reason(change)}" if gone else "stays"
        findings.append(judge(change, not gone, text, _KEEP))
    for change in changeset.of_types(contract.changes.holders):
        if not change.ends and change.before.get("force_destroy") is False:
            turned = change.after.get("force_destroy") is True
            text = f"force_destroy is {'turned on: a destroy would empty it' if turned else 'off'}"
            findings.append(judge(change, not turned, text, "Set force_destroy = false."))
    return _or_nothing(findings, changeset)


@proves("data-survives-change")
def keeps_protection(changeset: Changeset, contract: Contract) -> list[Finding]:
    """Whatever protects a table, a bucket or the user pool, does so after the change."""
    if changeset.before is None:
        return _or_nothing([], changeset)
    before, after = changeset.before, changeset.after
    findings = [
        *_protections(_pairs(before.tables, after.tables, changeset), _of_table),
        *_protections(_pairs(before.buckets, after.buckets, changeset), _of_bucket),
        *_protections(_pairs(before.user_pools, after.user_pools, changeset), _of_pool),
    ]
    return _or_nothing(findings, changeset)


@proves("data-survives-change")
def keeps_keys(changeset: Changeset, contract: Contract) -> list[Finding]:
    """Each table keeps its key and the key's type, and each index that it had as it was."""
    if changeset.before is None:
        return _or_nothing([], changeset)
    findings = []
    for old, new in _pairs(changeset.before.tables, changeset.after.tables, changeset):
        findings += [
            _stays(new, "hash_key", old.hash_key, new.hash_key),
            _stays(new, "range_key", old.range_key, new.range_key),
            *(_type(key, old, new) for key in _keys(old) if key in _keys(new)),
            *(_index(new, index) for index in old.indexes),
        ]
    return _or_nothing(findings, changeset)


def ended(change: Change) -> str:
    """What ends a resource, as a sentence says it."""
    if "forget" in change.actions:
        return "is forgotten"
    return "is replaced" if "create" in change.actions else "is deleted"


def reason(change: Change) -> str:
    """Why a resource ends: the attributes that force it with their values, or what is gone."""
    if not change.forced_by:
        return _REASONS.get(change.reason, change.reason or "Terraform does not say why")
    forced = [
        f"{name} changes from {show(change.before.get(name))} to "
        f"{show(change.after.get(name, Unknown()))}"
        for name in change.forced_by
    ]
    return f"{', '.join(forced)}, and that cannot be done in place"


def kept(change: Change) -> str:
    """How a resource stays, as a sentence says it."""
    moved = f", moved from {change.previous_address}" if change.previous_address else ""
    return f"{'is updated in place' if 'update' in change.actions else 'is not touched'}{moved}"


def _kept(change: Change) -> Finding:
    text = f"{ended(change)}: {reason(change)}" if change.ends else kept(change)
    return judge(change, not change.ends, text, _KEEP)


def _or_nothing(findings: list[Finding], changeset: Changeset) -> list[Finding]:
    """The findings; where the base left nothing to lose, that is one."""
    what = "does not have this environment" if changeset.before is None else "left nothing of it"
    nothing = Finding(Verdict.PASS, changeset.environment, f"the base {what}: nothing can be lost")
    return findings or [nothing]


def _pairs(before: Iterable[R], after: Iterable[R], changeset: Changeset) -> Iterator[tuple[R, R]]:
    """Each resource of the base with what becomes of it; one that ends is `keeps_data`'s."""
    old = {resource.address: resource for resource in before}
    for resource in after:
        if found := old.get(changeset.address_before(resource.address)):
            yield found, resource


def _protections(
    pairs: Iterable[tuple[R, R]], read: Callable[[R], Mapping[str, bool | None]]
) -> list[Finding]:
    return [
        _protected(new, attribute, protects, read(new)[attribute])
        for old, new in pairs
        for attribute, protects in read(old).items()
        if protects is not False
    ]


def _protected(new: Resource, attribute: str, before: bool | None, now: bool | None) -> Finding:
    answer = now if before or now else None
    text = {True: "stays on", False: "is lost", None: "is known only after apply"}[answer]
    remedy = f"Put {attribute} back, or {_WAIVE}."
    return judge(new, answer, f"{attribute} {text}", remedy)


def _of_table(table: Table) -> Mapping[str, bool | None]:
    return {
        "point_in_time_recovery": is_true(table.point_in_time_recovery),
        "ttl": _given(table.ttl_attribute),
        "server_side_encryption": is_true(table.encrypted),
        "server_side_encryption.kms_key_arn": _given(table.kms_key),
        "deletion_protection_enabled": is_true(table.deletion_protection),
    }


def _of_bucket(bucket: Bucket) -> Mapping[str, bool | None]:
    return {
        "public_access_block": all_of(is_true(switch) for switch in bucket.public_access_block),
        "server_side_encryption_configuration": is_true(bucket.encrypted),
    }


def _of_pool(pool: UserPool) -> Mapping[str, bool | None]:
    return {"deletion_protection": is_true(pool.deletion_protection)}


def _given(value: object) -> bool | None:
    """Whether something is set; what is unknown but named in the source will be."""
    if isinstance(value, Unknown):
        return True if value.reference else None
    return value is not None


def _keys(table: Table) -> list[str]:
    return [str(key) for key in (table.hash_key, table.range_key) if isinstance(key, str)]


def _type(key: str, old: Table, new: Table) -> Finding:
    types = (table.attributes.get(key) for table in (old, new))
    return _stays(new, f"the type of key {key}", *types)


def _stays(new: Table, what: str, before: object, now: object) -> Finding:
    answer = same(now, before)
    text = f"{what} stays {show(before)}"
    if answer is False:
        text = f"{what} changes from {show(before)} to {show(now)}: its items cannot follow"
    remedy = f"Make another table and copy the items; else {_WAIVE}."
    return judge(new, answer, text, remedy)


def _index(table: Table, old: Index) -> Finding:
    new = next((index for index in table.indexes if index.name == old.name), None)
    if new is None:
        remedy = "Remove its readers and deploy; then waive this in policies/waivers.yaml."
        return judge(table, False, f"index {old.name} is removed: queries by it fail", remedy)
    names = ("hash_key", "range_key", "projection")
    differ = {name: same(getattr(new, name), getattr(old, name)) for name in names}
    changed = [name for name, answer in differ.items() if answer is False]
    text = f"changes its {', '.join(changed)}: it is rebuilt, and missing meanwhile"
    remedy = "Add an index under another name, and move its readers first."
    answer = all_of(differ.values())
    return judge(table, answer, f"index {old.name} {text if changed else 'stays'}", remedy)
