"""report.html as a text: valid, complete, and in the order in which people need it."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest
from pytidyhtml5 import tidy_document

from tests.engine.checkov.kit import BUCKET
from tests.engine.report.kit import BAD, ERROR, FAILED, HOSTILE, PASSED, REPORTS, evidence, red
from verification.engine.report.html import render
from verification.engine.report.report import Report
from verification.model.policies import STANDINGS

each = pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)


def loose(page: str) -> set[str]:
    """The links within a page that lead nowhere; no two places have one name."""
    links, names = set(re.findall(r'href="#([^"]+)"', page)), re.findall(r' id="([^"]+)"', page)
    assert len(links) > 5
    assert len(names) == len(set(names))
    return links - set(names)


def complaints(page: str) -> list[str]:
    """What HTML Tidy says of a page."""
    _, said = tidy_document(page.encode(), input_encoding="utf8")
    return [line for line in said.splitlines() if line.strip()]


def section(name: str, report: Report = FAILED) -> str:
    """A section of a page."""
    return render(report).split(f'<section id="{name}">')[1].split("</section>")[0]


@each
def test_page_is_valid(report: Report) -> None:
    """HTML Tidy has nothing to say."""
    assert complaints(render(report)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("</main>", "</span></main>"),
        ("<section id=", "<section wrong='1' id="),
        ('<th scope="col">Step', '<th scope="cool">Step'),
        ('id="evidence"', 'id="matrix"'),
        ("<h1>", "<h1><div></div>"),
    ],
)
def test_tidy_would_tell(old: str, new: str) -> None:
    """A page that is not valid is noticed: the test above looks."""
    page = render(FAILED)
    assert old in page
    assert complaints(page.replace(old, new))


@each
def test_links_lead_somewhere(report: Report) -> None:
    """Each link within the page has its place, and each place a name of its own."""
    assert loose(render(report)) == set()


def test_loose_link_would_tell() -> None:
    """A link that leads nowhere is noticed."""
    page = render(FAILED).replace('id="encryption.plan"', 'id="encryption.plain"')
    assert loose(page) == {"encryption.plan"}


@each
def test_verdict_stands_on_top(report: Report) -> None:
    """The first heading is the run's verdict; its circumstances follow."""
    head, rest = render(report).split("</h1>")[:2]
    assert unescape(head).endswith(report.verdict)
    facts = rest.split("</dl>")[0]
    commit = "<code>ee8f0f35581e</code> and uncommitted changes"
    assert (commit if report.facts.commit else "none") in facts
    assert "22 November 2026, 16:45:56 UTC" in facts
    assert "1 min 57 s" in facts
    assert "embedded AWS, account 123456789012, us-east-1" in facts


def test_failures_come_first_and_open() -> None:
    """The worst criterion stands first; its rung is open; what passes is folded."""
    page = render(FAILED)
    order = re.findall(r'<section id="([a-z-]+)" class="criterion">', page)
    assert order == ["encryption", "monitoring", "tables-created", "security-rules"]
    cells = dict(re.findall(r'<details id="([a-z.-]+)" class="cell"( open)?>', page))
    assert cells["encryption.plan"] == cells["encryption.sandbox"] == " open"
    assert cells["monitoring.plan"] == cells["monitoring.smoke"] == " open"
    assert cells["monitoring.static"] == cells["security-rules.policy"] == ""
    assert cells["encryption.policy"] == " open"


def test_problems_can_be_acted_upon() -> None:
    """What fails is told with its place, message and remedy, before the matrix."""
    problems = section("problems")
    for text in (BAD.address, BAD.source, "expected &#39;expires_at&#39;", BAD.remedy, ERROR):
        assert text in problems
    assert "security-rules" not in problems


def test_error_of_many_tests_is_told_once_and_counted() -> None:
    """What kept several tests from judging stands once among the problems, with their number."""
    problems = section("problems", red(*[evidence("encryption", "sandbox", error=ERROR)] * 8))
    assert problems.count(ERROR) == 1
    assert "<p>It blocked 9 tests.</p>" in problems
    assert "It blocked" not in render(FAILED)


def test_passed_run_has_no_problems() -> None:
    """A run in which all is proven shows no list of problems, and no link to it."""
    assert "problems" not in render(PASSED).split("</style>")[1]


def test_hostile_text_stays_text() -> None:
    """No message becomes markup: not in text, not in an attribute."""
    page = render(HOSTILE).split("</style>")[1]
    assert "&lt;script&gt;window.hacked" in page
    assert not re.search(r"<(script|img)|href=\"(javascript|data)", page.replace("&lt;", ""))
    assert "{{ 7 * 7 }}" in page


def test_policies_are_counted_and_listed() -> None:
    """The section says how much was examined, by severity and verdict, and what is waived."""
    found = section("policies")
    assert "2 rules examined 3 resources." in found
    rows = dict(re.findall(r'<tr><th scope="row">(\w+)</th>(.*)</tr>', found))
    numbers = {name: re.findall(r">(\d+)<", row) for name, row in rows.items()}
    assert list(numbers) == ["critical", "high", "medium", "low", "unrated"]
    assert dict(zip(STANDINGS, numbers["unrated"], strict=True)) == {
        "fail": "0",
        "unknown": "0",
        "waived": "1",
        "decided": "1",
        "pass": "1",
    }
    assert numbers["high"] == ["1", "0", "0", "0", "0"]


def rows_of(heading: str) -> list[str]:
    """The rows of a kind of entries, without the table's head."""
    table = section("policies").split(f"<h3>{heading}")[1].split("</table>")[0]
    return table.split("<tr>")[2:]


def marks(rows: list[str]) -> list[list[str]]:
    """What is marked in each of some rows."""
    all_of_them = ("unused", "expired", "review overdue")
    return [[mark for mark in all_of_them if mark in row] for row in rows]


def test_waivers_say_why_who_and_how_long() -> None:
    """Each waiver has its reason, owner and end; one that is unused or over is marked."""
    rows = rows_of("Waivers: 3")
    assert marks(rows) == [[], ["unused"], ["expired"]]
    said = ("It holds nothing.", "platform, reviewed 2026-11-22")
    assert all(text in row for row in rows for text in said)


def test_decisions_say_why_who_and_on_what() -> None:
    """Each decision has its reason, owner, ground and last review, and all of its addresses."""
    rows = rows_of("Decisions: 3")
    assert marks(rows) == [[], ["unused"], ["review overdue"]]
    said = ("meant to be open.", "platform, basis: contract: environments.dev.https = false")
    assert all(text in row for row in rows for text in said)
    assert ["2026-11-22" in row for row in rows] == [True, True, False]
    assert [row.count(BUCKET) for row in rows] == [2, 1, 1]
    assert ["in dev" in row for row in rows] == [False, True, False]


def test_results_say_what_lets_them_through() -> None:
    """The decided ones and the waived ones are apart."""
    waived = section("policies").split('id="policies.waived"')[1].split("</details>")[0]
    decided = section("policies").split('id="policies.decided"')[1].split("</details>")[0]
    assert "Waived until 2027-02-20" in waived
    assert "<strong>Decided</strong> by platform (contract: environments.dev.https" in decided
    assert "Decided" not in waived


@pytest.mark.parametrize(("asked", "said"), [(True, "did not finish"), (False, "not selected")])
def test_absence_of_policies_is_told(asked: bool, said: str) -> None:
    """Without policies the section says why."""
    report = replace(FAILED if asked else PASSED, policies=None)
    assert said in section("policies", report)


def test_steps_are_drawn_to_scale() -> None:
    """A bar begins where its step began and is as long; together they fill the width."""
    drawn = re.findall(r'<rect x="([\d.]+)" width="([\d.]+)"', render(FAILED))
    assert [(float(x), float(width)) for x, width in drawn] == [
        (0.0, 7.69),
        (1.78, 75.98),
        (77.75, 22.25),
    ]
