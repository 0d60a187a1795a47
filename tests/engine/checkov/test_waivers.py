"""Only an entry that holds, is needed and has its ground lets anything through."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.engine.checkov.kit import BUCKET, GROUNDS, SECURITY, TODAY, decision, waiver
from tests.kit import REPOSITORY
from verification.engine.checkov.grounds import grounds
from verification.engine.checkov.register import Register
from verification.engine.checkov.waivers import Terms, apply_register, notes
from verification.model.contract import load_contract
from verification.model.policies import Decision, Entry, Ground, PolicyResult, Waiver
from verification.model.verdict import Verdict

FAILURE = PolicyResult(SECURITY, BUCKET, Verdict.FAIL, "CKV_AWS_1: open", ("dev", "prod"), ("dev",))
FILES = {"policies/decisions.yaml": 0, "policies/waivers.yaml": 0}
DAY = timedelta(days=1)
ENTRIES = pytest.mark.parametrize("entry", [waiver, decision])


def register(*entries: Waiver | Decision) -> Register:
    """A register of entries that are well-formed."""
    return Register("policies", tuple(entries), (), FILES)


def terms(**given: Any) -> Terms:
    """What decides on the day of the review."""
    usual: dict[str, Any] = {"known": [SECURITY.id], "today": TODAY, "grounds": GROUNDS}
    return Terms(**usual | given)


def judged(
    *entries: Waiver | Decision, results: Sequence[PolicyResult] = (FAILURE,), **given: Any
) -> tuple[str, list[str], set[Entry]]:
    """The verdict on the first result, and the failures of the register."""
    decided, used, findings = apply_register(register(*entries), results, terms(**given))
    failures = [f.message for f in findings if f.verdict is Verdict.FAIL]
    return decided[0].verdict.value, failures, set(used)


@ENTRIES
def test_entry_lets_its_finding_through(entry: Callable[..., Waiver | Decision]) -> None:
    """A finding that is named is waived, the entry is used, and the result says which it was."""
    assert judged(entry()) == ("waived", [], {entry()})
    [result], _, _ = apply_register(register(entry()), [FAILURE], terms())
    assert result.entry == entry()


def test_without_an_entry_a_failure_stays() -> None:
    """Nothing is waived by itself."""
    assert judged() == ("fail", [], set())


@ENTRIES
@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"rule": "CKV_AWS_99999"}, "there is no rule CKV_AWS_99999"),
        ({"address": "module.store.aws_s3_bucket.other"}, "it is unused"),
        ({"environments": ("prod",)}, "there is no such finding in prod"),
        ({"environments": ("dev", "prod")}, "there is no such finding in dev, prod"),
        ({"reviewed": TODAY + 2 * DAY}, "its review date 2026-11-24 is in the future"),
    ],
)
def test_entry_that_does_not_hold_lets_nothing_through(
    entry: Callable[..., Waiver | Decision], changes: dict[str, Any], says: str
) -> None:
    """Of an unknown rule, of another thing or place: it fails, and so does the finding."""
    verdict, failures, used = judged(entry(**changes))
    assert (verdict, len(failures), used) == ("fail", 1, set())
    assert says in failures[0]


def test_expired_waiver_waives_nothing() -> None:
    """It fails, and so does the finding; `expires` is the last day."""
    assert judged(waiver(expires=TODAY))[0] == "waived"
    verdict, [failure], used = judged(waiver(expires=TODAY - DAY))
    assert (verdict, used) == ("fail", set())
    assert failure == "it expired on 2026-11-21"


@ENTRIES
def test_review_of_today_is_none_to_come(entry: Callable[..., Waiver | Decision]) -> None:
    """Also where today is a day ahead of ours."""
    assert judged(entry(reviewed=TODAY + DAY))[0] == "waived"


@pytest.mark.parametrize(
    ("ground", "says"),
    [
        (Ground("contract", "environments.dev.https = true"), "but the contract has false"),
        (Ground("contract", "environments.dev.https = 0"), "but the contract has false"),
        (
            Ground("contract", "environments.dev.http = false"),
            "environments.dev.http, which does not exist",
        ),
        (
            Ground("contract", "environments.qa.https = false"),
            "environments.qa.https, which does not exist",
        ),
        (Ground("contract", "environments.dev.https.on = 1"), "https.on, which does not exist"),
        (Ground("plan", "Objectives / Zero"), "section 'Objectives / Zero', which no criterion"),
    ],
)
def test_decision_falls_with_its_ground(ground: Ground, says: str) -> None:
    """It fails with a sentence, and so does the finding."""
    verdict, [failure], used = judged(decision(rests_on=ground))
    assert (verdict, used) == ("fail", set())
    assert says in failure


def test_decision_rests_on_the_plan() -> None:
    """On a section as a criterion names it."""
    assert judged(decision(rests_on=Ground("plan", "Objectives / Zero Downtime")))[0] == "waived"


@pytest.mark.parametrize(
    "text",
    [
        "environments.dev.https = false",
        "service.log_retention.minimum = 7",
        "cost.ceiling = 2.00",
        'informational_parameters = ["dynamodb_policy_arn", "dynamodb_urls_table_arn", '
        '"dynamodb_users_table_arn"]',
    ],
)
def test_every_kind_of_field_of_the_contract_is_found(text: str) -> None:
    """A switch, a number, a part of a table and a list, as contract.toml writes them."""
    contract = load_contract(REPOSITORY / "verification" / "contract.toml")
    assert grounds(contract, ()).fallen(Ground("contract", text)) == ""
    assert grounds(contract, ()).fallen(Ground("contract", f"{text.partition('=')[0]}= 'x'"))


@pytest.mark.parametrize("years", [0, 1, 30])
def test_decision_has_no_end(years: int) -> None:
    """However long ago it was reviewed."""
    assert judged(decision(), today=TODAY + years * 366 * DAY) == ("waived", [], {decision()})


@pytest.mark.parametrize(
    ("other", "files"),
    [
        (waiver(reason="Another."), "policies/waivers.yaml"),
        (decision(), "policies/waivers.yaml and policies/decisions.yaml"),
    ],
    ids=["one file", "two files"],
)
def test_entry_that_stands_twice_lets_nothing_through(other: Waiver | Decision, files: str) -> None:
    """Two reasons for one exception are no reason, in one file or in two."""
    verdict, failures, _ = judged(waiver(), other)
    assert verdict == "fail"
    assert failures == [f"2 entries in {files} are for this finding"] * 2


@ENTRIES
def test_entry_of_one_environment_lets_no_other_fail(
    entry: Callable[..., Waiver | Decision],
) -> None:
    """What dev may do, prod may not."""
    both = replace(FAILURE, failing=("dev", "prod"))
    verdict, failures, _ = judged(entry(environments=("dev",)), results=[both])
    assert verdict == "fail"
    assert failures == ["it is unused: there is no such finding in dev"]


def test_entries_of_each_environment_together_cover_both() -> None:
    """Two environments may have two reasons; if one of them is a waiver, the report says so."""
    both = replace(FAILURE, failing=("dev", "prod"))
    each: list[Waiver | Decision] = [
        decision(environments=("dev",)),
        waiver(environments=("prod",)),
    ]
    assert judged(*each, results=[both]) == ("waived", [], set(each))
    [result], _, _ = apply_register(register(*each), [both], terms())
    assert result.entry == each[1]


@ENTRIES
def test_pass_needs_no_entry(entry: Callable[..., Waiver | Decision]) -> None:
    """An entry about what passes is unused."""
    verdict, failures, _ = judged(entry(), results=[replace(FAILURE, verdict=Verdict.PASS)])
    assert verdict == "pass"
    assert "it is unused" in failures[0]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, []),
        ({"rule": "data_loss.keeps_dat"}, ["there is no rule data_loss.keeps_dat"]),
        ({"expires": TODAY - DAY}, ["it expired on 2026-11-21"]),
    ],
)
def test_waiver_about_a_change_is_judged_but_for_its_use(
    changes: dict[str, Any], says: list[str]
) -> None:
    """Whether it waives anything shows only where there is a change."""
    one = waiver(**{"rule": "data_loss.keeps_data"} | changes)
    of_changes = terms(of_changes=["data_loss.keeps_data"])
    _, used, findings = apply_register(register(one), [FAILURE], of_changes)
    assert used == set()
    assert [f.message for f in findings if f.verdict is Verdict.FAIL] == says


def test_change_is_not_decided() -> None:
    """A change ends, and so does what lets it through."""
    one = decision(rule="data_loss.keeps_data")
    _, failures, _ = judged(one, of_changes=["data_loss.keeps_data"])
    assert failures == ["findings of a change can only be waived"]


def said(*entries: Waiver | Decision, days: int = 0) -> list[str]:
    """The notes, some days after the review."""
    return list(notes(register(*entries), TODAY + days * DAY))


@pytest.mark.parametrize("days", [0, 14])
def test_waiver_that_ends_soon_is_announced(days: int) -> None:
    """Its owner is told two weeks before, once for all its addresses."""
    ends = TODAY + days * DAY
    both = [waiver(expires=ends, address=f"module.store.aws_s3_bucket.{n}") for n in ("a", "b")]
    [note] = said(*both)
    assert "CKV_AWS_1 at module.store.aws_s3_bucket.a, module.store.aws_s3_bucket.b" in note
    assert f"expires on {ends}: platform should" in note


@pytest.mark.parametrize("days", [-1, 15])
def test_other_waivers_are_not_announced(days: int) -> None:
    """Not earlier; and what has expired fails instead."""
    assert said(waiver(expires=TODAY + days * DAY)) == []


def test_old_reviews_of_decisions_are_announced() -> None:
    """In one note for each owner: with the rules, and the day of the oldest."""
    entries = [
        decision(),
        decision(address="module.store.aws_s3_bucket.more"),
        decision(rule="CKV_AWS_2", reviewed=TODAY + DAY),
        decision(rule="CKV_AWS_3", reviewed=TODAY + 90 * DAY),
        decision(rule="CKV_AWS_4", owner="security"),
    ]
    first, second = said(*entries, days=367)
    rules = "the last review of CKV_AWS_1, CKV_AWS_2 in policies/decisions.yaml is"
    assert first.startswith(f"{rules} more than a year old (2026-11-22): platform should")
    assert "security should" in second


def test_review_of_a_year_ago_is_young_enough() -> None:
    """On the day itself there is no note yet, and a waiver has no such age."""
    assert said(decision(), waiver(rule="CKV_AWS_2"), days=365) == []
    assert len(said(decision(), days=366)) == 1
