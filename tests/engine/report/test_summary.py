"""summary.md as GitHub shows it: true tables, and no text that becomes markup."""

from __future__ import annotations

from typing import Any

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.engine.report.kit import BAD, DOCUMENTS, ERROR, HOSTILE, fresh
from tests.engine.report.test_html import FAILED
from verification.engine.report.markdown import summarise

PARSER = MarkdownIt("commonmark").enable("table")


def text(token: Token) -> str:
    """What a reader sees of an inline token."""
    assert {part.type for part in token.children} <= {"text", "text_special", "html_inline"}
    assert {part.content for part in token.children if part.type == "html_inline"} <= {"<br>"}
    return "".join("\n" if part.type == "html_inline" else part.content for part in token.children)


def read(document: dict[str, Any]) -> tuple[list[str], list[list[list[str]]]]:
    """The lines outside of tables, and each table as rows of cells."""
    lines: list[str] = []
    tables: list[list[list[str]]] = []
    place: list[list[list[str]]] = []
    for token in PARSER.parse(summarise(document)):
        if token.type == "table_open":
            tables.append([])
            place = tables[-1:]
        elif token.type == "table_close":
            place = []
        elif token.type == "tr_open":
            tables[-1].append([])
        elif token.type == "fence":
            lines.append(token.content)
        elif token.type == "inline":
            (tables[-1][-1] if place else lines).append(text(token))
    return lines, tables


@pytest.mark.parametrize("name", DOCUMENTS)
def test_tables_are_tables(name: str) -> None:
    """Every row has as many cells as its head."""
    _, tables = read(DOCUMENTS[name])
    assert tables
    assert all(len(row) == len(table[0]) for table in tables for row in table)


def test_summary_of_a_failure() -> None:
    """Verdict, circumstances, what is wrong with its remedy, matrix, policies, notes: in order."""
    lines, (problems, matrix, policies, decisions, waivers) = read(DOCUMENTS["failed"])
    assert lines == [
        FAILED,
        "Commit ee8f0f35581e and uncommitted changes, target embedded 123456789012 us-east-1, "
        "117 s.",
        "What fails or is open",
        "Criteria by rung",
        "Policies",
        "2 rules examined 3 resources.",
        "Decisions: 3, for 4 findings; 3 in use.",
        "Waivers: 3, for 3 findings; 2 in use.",
        "Note: A note.",
        "Note: A smaller policy is enough:",
        '{\n  "Action": ["dynamodb:GetItem"]\n}\n',
    ]
    where = f"{BAD.address} {BAD.source}"
    assert problems[1] == ["✗ fail", where, BAD.message, BAD.remedy, "encryption plan dev"]
    assert problems[2] == ["! error", "", ERROR, "", "encryption sandbox dev"]
    assert [row[0] for row in problems[1:]] == ["✗ fail", "! error", "not run", "? unknown"]
    assert problems[3][1:] == ["encryption.hold", "was not collected", "", "encryption policy"]
    assert matrix == [
        ["Criterion", "static", "plan", "policy", "sandbox", "smoke"],
        ["tables-created", "", "? unknown 2", "", "✓ 1", ""],
        ["encryption", "", "✗ fail 2", "not run", "! error", ""],
        ["monitoring", "✓ 1", "? unknown 1", "", "", "not yet verified"],
        ["security-rules", "", "", "~ waived 2", "", ""],
    ]
    assert policies[0] == ["Severity", "fail", "unknown", "waived", "decided", "pass"]
    assert policies[2] == ["high", "1", "0", "0", "0", "0"]
    ground = "contract: environments.dev.https = false"
    finding = f"CKV_AWS_119\n{BAD.address}\n{BAD.address}_2"
    assert decisions[:2] == [
        ["Finding", "Rests on", "Owner", "Reviewed"],
        [finding, ground, "platform", "2026-10-20"],
    ]
    assert waivers[:2] == [
        ["Finding", "Expires", "Owner", "Reviewed"],
        [f"CKV_AWS_119\n{BAD.address}", "2027-01-01", "platform", "2026-10-20"],
    ]


def test_summary_of_a_pass_is_short() -> None:
    """Without problems and policies there is the verdict and the matrix."""
    lines, tables = read(DOCUMENTS["passed"])
    assert lines[0] == "Everything that was asked for is proven. (exit code 0)"
    assert lines[2:] == ["Criteria by rung"]
    assert len(tables) == 1


def test_hostile_text_stays_text() -> None:
    """What a message holds is shown as it is: no cell more, no markup."""
    _, (problems, *_) = read(DOCUMENTS["hostile"])
    shown = "\n".join(line.strip() for line in (BAD.message + HOSTILE).splitlines())
    assert problems[1][2] == shown


def test_code_of_a_note_stays_within_its_fence() -> None:
    """Backticks in a note's code end nothing."""
    code = "a\n```\n</details> | **b**\n````"
    lines, _ = read(fresh("passed") | {"notes": [f"Look:\n{code}"]})
    assert lines[-2:] == ["Note: Look:", f"{code}\n"]


def test_same_problem_is_told_once() -> None:
    """An error that stops many tests is one row, which says where it shows."""
    document = fresh("failed")
    for criterion in document["criteria"]:
        for cell in criterion["rungs"].values():
            cell["missing"] = []
            for evidence in cell["evidence"]:
                evidence.update(verdict="error", error=ERROR, findings=[])
    _, (problems, *_) = read(document)
    assert len(problems) == 2
    assert problems[1][4].count(";") == 6
    assert problems[1][4].endswith(" (7 tests)")


def test_long_list_is_cut_and_says_so() -> None:
    """A summary stays within what GitHub shows; it says how much more there is."""
    document = fresh("failed")
    findings = document["criteria"][1]["rungs"]["plan"]["evidence"][0]["findings"]
    findings += [findings[1] | {"message": f"problem {number}"} for number in range(5000)]
    lines, (problems, *_) = read(document)
    assert len(problems) == 51
    assert "4954 more are in report.html." in lines
    assert len(summarise(document)) < 1024 * 1024
