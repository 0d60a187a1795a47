"""Whole rehearsals: this repository's stack applied, deployed and used once, and then changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.engine.rungs.rehearse.kit import (
    NEW_INDEX,
    NEW_TAG,
    RENAMED_TABLE,
    both,
    change,
    contract,
    failures,
)
from tests.kit import copy_terraform
from tests.sharing import lend
from verification.checks import CHANGE_CHECKS
from verification.checks.change import rehearsal
from verification.checks.registry import waive
from verification.engine.run.run import Run
from verification.engine.rungs.plan import planned_stack
from verification.engine.rungs.rehearse import populated, rehearsed
from verification.model.changes import KEEPS_DATA, Rehearsal
from verification.model.findings import Finding
from verification.model.verdict import Verdict

pytestmark = pytest.mark.slow

USERS = "module.dynamodb.aws_dynamodb_table.users"
URLS = "module.dynamodb.aws_dynamodb_table.urls"
ENDS = date.today() + timedelta(days=90)
WAIVERS = f"""
waivers:
  - rule: {KEEPS_DATA}
    addresses: [{USERS}]
    reason: Its items were copied to the new table by hand.
    owner: platform
    reviewed: {date.today()}
    expires: {ENDS}
"""


@pytest.fixture(scope="module")
def renamed(whole: Run, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A run over the Terraform with another name for a table."""
    folder = tmp_path_factory.mktemp("renamed")
    root = copy_terraform(folder)
    RENAMED_TABLE(root)
    with change(whole, root, folder) as run:
        yield run


def everything(seen: Rehearsal) -> list[Finding]:
    """What all checks say of a rehearsal."""
    return [
        *rehearsal.loses_nothing(seen, contract()),
        *(f for check in CHANGE_CHECKS for f in check(seen.changeset, contract())),
        *rehearsal.keeps_items(seen),
        *rehearsal.keeps_answers(seen),
        *rehearsal.deploys(seen),
    ]


def test_harmless_change_keeps_every_item(whole: Run, tmp_path: Path) -> None:
    """A tag and one more index pass, and every item and answer is compared."""
    root = copy_terraform(tmp_path)
    both(NEW_TAG, NEW_INDEX)(root)
    with change(whole, root, tmp_path) as run:
        seen = run.get(rehearsed, "dev")
    assert not failures(everything(seen))
    assert {address: len(items) for address, items in seen.before.items.items()} == {
        USERS: 3,
        URLS: 4,
    }
    assert seen.after is not None
    assert len(rehearsal.keeps_items(seen)) == 7
    assert seen.before.answers.keys() == seen.after.answers.keys()
    assert len(seen.before.answers) == 3 * 3 + 4
    updated = {c.address for c in seen.changeset.changes if "update" in c.actions}
    assert {USERS, URLS} <= updated


def test_people_have_what_the_rehearsal_is_about(whole: Run) -> None:
    """Before any change: a trial that runs, one that is over, and links of every kind."""
    held = whole.get(populated, "dev").possessions
    trials = {k: v["tier"] for k, v in held.answers.items() if k.startswith("trial of ")}
    assert sorted(trials.values()) == ["free", "free", "premium"]
    items = held.items[URLS].values()
    assert sum("expires_at_ttl" in item for item in items) == 2
    assert sum("file_key" in item for item in items) == 1
    assert {item["clicks"]["N"] for item in items} == {"1"}
    clicks = [answer for asked, answer in held.answers.items() if asked.startswith("/")]
    assert {answer["status"] for answer in clicks} == {302}
    assert any("a file that a user shared" in answer.get("file", "") for answer in clicks)


def test_loss_is_stopped_before_the_apply(renamed: Run) -> None:
    """A table under another name is stopped with the number of items that it would lose."""
    seen = renamed.get(rehearsed, "dev")
    assert seen.after is None
    said = failures(rehearsal.loses_nothing(seen, contract()))
    assert f"{USERS}: is replaced, with its 3 items: name changes from " in said
    assert URLS not in said


def test_waived_loss_is_applied_and_named(whole: Run, renamed: Run, tmp_path: Path) -> None:
    """A waiver lets the change through to its apply; what it lost is waived, the rest is kept."""
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "waivers.yaml").write_text(WAIVERS, encoding="utf-8")
    with change(whole, renamed.root, tmp_path, tmp_path / "policies") as run:
        lend(renamed, run, planned_stack, "dev")
        seen = run.get(rehearsed, "dev")
    found = waive(KEEPS_DATA, rehearsal.keeps_items(seen), seen.changeset)
    verdicts = sorted((finding.address, finding.verdict) for finding in found)
    assert verdicts == [(URLS, Verdict.PASS)] * 4 + [(USERS, Verdict.WAIVED)] * 3
    lost = [str(finding) for finding in found if finding.verdict is Verdict.WAIVED]
    assert all(f"is lost; waived until {ENDS} (platform): Its items" in text for text in lost)
    # The waiver is for the table's end, not for what people then miss.
    assert "trial of running@example.com: tier was 'premium'" in failures(
        rehearsal.keeps_answers(seen)
    )
