"""The last screen tells what is wrong, worst first, each thing once, within a terminal's height."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from rich.text import Text

from tests.engine.report import kit
from tests.engine.report.kit import BAD, ERROR, FAILED, PASSED, evidence, failing, red, report
from verification.engine.report.report import Report
from verification.engine.report.screen import counts, notes, problems, rows
from verification.engine.report.terminal import matrix
from verification.model.verdict import Verdict

SIZE = os.terminal_size((120, 30))
ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/users"
CELLS = {
    "fail": "✗ fail 2",
    "error": "! error 2",
    "unknown": "? unknown 2",
    "waived": "~ waived 2",
    "pass": "✓ 2",
}


def lines(found: Report, size: os.terminal_size = SIZE, whole: bool = False) -> list[str]:
    """What the screen says is wrong."""
    return [line.plain for line in problems(found, size, whole)]


def whole(found: Report) -> str:
    """The same as if the lines were never wrapped."""
    return " ".join(" ".join(lines(found)).split())


def table(found: Report) -> dict[str, list[str]]:
    """The cells of each row of the matrix, by its first."""
    columns = matrix(found).columns
    rows = zip(*([column.header, *column.cells] for column in columns), strict=True)
    return {str(first): [str(cell) for cell in cells] for first, *cells in rows}


def test_worst_comes_first() -> None:
    """Each problem has its verdict, criterion, rung, environment, place, words and remedy."""
    told = [line for line in lines(FAILED) if not line.startswith(" ")]
    assert [line.split(":")[0] for line in told] == ["✗ fail", "! error", "not run", "? unknown"]
    text = whole(FAILED)
    assert (
        f"encryption (plan; dev): {BAD.source}: {BAD.address}: {BAD.message}. {BAD.remedy}" in text
    )
    assert f"! error: encryption (sandbox; dev): {ERROR}" in text


def test_same_finding_is_told_once() -> None:
    """What several rungs and environments find is one paragraph, with the place in the source."""
    live = [replace(BAD, address=f"{ARN}-{name}", source="") for name in ("dev", "prod")]
    more = [
        evidence("encryption", "plan", BAD, environment="prod"),
        evidence("encryption", "sandbox", live[0]),
        evidence("encryption", "sandbox", live[1], environment="prod"),
    ]
    text = whole(red(*more))
    assert text.count(BAD.message) == 1
    assert f"encryption (plan, sandbox; dev, prod): {BAD.source}: {BAD.address}: " in text
    assert ARN not in text


def test_things_without_a_place_are_named() -> None:
    """Where nothing has a place in the source, the first are named and the rest is counted."""
    found = [replace(BAD, address=f"{ARN}{n}", source="") for n in range(4)]
    assert f"{ARN}0, {ARN}1 and 2 more: " in whole(report(evidence("encryption", "plan", *found)))


def test_every_criterion_has_its_turn() -> None:
    """One criterion's many findings do not hide another's."""
    other = evidence("security-rules", "policy", replace(BAD, message="the other one"))
    told = lines(red(failing(50), other))
    assert "security-rules" in told[2] + told[3]


@pytest.mark.parametrize("count", [0, 1, 5, 500])
@pytest.mark.parametrize("height", [24, 30, 60])
def test_screen_is_not_too_long(count: int, height: int) -> None:
    """However much is wrong, it fits; what does not fit is counted."""
    found = red(failing(count))
    told = lines(found, os.terminal_size((120, height)))
    # Beside the report's line, pytest's and the verdict's up to three.
    assert len(told) + len(list(rows(found))) <= height - 5
    shown = [line for line in told if line[:1] not in " 0123456789"]
    hidden = int(told[-1].split()[0]) if told[-1].endswith("more in report.html") else 0
    assert len(shown) + hidden == 4 + count
    assert len(shown) <= 15


def test_with_v_everything_is_told() -> None:
    """Nothing is cut where somebody wants it whole."""
    told = lines(red(failing(60), failing(1, message="word " * 500)), whole=True)
    assert len([line for line in told if not line.startswith(" ")]) == 65
    assert " ".join(told).count("word") == 500


def test_long_message_leaves_room_for_the_remedy() -> None:
    """A long message is cut; its remedy is not."""
    told = lines(report(failing(1, message="x y " * 900)))
    assert BAD.remedy in " ".join(told[:5])
    assert "…" in " ".join(told[:5])


def test_error_counts_its_tests() -> None:
    """What kept nine tests from judging is one paragraph that says so."""
    text = whole(red(*[evidence("encryption", "sandbox", error=ERROR)] * 8))
    assert text.count(ERROR) == 1
    assert f"{ERROR} It blocked 9 tests." in text


def test_rows_are_of_what_is_wrong() -> None:
    """The matrix of a red run has the criteria that something is wrong with, the worst first."""
    shown = [line.plain.split() for line in rows(FAILED)]
    assert shown[0] == ["static", "plan", "policy", "sandbox", "smoke"]
    assert [row[0] for row in shown[1:]] == ["encryption", "monitoring"]
    assert shown[1][1:] == ["✗", "fail", "2", "not", "run", "!", "error"]
    assert list(rows(PASSED)) == []


@pytest.mark.parametrize("verdict", CELLS)
def test_cell_says_verdict_and_number(verdict: str) -> None:
    """A cell shows its verdict in a sign and a word, and how many things examined."""
    found = evidence("encryption", "plan", kit.GOOD, kit.GOOD)
    found = replace(found, verdict=Verdict(verdict))
    assert table(report(found))["encryption"][1] == CELLS[verdict]


def test_what_did_not_run_does_not_look_proven() -> None:
    """No cell without evidence shows the sign of a pass; none shows a rung that is not required."""
    shown = table(report())
    assert shown["encryption"] == ["", "not run", "not run", "not run", ""]
    assert shown["monitoring"][-1] == "not yet verified"
    assert not any("✓" in cell for row in shown.values() for cell in row)


def test_only_rungs_that_were_asked_for_are_shown() -> None:
    """A run of one rung shows that rung, and the criteria that it is to prove."""
    shown = table(report(asked=("policy", "rehearse")))
    assert shown == {
        "criterion": ["policy"],
        "encryption": ["not run"],
        "security-rules": ["not run"],
    }


@pytest.mark.parametrize("name", kit.REPORTS)
def test_text_of_strangers_stays_text(name: str) -> None:
    """No line holds a line break or a control character."""
    for line in [*problems(kit.REPORTS[name], SIZE), *rows(kit.REPORTS[name])]:
        assert isinstance(line, Text)
        assert line.plain.isprintable()


def test_what_a_terminal_would_obey_is_left_out() -> None:
    """Colours, bells and line breaks of a message are not printed; rich's markup is but text."""
    found = red(failing(1, message="\x1b[31mred\x07 [bold]not[/bold]\nnext"))
    assert "[31mred [bold]not[/bold] next." in whole(found)


def test_counts() -> None:
    """A good run says how many criteria are proven where, and how much was examined."""
    good = "3 of 3 criteria proven on plan, sandbox; 10 things examined."
    assert counts(PASSED) == good
    assert counts(FAILED).startswith("2 of 4 criteria proven on static, ")


def test_notes_are_a_line_each() -> None:
    """A note's first line is told; where that is wanted it is cut, and many are counted."""
    assert list(notes(FAILED)) == ["Note: A note.", "Note: A smaller policy is enough:"]
    found = replace(FAILED, notes=tuple(f"note {n} " + "x" * 200 for n in range(5)))
    assert list(notes(found)) == [f"Note: {note}" for note in found.notes]
    told = list(notes(found, 80, most=3))
    assert [len(line) for line in told] == [80, 80, len("3 more notes are in report.html.")]
    assert told[2] == "3 more notes are in report.html."
