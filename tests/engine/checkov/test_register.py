"""An entry of the register that is not exact, explained and owned is named, and is no entry."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.engine.checkov.kit import decision, waiver
from verification.engine.checkov.register import Register, read_register, wanted
from verification.engine.errors import ToolError
from verification.model.policies import Ground
from verification.model.verdict import Verdict

WAIVER = """waivers:
  - rule: CKV_AWS_1
    addresses: [module.store.aws_s3_bucket.files]
    reason: It holds nothing.
    owner: platform
    reviewed: 2026-11-22
    expires: 2027-02-20
"""
DECISION = """decisions:
  - rule: CKV_AWS_1
    addresses: [module.store.aws_s3_bucket.files]
    reason: It is meant to be open.
    owner: platform
    rests_on:
      contract: environments.dev.https = false
    reviewed: 2026-11-22
"""
SECOND = """  - rule: CKV_AWS_2
    addresses: [module.store.aws_lb_listener.http]
    reason: It waits for a certificate.
    owner: platform
    reviewed: 2026-11-22
    expires: {}
"""
# What is changed in the entry, and what the finding must say.
OF_BOTH = {
    "empty owner": ("owner: platform", 'owner: " "', "has no owner"),
    "no owner": ("owner: platform", "", "has no owner"),
    "no reason": ("reason: It ", "# ", "has no reason"),
    "no review": ("reviewed: 2026-11-22", "", "no date in 'reviewed'"),
    "wildcard address": ("[module.store.aws_s3_bucket.files]", '["module.*"]', "is not exact"),
    "index": ("[module.store.aws_s3_bucket.files]", '["a.b[0]"]', "is not exact: 'a.b[0]'"),
    "wildcard rule": ("CKV_AWS_1", '"CKV_*"', "is not exact: 'CKV_*'"),
    "no address": ("[module.store.aws_s3_bucket.files]", "[]", "no list of strings in 'addresses'"),
    "address alone": (
        "[module.store.aws_s3_bucket.files]",
        "x",
        "no list of strings in 'addresses'",
    ),
    "no environment": ("owner:", "environments: []\n    owner:", "no list of strings in 'environ"),
    "misnamed field": ("owner:", "because: x\n    owner:", "has an unknown field 'because'"),
}
OF_WAIVERS = {
    "too long": ("2027-02-20", "2027-02-21", "more than 90 days after its review"),
    "no end": ("expires: 2027-02-20", "", "no date in 'expires'"),
    "date and time": ("2027-02-20", "2027-02-20 10:00:00", "no date in 'expires'"),
    "a ground": ("owner:", "rests_on: {plan: x}\n    owner:", "has an unknown field 'rests_on'"),
}
RESTS = "      contract: environments.dev.https = false"
OF_DECISIONS = {
    "an end": ("owner:", "expires: 2027-02-20\n    owner:", "has an unknown field 'expires'"),
    "no ground": (f"    rests_on:\n{RESTS}", "", "has no basis"),
    "another ground": (RESTS, "      custom: always so", "has no basis"),
    "two grounds": (RESTS, f"{RESTS}\n      plan: Objectives", "has no basis"),
    "empty ground": (RESTS, '      plan: " "', "has no string in rests_on, plan"),
    "no value": (RESTS, "      contract: environments.dev.https", "not a field with its value"),
    "two fields": (RESTS, '      contract: "a = 1\\nb = 2"', "not a field with its value"),
    "a table": (RESTS, '      contract: "[environments.dev]"', "not a field with its value"),
}


def written(folder: Path, text: str) -> Register:
    """Read a register whose file has this text."""
    name = text.partition(":")[0] if text.startswith(("waivers:", "decisions:")) else "waivers"
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return read_register(folder)


def fault_of(folder: Path, text: str, change: tuple[str, str, str]) -> tuple[str, list[str]]:
    """What is said against the only entry of a file, in which a text is changed."""
    old, new, says = change
    assert old in text
    found = written(folder, text.replace(old, new))
    assert found.entries == ()
    assert {finding.verdict for finding in found.faults} == {Verdict.FAIL}
    assert {finding.address.partition(", ")[2] for finding in found.faults} == {"entry 1"}
    return says, [finding.message for finding in found.faults]


def test_waivers_are_read(tmp_path: Path) -> None:
    """A well-formed entry is a waiver for each of its addresses."""
    found = written(tmp_path, WAIVER.replace("files]", "files, module.store.aws_s3_bucket.more]"))
    assert found.faults == ()
    assert found.entries == (waiver(), waiver(address="module.store.aws_s3_bucket.more"))
    assert found.waivers[0].expires == date(2027, 2, 20)
    assert found.decisions == ()


def test_decisions_are_read(tmp_path: Path) -> None:
    """A well-formed entry is a decision for each of its addresses."""
    found = written(tmp_path, DECISION.replace("files]", "files, module.store.aws_s3_bucket.more]"))
    assert found.faults == ()
    assert found.entries == (decision(), decision(address="module.store.aws_s3_bucket.more"))
    assert found.waivers == ()


def test_both_files_are_read(tmp_path: Path) -> None:
    """Each says how many entries it has; a section of the plan is a ground, too."""
    written(tmp_path, WAIVER)
    found = written(tmp_path, DECISION.replace(RESTS, "      plan: Objectives / Zero  Downtime"))
    assert found.decisions[0].rests_on == Ground("plan", "Objectives / Zero Downtime")
    assert found.waivers == (waiver(),)
    names = (f"{tmp_path.name}/{name}.yaml" for name in ("decisions", "waivers"))
    assert found.counts == dict.fromkeys(names, 1)


@pytest.mark.parametrize("text", [WAIVER, DECISION], ids=["waiver", "decision"])
@pytest.mark.parametrize("change", OF_BOTH.values(), ids=OF_BOTH)
def test_faulty_entry_is_a_failure_and_no_entry(
    tmp_path: Path, text: str, change: tuple[str, str, str]
) -> None:
    """What is not exact, explained and owned is named, and lets nothing through."""
    says, messages = fault_of(tmp_path, text, change)
    assert any(says in message for message in messages)


@pytest.mark.parametrize("change", OF_WAIVERS.values(), ids=OF_WAIVERS)
def test_faulty_waiver_is_a_failure(tmp_path: Path, change: tuple[str, str, str]) -> None:
    """A waiver expires, and soon."""
    says, [message] = fault_of(tmp_path, WAIVER, change)
    assert says in message


@pytest.mark.parametrize("change", OF_DECISIONS.values(), ids=OF_DECISIONS)
def test_faulty_decision_is_a_failure(tmp_path: Path, change: tuple[str, str, str]) -> None:
    """A decision has no end, and exactly one ground."""
    says, [message] = fault_of(tmp_path, DECISION, change)
    assert says in message


def test_waivers_must_not_end_on_one_day(tmp_path: Path) -> None:
    """The later one is named and lets nothing through."""
    found = written(tmp_path, WAIVER + SECOND.format("2027-02-20"))
    assert [w.rule for w in found.waivers] == ["CKV_AWS_1"]
    [fault] = found.faults
    assert "entry 2" in fault.address
    assert fault.message == "expires on 2027-02-20, as does entry 1"


def test_waivers_end_on_days_of_their_own(tmp_path: Path) -> None:
    """The addresses of one entry are one waiver, and expire together."""
    many = WAIVER.replace("files]", "files, module.store.aws_s3_bucket.more]")
    found = written(tmp_path, many + SECOND.format("2027-02-19"))
    assert found.faults == ()
    assert len(found.waivers) == 3


def test_entry_that_is_no_mapping_is_a_failure(tmp_path: Path) -> None:
    """A bare rule is no waiver, and no decision."""
    for kind, field in (("waivers", "expires"), ("decisions", "rests_on")):
        found = written(tmp_path, f"{kind}: [CKV_AWS_1]")
        assert found.entries == ()
        assert any("is not a mapping" in fault.message for fault in found.faults)
        assert any(field in fault.remedy for fault in found.faults)


@pytest.mark.parametrize(
    "text",
    ["", "waivers:", "- rule: x", "waivers: {", "waivers: 1", "decisions:", "decisions: {a: b}"],
)
def test_file_that_is_no_register_is_an_error(tmp_path: Path, text: str) -> None:
    """An empty or broken register must not pass for one without entries."""
    with pytest.raises(ToolError, match=r"(waivers|decisions)\.yaml: (cannot be read|expected)"):
        written(tmp_path, text)


def test_missing_register_lets_nothing_through(tmp_path: Path) -> None:
    """Without the files, there are no entries."""
    assert read_register(tmp_path).entries == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.b = true", ("a.b", True)),
        ('a = ["x", "y"]', ("a", ["x", "y"])),
        ("a.b.c = 2.5", ("a.b.c", 2.5)),
        ("a.b", None),
        ("a = 1 b = 2", None),
        ("", None),
    ],
)
def test_field_and_value_are_read_as_toml(text: str, expected: tuple[str, object] | None) -> None:
    """As the contract itself writes them."""
    assert wanted(text) == expected
