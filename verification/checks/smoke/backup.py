"""A backup is worth what its restore is: equal content, equal settings, a service that uses it."""

from __future__ import annotations

from verification.checks.terraform_runs import plans_nothing
from verification.model.findings import Finding, expect, judge, missing
from verification.model.observations import RestoreSeen
from verification.model.stack import Resource


def restores_every_item(seen: RestoreSeen) -> list[Finding]:
    """Item by item, each restored table holds what was saved, though the original was damaged."""
    findings = [] if seen.tables else [missing("the drill", "a restored table")]
    for key, table in seen.tables.items():
        place = Resource(address=f"the restored {key} table")
        if not table.saved or not table.damaged:
            findings.append(missing(place.address, "an item that was saved and then damaged"))
        idents = sorted(table.saved.keys() | table.restored.keys())
        for ident in idents:
            old, new = table.saved.get(ident), table.restored.get(ident)
            state = "is equal" if old == new else "differs"
            state = "is lost" if new is None else "was never saved" if old is None else state
            findings.append(judge(place, old == new, f"item {ident} {state}"))
    return findings


def restores_the_settings(seen: RestoreSeen) -> list[Finding]:
    """Keys, indexes, TTL, recovery, protection and tags are the original's."""
    remedy = "AWS restores neither TTL, PITR, protection nor tags: apply Terraform again."
    return [
        expect(Resource(address=f"the restored {key} table"), what, new, old, remedy)
        for key, table in seen.tables.items()
        for what, (old, new) in table.settings.items()
    ]


def settles_by_an_apply(seen: RestoreSeen) -> list[Finding]:
    """An apply changes the restored tables, in place, and nothing else; then nothing is left."""
    remedy = "Restore under the original name: Terraform knows the table by that."
    findings = [
        judge(Resource(address=address), _in_place(action, address), f"{action} is planned", remedy)
        for action, address in seen.planned
    ]
    if len(findings) < len(seen.tables):
        findings.append(missing("the apply after the restore", "a change of each restored table"))
    return findings + plans_nothing("a plan after that apply", seen.left)


def _in_place(action: str, address: str) -> bool:
    return action == "update" and ".aws_dynamodb_table." in f".{address}"


def serves_from_the_restored(seen: RestoreSeen) -> list[Finding]:
    """The damage shows; on the restored tables, the backend as deployed has trial and link again.

    IAM is enforced, and the access policy is the one from before.
    """
    place = Resource(address="the backend on the restored tables")
    lost = Resource(address="the backend on the damaged tables")
    before, after = dict(seen.before), dict(seen.after)
    shown = seen.damaged != seen.before
    text = f"the damage {'shows' if shown else 'does not show, so that the rest proves nothing'}"
    if not before.get("trial_used"):
        return [missing(place.address, "a trial started before the damage")]
    return [
        judge(lost, shown, text),
        expect(place, "the trial", after, before),
        expect(place, "the redirect", seen.redirect, (302, seen.target)),
    ]
