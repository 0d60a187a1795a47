"""Checks of a rehearsal: users' items and answers are unchanged after the change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from verification.checks.change.data_loss import ended, kept, reason
from verification.model.changes import Change, Items, Rehearsal
from verification.model.contract import Contract
from verification.model.findings import Finding, judge
from verification.model.stack import Resource
from verification.model.verdict import Verdict

_UNITS = {
    "aws_dynamodb_table": "items",
    "aws_s3_bucket": "objects",
    "aws_cognito_user_pool": "users",
}


def loses_nothing(rehearsal: Rehearsal, contract: Contract) -> list[Finding]:
    """No resource that holds data ends; the finding says how much data it holds."""
    changeset = rehearsal.changeset
    if changeset.refused:
        return [Finding(Verdict.FAIL, "terraform plan", changeset.refused)]
    holders = changeset.of_types(contract.changes.holders)
    changed = sum(change.actions != ("no-op",) for change in changeset.changes)
    text = f"changes {changed} of {len(changeset.changes)} resources"
    plan = judge(Resource(address="terraform plan"), True, text)
    return [plan] + [_holder(change, rehearsal.counts.get(change.address)) for change in holders]


def keeps_items(rehearsal: Rehearsal) -> list[Finding]:
    """Items are unchanged; new attributes are allowed and listed."""
    held, after = rehearsal.before.items, rehearsal.after
    if after is None:
        sizes = {address: len(items) for address, items in held.items()}
        return [_stopped(a, f"its {size} items were not compared") for a, size in sizes.items()]
    return [
        _item(address, key, item, after.items[address])
        for address, items in held.items()
        for key, item in items.items()
    ]


def keeps_answers(rehearsal: Rehearsal) -> list[Finding]:
    """The API's answers to each user are unchanged, and links lead to the same targets."""
    if rehearsal.after is None:
        return [_stopped("API", f"its {len(rehearsal.before.answers)} answers were not compared")]
    told = rehearsal.after.answers
    return [
        judge(Resource(address=asked), not lost, lost or "answer is unchanged")
        for asked, answer in rehearsal.before.answers.items()
        for lost in ["; ".join(_losses(answer, told.get(asked)))]
    ]


def deploys(rehearsal: Rehearsal) -> list[Finding]:
    """The working tree's backend replaces the base's, and its deployment completes."""
    if rehearsal.after is None:
        return [_stopped("backend.deploy", "did not run")]
    text = (
        f"failed with exit code {rehearsal.code}: {rehearsal.said}"
        if rehearsal.code
        else "completes"
    )
    return [judge(Resource(address="backend.deploy"), rehearsal.code == 0, text)]


def _holder(change: Change, number: int | None) -> Finding:
    unit = _UNITS.get(change.type, "things")
    held = "its content" if number is None else f"its {number} {unit}"
    if change.ends:
        text = f"{ended(change)}, with {held}: {reason(change)}"
        return judge(change, False, text, "See docs/rehearsing.md.")
    return judge(change, True, f"keeps {held}: {kept(change)}")


def _stopped(address: str, text: str) -> Finding:
    return Finding(Verdict.FAIL, address, f"{text}; the rehearsal stopped before the apply")


def _item(address: str, key: str, item: Mapping[str, Any], after: Items) -> Finding:
    subject = Resource(address=address)
    if key not in after:
        return judge(subject, False, f"item {key} is lost")
    lost = list(_losses(item, after[key]))
    added = sorted(after[key].keys() - item.keys())
    more = f", with {', '.join(added)} added" if added else ""
    return judge(subject, not lost, f"item {key}: {'; '.join(lost) or f'is unchanged{more}'}")


def _losses(before: Any, after: Any, name: str = "") -> Iterator[str]:
    """The differences as text; attributes that were added are not differences."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key, value in before.items():
            inner = f"{name}.{key}" if name else str(key)
            if key in after:
                yield from _losses(value, after[key], inner)
            else:
                yield f"{inner} is lost"
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _losses(one, other, f"{name}[{number}]")
    elif before != after:
        yield f"{name or 'it'} was {before!r} and is {after!r}"
