"""Checks that a change does not lose users' data, its protection or its keys.

Deleted resources are judged by the plan that Terraform makes on top of the base. Removed protection
is judged by comparing the configurations of base and working tree: removing the block of TTL,
encryption, recovery or deletion protection, or changing the type of a key, plans no change of an
existing table (measured with the AWS provider 5.100.0), but a new table would not have it.
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

_WAIVE = "add a waiver to policies/waivers.yaml once the data is copied"
_KEEP = f"Keep the resource, or add a moved block for its new address; otherwise {_WAIVE}."
_REASONS = {
    "delete_because_no_resource_config": "its resource or module block was removed",
    "delete_because_no_module": "its module was removed",
    "delete_because_wrong_repetition": "count or for_each was added or removed",
    "delete_because_count_index": "count was reduced",
    "delete_because_each_key": "its key was removed from for_each",
    "delete_because_no_move_target": "the target of its moved block does not exist",
    "replace_because_tainted": "it is tainted",
    "replace_by_request": "-replace was given",
    "replace_by_triggers": "a reference in replace_triggered_by changed",
}


@proves("data-survives-change")
def keeps_data(changeset: Changeset, contract: Contract) -> list[Finding]:
    """No resource that holds users' data is deleted, replaced or removed from the state."""
    if changeset.refused:
        return [Finding(Verdict.FAIL, "terraform plan", changeset.refused, remedy=_KEEP)]
    holders = changeset.of_types(contract.changes.holders)
    return _or_nothing([_kept(change) for change in holders], changeset)


@proves("data-survives-change")
def keeps_guards(changeset: Changeset, contract: Contract) -> list[Finding]:
    """Resources that protect data are kept, and no bucket can be emptied by a destroy."""
    if changeset.refused:
        return [Finding(Verdict.UNKNOWN, "terraform plan", "no plan is available")]
    findings = []
    for change in changeset.of_types(contract.changes.guards):
        gone = change.ends and "create" not in change.actions
        text = f"{ended(change)}: {reason(change)}" if gone else "stays"
        findings.append(judge(change, not gone, text, _KEEP))
    for change in changeset.of_types(contract.changes.holders):
        if not change.ends and change.before.get("force_destroy") is False:
            turned = change.after.get("force_destroy") is True
            text = f"force_destroy is {'on: terraform destroy would empty it' if turned else 'off'}"
            findings.append(judge(change, not turned, text, "Set force_destroy = false."))
    return _or_nothing(findings, changeset)


@proves("data-survives-change")
def keeps_protection(changeset: Changeset, contract: Contract) -> list[Finding]:
    """Protection that a table, a bucket or the user pool has is kept by the change."""
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
    """Tables keep their keys and key types, and indexes stay as they are."""
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
    """The predicate of a message about a resource that ends."""
    if "forget" in change.actions:
        return "is removed from the state"
    return "is replaced" if "create" in change.actions else "is deleted"


def reason(change: Change) -> str:
    """Why a resource ends: the attributes that force replacement, or Terraform's action reason."""
    if not change.forced_by:
        return _REASONS.get(change.reason, change.reason or "Terraform gives no reason")
    forced = [
        f"{name} changes from {show(change.before.get(name))} to "
        f"{show(change.after.get(name, Unknown()))}"
        for name in change.forced_by
    ]
    return f"{', '.join(forced)}, which forces replacement"


def kept(change: Change) -> str:
    """The predicate of a message about a resource that stays."""
    moved = f", moved from {change.previous_address}" if change.previous_address else ""
    return f"{'is updated in place' if 'update' in change.actions else 'is not changed'}{moved}"


def _kept(change: Change) -> Finding:
    text = f"{ended(change)}: {reason(change)}" if change.ends else kept(change)
    return judge(change, not change.ends, text, _KEEP)


def _or_nothing(findings: list[Finding], changeset: Changeset) -> list[Finding]:
    """The findings, or one that passes where the base has nothing to lose."""
    what = (
        "does not have this environment"
        if changeset.before is None
        else "has no such resource in it"
    )
    nothing = Finding(
        Verdict.PASS, changeset.environment, f"the base {what}, so nothing can be lost"
    )
    return findings or [nothing]


def _pairs(before: Iterable[R], after: Iterable[R], changeset: Changeset) -> Iterator[tuple[R, R]]:
    """Each resource of the base with its successor; `keeps_data` judges those that end."""
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
    text = {True: "stays on", False: "is removed", None: "is known only after apply"}[answer]
    remedy = f"Restore {attribute}, or {_WAIVE}."
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
    """Whether an attribute is set; an unknown value counts as set."""
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
        text = (
            f"{what} changes from {show(before)} to {show(now)}; existing items cannot be converted"
        )
    remedy = f"Create a new table and copy the items; otherwise {_WAIVE}."
    return judge(new, answer, text, remedy)


def _index(table: Table, old: Index) -> Finding:
    new = next((index for index in table.indexes if index.name == old.name), None)
    if new is None:
        remedy = "Deploy a backend that does not query it, then add a waiver."
        return judge(table, False, f"index {old.name} is removed; queries that use it fail", remedy)
    names = ("hash_key", "range_key", "projection")
    differ = {name: same(getattr(new, name), getattr(old, name)) for name in names}
    changed = [name for name, answer in differ.items() if answer is False]
    text = f"changes its {', '.join(changed)}; DynamoDB recreates it, and queries fail meanwhile"
    remedy = "Add an index under a new name, and switch the queries to it first."
    answer = all_of(differ.values())
    return judge(table, answer, f"index {old.name} {text if changed else 'stays'}", remedy)
