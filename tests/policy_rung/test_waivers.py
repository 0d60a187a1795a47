"""Only a waiver that is exact, explained, owned, short and needed waives anything."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.policy_rung.kit import BUCKET, SECURITY, TODAY, waiver
from verification.engine.checkov.waivers import (
    Register,
    apply_waivers,
    ending_soon,
    read_register,
)
from verification.engine.errors import ToolError
from verification.model.policies import PolicyResult
from verification.model.values import Verdict

FAILURE = PolicyResult(SECURITY, BUCKET, Verdict.FAIL, "CKV_AWS_1: open", ("dev", "prod"), ("dev",))
ENTRY = """waivers:
  - rule: CKV_AWS_1
    addresses: [module.store.aws_s3_bucket.files]
    reason: It holds nothing.
    owner: platform
    reviewed: 2026-11-22
    expires: 2027-02-20
"""
# What is changed in the entry, and what the finding must say.
FAULTS = {
    "no reason": ("reason: It holds nothing.", "", "has no reason"),
    "empty reason": ("It holds nothing.", '" "', "has no reason"),
    "no owner": ("owner: platform", "", "has no owner"),
    "too long": ("2027-02-20", "2027-02-21", "more than 90 days after its review"),
    "no end": ("expires: 2027-02-20", "", "no date in 'expires'"),
    "date and time": ("2027-02-20", "2027-02-20 10:00:00", "no date in 'expires'"),
    "wildcard address": ("[module.store.aws_s3_bucket.files]", '["module.*"]', "is not exact"),
    "index": ("[module.store.aws_s3_bucket.files]", '["a.b[0]"]', "is not exact: 'a.b[0]'"),
    "wildcard rule": ("CKV_AWS_1", '"CKV_*"', "is not exact: 'CKV_*'"),
    "no address": ("[module.store.aws_s3_bucket.files]", "[]", "no list of texts in 'addresses'"),
    "address alone": ("[module.store.aws_s3_bucket.files]", "x", "no list of texts in 'addresses'"),
    "no environment": ("owner:", "environments: []\n    owner:", "no list of texts in 'environ"),
    "misnamed field": ("owner:", "because: x\n    owner:", "has a field 'because'"),
}


def register(*waivers):
    """A register of waivers that are well-formed."""
    return Register("policies/waivers.yaml", tuple(waivers), (), len(waivers))


def judged(*waivers, results=(FAILURE,), today=TODAY):
    """The verdict on the first result, and the failures of the register."""
    decided, used, findings = apply_waivers(register(*waivers), results, [SECURITY.id], today)
    failures = [f.message for f in findings if f.verdict is Verdict.FAIL]
    return decided[0].verdict.value, failures, used


def written(tmp_path, text):
    """Read a register from a file of this text."""
    (tmp_path / "waivers.yaml").write_text(text, encoding="utf-8")
    return read_register(tmp_path)


def test_waiver_waives():
    """A finding that is named is waived, and the waiver is used."""
    assert judged(waiver()) == ("waived", [], {waiver()})


def test_without_a_waiver_a_failure_stays():
    """Nothing is waived by itself."""
    assert judged() == ("fail", [], set())


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"expires": TODAY - timedelta(days=1)}, "expired on 2026-11-21"),
        ({"rule": "CKV_AWS_99999"}, "no rule is called CKV_AWS_99999"),
        ({"address": "module.store.aws_s3_bucket.other"}, "it waives nothing"),
        ({"environments": ("prod",)}, "there is no such finding in prod now"),
        ({"environments": ("dev", "prod")}, "there is no such finding in dev, prod now"),
    ],
)
def test_waiver_that_does_not_hold_waives_nothing(changes, says):
    """Expired, of an unknown rule, of another thing or place: it fails, and so does the finding."""
    verdict, failures, used = judged(waiver(**changes))
    assert (verdict, len(failures), used) == ("fail", 1, set())
    assert says in failures[0]


def test_waiver_holds_on_its_last_day():
    """`expires` is the last day."""
    assert judged(waiver(expires=TODAY))[0] == "waived"


def test_waiver_that_stands_twice_waives_nothing():
    """Two reasons for one exception are no reason."""
    verdict, failures, _ = judged(waiver(), waiver(reason="Another."))
    assert verdict == "fail"
    assert failures == ["it stands there twice"] * 2


def test_waiver_of_one_environment_lets_no_other_fail():
    """What dev may do, prod may not."""
    both = replace(FAILURE, failing=("dev", "prod"))
    verdict, failures, _ = judged(waiver(environments=("dev",)), results=[both])
    assert verdict == "fail"
    assert failures == ["it waives nothing: there is no such finding in dev now"]


def test_waivers_of_each_environment_together_cover_both():
    """Two environments may have two reasons."""
    both = replace(FAILURE, failing=("dev", "prod"))
    each = [waiver(environments=(name,), reason=name) for name in both.failing]
    verdict, failures, used = judged(*each, results=[both])
    assert (verdict, failures, used) == ("waived", [], set(each))


def test_pass_needs_no_waiver():
    """A waiver of what passes is unused."""
    verdict, failures, _ = judged(waiver(), results=[replace(FAILURE, verdict=Verdict.PASS)])
    assert verdict == "pass"
    assert "it waives nothing" in failures[0]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, []),
        ({"rule": "changes.keeps_dat"}, ["no rule is called changes.keeps_dat"]),
        ({"expires": TODAY - timedelta(days=1)}, ["it expired on 2026-11-21"]),
    ],
)
def test_waiver_about_a_change_is_judged_but_for_its_use(changes, says):
    """Whether it waives anything shows only where there is a change."""
    one = waiver(**{"rule": "changes.keeps_data"} | changes)
    names = ["changes.keeps_data"]
    _, used, findings = apply_waivers(register(one), [FAILURE], [SECURITY.id], TODAY, names)
    assert used == set()
    assert [f.message for f in findings if f.verdict is Verdict.FAIL] == says


@pytest.mark.parametrize("days", [0, 14])
def test_waiver_that_ends_soon_is_announced(days):
    """Its owner is told two weeks before."""
    ends = TODAY + timedelta(days=days)
    said = list(ending_soon(register(waiver(expires=ends)), TODAY))
    assert len(said) == 1
    assert f"expires on {ends}: platform should" in said[0]


@pytest.mark.parametrize("days", [-1, 15])
def test_other_waivers_are_not_announced(days):
    """Not earlier; and what has expired fails instead."""
    ends = TODAY + timedelta(days=days)
    assert not list(ending_soon(register(waiver(expires=ends)), TODAY))


def test_register_is_read(tmp_path):
    """A well-formed entry is a waiver for each of its addresses."""
    found = written(tmp_path, ENTRY.replace("files]", "files, module.store.aws_s3_bucket.more]"))
    assert found.faults == ()
    assert found.waivers == (waiver(), waiver(address="module.store.aws_s3_bucket.more"))
    assert found.waivers[0].expires == date(2027, 2, 20)


@pytest.mark.parametrize("fault", FAULTS)
def test_faulty_entry_is_a_failure_and_no_waiver(tmp_path, fault):
    """What is not exact, explained, owned and short is named, and waives nothing."""
    old, new, says = FAULTS[fault]
    assert old in ENTRY
    found = written(tmp_path, ENTRY.replace(old, new))
    assert found.waivers == ()
    assert [finding.verdict for finding in found.faults] == [Verdict.FAIL]
    assert says in found.faults[0].message
    assert "entry 1" in found.faults[0].address


def test_entry_that_is_no_mapping_is_a_failure(tmp_path):
    """A bare rule is no waiver."""
    found = written(tmp_path, "waivers: [CKV_AWS_1]")
    assert found.waivers == ()
    assert "is not a mapping" in found.faults[0].message


@pytest.mark.parametrize("text", ["", "waivers:", "- rule: x", "waivers: {", "waivers: 1"])
def test_file_that_is_no_register_is_an_error(tmp_path, text):
    """An empty or broken register must not pass for one without waivers."""
    with pytest.raises(ToolError, match=r"waivers\.yaml: (cannot be read|must hold)"):
        written(tmp_path, text)


def test_missing_register_waives_nothing(tmp_path):
    """Without the file, there are no waivers."""
    assert read_register(tmp_path).waivers == ()
