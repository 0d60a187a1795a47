"""The checks of a rehearsal, on what one could have seen: each is seen to fail."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.engine.rungs.rehearse.kit import contract, failures
from verification.checks.change import rehearsal
from verification.model.changes import Change, Changeset, Possessions, Rehearsal
from verification.model.stack import Stack
from verification.model.verdict import Verdict

TABLE = "module.dynamodb.aws_dynamodb_table.users"
KEY = "aws_kms_key.data"
ITEM = {"user_id": {"S": "u1"}, "trial_used": {"BOOL": True}}
HELD = Possessions(
    {TABLE: {"u1": ITEM, "u2": {"user_id": {"S": "u2"}}}},
    {"trial of a@example.com": {"tier": "premium"}, "/code": {"status": 302, "location": "/x"}},
)
STACK = Stack(environment="dev", account="123456789012", region="us-east-1", partition="aws")


def seen(*actions: str, **fields: Any) -> Rehearsal:
    """A rehearsal that did something to the table, and left all as it was."""
    table = Change(TABLE, "aws_dynamodb_table", actions or ("no-op",), before={"name": "users"})
    changes = (table, Change(KEY, "aws_kms_key", actions or ("no-op",)))
    good = Rehearsal(Changeset("dev", STACK, STACK, changes), {TABLE: 2}, HELD, HELD)
    return replace(good, **fields)


def after(item: dict[str, Any], **answers: Any) -> Rehearsal:
    """A rehearsal after which the first item is another one, and some answers too."""
    items = {TABLE: {**HELD.items[TABLE], "u1": item}}
    return seen(after=Possessions(items, {**HELD.answers, **answers}))


def test_good_rehearsal_passes() -> None:
    """Where all is as it was, each thing is found to be so."""
    good = seen()
    findings = [
        *rehearsal.loses_nothing(good, contract()),
        *rehearsal.keeps_items(good),
        *rehearsal.keeps_answers(good),
        *rehearsal.deploys(good),
    ]
    assert [finding.verdict for finding in findings] == [Verdict.PASS] * 8
    said = "\n".join(map(str, findings))
    assert "terraform plan: changes 0 of 2 resources" in said
    assert f"{TABLE}: keeps its 2 items: is not changed" in said


def test_loss_is_counted() -> None:
    """What would be lost is told with how much it holds, where that can be counted."""
    said = failures(rehearsal.loses_nothing(seen("delete", "create", after=None), contract()))
    assert f"{TABLE}: is replaced, with its 2 items: " in said
    assert f"{KEY}: is replaced, with its content: " in said


def test_stopped_change_compares_nothing() -> None:
    """After a stop nothing passes for compared: neither items nor answers nor the deploy."""
    stopped = seen("delete", after=None)
    end = "; the rehearsal stopped before the apply."
    said = failures(rehearsal.keeps_items(stopped))
    assert said == f"{TABLE}: its 2 items were not compared{end}"
    said = failures(rehearsal.keeps_answers(stopped))
    assert said == f"API: its 2 answers were not compared{end}"
    assert failures(rehearsal.deploys(stopped)) == f"backend.deploy: did not run{end}"


def test_refusal_to_plan_fails() -> None:
    """Where Terraform will not plan, the rehearsal says what it said."""
    refused = Changeset("dev", STACK, STACK, (), refused="Instance cannot be destroyed")
    said = failures(rehearsal.loses_nothing(seen(changeset=refused, after=None), contract()))
    assert "Instance cannot be destroyed" in said


@pytest.mark.parametrize(
    ("item", "says"),
    [
        ({"user_id": {"S": "u1"}}, "item u1: trial_used is lost"),
        (ITEM | {"trial_used": {"BOOL": False}}, "item u1: trial_used.BOOL was True and is False"),
        (ITEM | {"user_id": {"N": "1"}}, "item u1: user_id.S is lost"),
    ],
    ids=["attribute lost", "attribute altered", "type altered"],
)
def test_altered_item_fails(item: dict[str, Any], says: str) -> None:
    """An item that lost or changed anything fails, and names what."""
    assert failures(rehearsal.keeps_items(after(item))) == f"{TABLE}: {says}."


def test_lost_item_fails() -> None:
    """An item that is not there any more fails by its key."""
    gone = seen(after=Possessions({TABLE: {"u1": ITEM}}, HELD.answers))
    assert failures(rehearsal.keeps_items(gone)) == f"{TABLE}: item u2 is lost."


def test_added_attribute_is_told() -> None:
    """A new attribute takes nothing away: it passes, and is named."""
    findings = rehearsal.keeps_items(after(ITEM | {"plan": {"S": "pro"}}))
    assert not failures(findings)
    assert "item u1: is unchanged, with plan added" in str(findings[0])


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({"tier": "free"}, "tier was 'premium' and is 'free'"),
        ({"status": 503}, "tier is lost"),
        (None, "it was {'tier': 'premium'} and is None"),
    ],
    ids=["another answer", "an error", "no answer"],
)
def test_altered_answer_fails(answer: Any, says: str) -> None:
    """An answer that a user gets no more fails by its request."""
    said = failures(rehearsal.keeps_answers(after(ITEM, **{"trial of a@example.com": answer})))
    assert said == f"trial of a@example.com: {says}."


def test_richer_answer_passes() -> None:
    """An answer that says more than before is as good."""
    richer = {"tier": "premium", "seats": 3}
    assert not failures(rehearsal.keeps_answers(after(ITEM, **{"trial of a@example.com": richer})))


def test_failed_deploy_fails() -> None:
    """A deployment that was rolled back fails with backend.deploy's words."""
    said = failures(rehearsal.deploys(seen(code=1, said="rolled back")))
    assert said == "backend.deploy: failed with exit code 1: rolled back."
