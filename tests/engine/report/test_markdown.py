"""summary.md as GitHub shows it: true tables, and no text that becomes markup."""

from __future__ import annotations

from dataclasses import replace

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.engine.checkov.kit import BUCKET, SECURITY
from tests.engine.report import kit
from tests.engine.report.kit import BAD, ERROR, FAILED, PASSED, evidence, failing, red, report
from verification.engine.report.markdown import summarise
from verification.engine.report.report import Report

PARSER = MarkdownIt("commonmark").enable("table")


def text(token: Token) -> str:
    """What a reader sees of an inline token."""
    parts = token.children or ()
    assert {part.type for part in parts} <= {"text", "text_special", "html_inline"}
    assert {part.content for part in parts if part.type == "html_inline"} <= {"<br>"}
    return "".join("\n" if part.type == "html_inline" else part.content for part in parts)


def read(found: Report) -> tuple[list[str], list[list[list[str]]]]:
    """The lines outside of tables, and each table as rows of cells."""
    lines: list[str] = []
    tables: list[list[list[str]]] = []
    place: list[list[list[str]]] = []
    for token in PARSER.parse(summarise(found)):
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


@pytest.mark.parametrize("name", kit.REPORTS)
def test_tables_are_tables(name: str) -> None:
    """Every row has as many cells as its head."""
    _, tables = read(kit.REPORTS[name])
    assert tables
    assert all(len(row) == len(table[0]) for table in tables for row in table)


def test_summary_of_a_failure() -> None:
    """Verdict, circumstances, what is wrong with its remedy, matrix, policies, notes: in order."""
    lines, (problems, matrix, policies, decisions, waivers) = read(FAILED)
    assert lines == [
        FAILED.verdict,
        "Commit ee8f0f35581e and uncommitted changes, target embedded 123456789012 us-east-1, "
        "117 s.",
        "Problems",
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
    finding = f"{SECURITY.id}\n{BUCKET}"
    ground = "contract: environments.dev.https = false"
    assert decisions[:2] == [
        ["Finding", "Basis", "Owner", "Reviewed"],
        [f"{finding}\n{BUCKET}_2", ground, "platform", "2026-11-22"],
    ]
    assert waivers[:2] == [
        ["Finding", "Expires", "Owner", "Reviewed"],
        [finding, "2027-02-20", "platform", "2026-11-22"],
    ]


def test_summary_of_a_pass_is_short() -> None:
    """Without problems and policies there is the verdict and the matrix."""
    lines, tables = read(PASSED)
    assert lines[0] == PASSED.verdict
    assert lines[2:] == ["Criteria by rung"]
    assert len(tables) == 1


def test_hostile_text_stays_text() -> None:
    """What a message holds is shown as it is: no cell more, no markup."""
    _, (problems, *_) = read(kit.HOSTILE)
    shown = "\n".join(line.strip() for line in (BAD.message + kit.MARKUP).splitlines())
    assert problems[1][2] == shown


def test_code_of_a_note_stays_within_its_fence() -> None:
    """Backticks in a note's code end nothing."""
    code = "a\n```\n</details> | **b**\n````"
    lines, _ = read(replace(PASSED, notes=(f"Look:\n{code}",)))
    assert lines[-2:] == ["Note: Look:", f"{code}\n"]


def test_same_problem_is_told_once() -> None:
    """An error that stops many tests is one row, which says where it shows."""
    rungs = ("static", "plan", "plan", "smoke")
    _, (problems, *_) = read(report(*(evidence("monitoring", r, error=ERROR) for r in rungs)))
    assert problems[1][2:] == [
        ERROR,
        "",
        "monitoring static dev; monitoring plan dev; monitoring smoke dev (4 tests)",
    ]


def test_long_list_is_cut_and_says_so() -> None:
    """A summary stays within what GitHub shows; it says how much more there is."""
    many = red(failing(5000))
    lines, (problems, *_) = read(many)
    assert len(problems) == 51
    assert "4954 more are in report.html." in lines
    assert len(summarise(many)) < 1024 * 1024
