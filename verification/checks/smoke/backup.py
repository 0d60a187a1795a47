"""Checks of the restore drill: same items, same settings, and a backend that works on them."""

from __future__ import annotations

from verification.checks.terraform_runs import plans_nothing
from verification.model.findings import Finding, expect, judge, missing
from verification.model.smoke.observations import RestoreSeen
from verification.model.stack import Resource


def restores_every_item(seen: RestoreSeen) -> list[Finding]:
    """Each restored table has the saved items, although the original was corrupted."""
    findings = [] if seen.tables else [missing("the restore drill", "a restored table")]
    for key, table in seen.tables.items():
        place = Resource(address=f"the restored {key} table")
        if not table.saved or not table.damaged:
            findings.append(missing(place.address, "an item that was saved and then corrupted"))
        idents = sorted(table.saved.keys() | table.restored.keys())
        for ident in idents:
            old, new = table.saved.get(ident), table.restored.get(ident)
            state = "is equal" if old == new else "differs"
            state = "is missing" if new is None else "was not saved" if old is None else state
            findings.append(judge(place, old == new, f"item {ident} {state}"))
    return findings


def restores_the_settings(seen: RestoreSeen) -> list[Finding]:
    """Keys, indexes, TTL, recovery, protection and tags equal those of the original table.

    Amazon DynamoDB API Reference, RestoreTableFromBackup, lists what AWS does not restore:
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_RestoreTableFromBackup.html
    """
    remedy = "AWS does not restore TTL, PITR, deletion protection or tags. Run terraform apply."
    return [
        expect(Resource(address=f"the restored {key} table"), what, new, old, remedy)
        for key, table in seen.tables.items()
        for what, (old, new) in table.settings.items()
    ]


def settles_by_an_apply(seen: RestoreSeen) -> list[Finding]:
    """An apply updates the restored tables in place and nothing else; then the plan is empty."""
    remedy = "Restore under the original name, which is the table's id in the state."
    findings = [
        judge(Resource(address=address), _in_place(action, address), f"{action} is planned", remedy)
        for action, address in seen.planned
    ]
    if len(findings) < len(seen.tables):
        findings.append(missing("the apply after the restore", "an update of each restored table"))
    return findings + plans_nothing("the plan after that apply", seen.left)


def _in_place(action: str, address: str) -> bool:
    return action == "update" and ".aws_dynamodb_table." in f".{address}"


def serves_from_the_restored(seen: RestoreSeen) -> list[Finding]:
    """The backend fails on the corrupted tables and works again on the restored ones.

    IAM is enforced, and the access policy is unchanged.
    """
    place = Resource(address="the backend on the restored tables")
    lost = Resource(address="the backend on the corrupted tables")
    before, after = dict(seen.before), dict(seen.after)
    shown = seen.damaged != seen.before
    text = f"the corruption is {'visible' if shown else 'not visible, so the drill proves nothing'}"
    if not before.get("trial_used"):
        return [missing(place.address, "a trial started before the corruption")]
    return [
        judge(lost, shown, text),
        expect(place, "the trial's fields", after, before),
        expect(place, "its status and Location", seen.redirect, (302, seen.target)),
    ]
