"""The last screen tells what is wrong, worst first, each thing once, within a terminal's height."""

from __future__ import annotations

from typing import Any

import pytest
from rich.text import Text

from tests.engine.report.kit import BAD, DOCUMENTS, ERROR, fresh
from verification.engine.report.screen import Size, counts, notes, problems, rows

SIZE = Size(120, 30)
ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/users"


def lines(document: dict[str, Any], size: Size = SIZE, whole: bool = False) -> list[str]:
    """What the screen says is wrong."""
    return [line.plain for line in problems(document, size, whole)]


def whole(document: dict[str, Any]) -> str:
    """The same as if the lines were never wrapped."""
    return " ".join(" ".join(lines(document)).split())


def failing(document: dict[str, Any], count: int, **fields: str) -> None:
    """Let so many more findings of a criterion fail."""
    cell = document["criteria"][1]["rungs"]["plan"]["evidence"][0]
    bad = cell["findings"][1]
    cell["findings"] += [bad | {"message": f"problem {n}"} | fields for n in range(count)]


def test_worst_comes_first() -> None:
    """Each problem has its verdict, criterion, rung, environment, place, words and remedy."""
    told = [line for line in lines(DOCUMENTS["failed"]) if not line.startswith(" ")]
    assert [line.split(":")[0] for line in told] == ["✗ fail", "! error", "not run", "? unknown"]
    text = whole(DOCUMENTS["failed"])
    assert (
        f"encryption (plan; dev): {BAD.source}: {BAD.address}: {BAD.message}. {BAD.remedy}" in text
    )
    assert f"! error: encryption (sandbox; dev): {ERROR}" in text


def test_same_finding_is_told_once() -> None:
    """What several rungs and environments find is one paragraph, with the place in the source."""
    document = fresh("failed")
    tests = document["criteria"][1]["rungs"]
    bad = tests["plan"]["evidence"][0]
    tests["plan"]["evidence"].append(bad | {"environment": "prod"})
    for environment in ("dev", "prod"):
        found = bad["findings"][1] | {"address": f"{ARN}-{environment}", "source": ""}
        seen = bad | {"environment": environment, "findings": [found]}
        tests["sandbox"]["evidence"].append(seen)
    text = whole(document)
    assert text.count(BAD.message) == 1
    assert f"encryption (plan, sandbox; dev, prod): {BAD.source}: {BAD.address}: " in text
    assert ARN not in text


def test_things_without_a_place_are_named() -> None:
    """Where nothing has a place in the source, the first are named and the rest is counted."""
    document = fresh("failed")
    found = document["criteria"][1]["rungs"]["plan"]["evidence"][0]["findings"]
    found[1:] = [found[1] | {"address": f"{ARN}{n}", "source": ""} for n in range(4)]
    assert f"{ARN}0, {ARN}1 and 2 more: " in whole(document)


def test_every_criterion_has_its_turn() -> None:
    """One criterion's many findings do not hide another's."""
    document = fresh("failed")
    failing(document, 50)
    rung = document["criteria"][3]["rungs"]["policy"]["evidence"][0]
    rung["findings"][0].update(verdict="fail", message="the other one")
    assert "security-rules" in lines(document)[2] + lines(document)[3]


@pytest.mark.parametrize("count", [0, 1, 5, 500])
@pytest.mark.parametrize("height", [24, 30, 60])
def test_screen_is_not_too_long(count: int, height: int) -> None:
    """However much is wrong, it fits; what does not fit is counted."""
    document = fresh("failed")
    failing(document, count)
    told = lines(document, Size(120, height))
    # Beside the report's line, pytest's and the verdict's up to three.
    assert len(told) + len(list(rows(document))) <= height - 5
    shown = [line for line in told if line[:1] not in " 0123456789"]
    hidden = int(told[-1].split()[0]) if told[-1].endswith("more in report.html") else 0
    assert len(shown) + hidden == 4 + count
    assert len(shown) <= 15


def test_with_v_everything_is_told() -> None:
    """Nothing is cut where somebody wants it whole."""
    document = fresh("failed")
    failing(document, 60)
    failing(document, 1, message="word " * 500)
    told = lines(document, whole=True)
    assert len([line for line in told if not line.startswith(" ")]) == 65
    assert " ".join(told).count("word") == 500


def test_long_message_leaves_room_for_the_remedy() -> None:
    """A long message is cut; its remedy is not."""
    document = fresh("failed")
    document["criteria"][1]["rungs"]["plan"]["evidence"][0]["findings"][1]["message"] = "x y " * 900
    told = lines(document)
    assert BAD.remedy in " ".join(told[:5])
    assert "…" in " ".join(told[:5])


def test_error_counts_its_tests() -> None:
    """What kept nine tests from judging is one paragraph that says so."""
    document = fresh("failed")
    document["criteria"][1]["rungs"]["sandbox"]["evidence"] *= 9
    text = whole(document)
    assert text.count(ERROR) == 1
    assert f"{ERROR} 9 tests could not judge for it." in text


def test_rows_are_of_what_is_wrong() -> None:
    """The matrix of a red run has the criteria that something is wrong with, the worst first."""
    table = [line.plain.split() for line in rows(DOCUMENTS["failed"])]
    assert table[0] == ["static", "plan", "policy", "sandbox", "smoke"]
    assert [row[0] for row in table[1:]] == ["encryption", "monitoring"]
    assert table[1][1:] == ["✗", "fail", "2", "not", "run", "!", "error"]
    assert list(rows(DOCUMENTS["passed"])) == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_text_of_strangers_stays_text(name: str) -> None:
    """No line holds a line break or a control character."""
    for line in [*problems(DOCUMENTS[name], SIZE), *rows(DOCUMENTS[name])]:
        assert isinstance(line, Text)
        assert line.plain.isprintable()


def test_what_a_terminal_would_obey_is_left_out() -> None:
    """Colours, bells and line breaks of a message are not printed; rich's markup is but text."""
    document = fresh("failed")
    failing(document, 1, message="\x1b[31mred\x07 [bold]not[/bold]\nnext")
    assert "[31mred [bold]not[/bold] next." in whole(document)


def test_counts() -> None:
    """A good run says how many criteria hold where, and how much was examined."""
    good = "3 of 3 criteria hold on plan, sandbox; 10 things were examined."
    assert counts(DOCUMENTS["passed"]) == good
    assert counts(DOCUMENTS["failed"]).startswith("2 of 4 criteria hold on static, ")


def test_notes_are_a_line_each() -> None:
    """A note's first line is told; where that is wanted it is cut, and many are counted."""
    document = fresh("failed")
    assert list(notes(document)) == ["Note: A note.", "Note: A smaller policy is enough:"]
    document["notes"] = [f"note {n} " + "x" * 200 for n in range(5)]
    assert list(notes(document)) == [f"Note: {note}" for note in document["notes"]]
    told = list(notes(document, 80, most=3))
    assert [len(line) for line in told] == [80, 80, len("3 more notes are in report.html.")]
    assert told[2] == "3 more notes are in report.html."
