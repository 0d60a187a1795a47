"""report.html as a text: valid, complete, and in the order in which people need it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pytidyhtml5 import tidy_document

from tests.engine.report.kit import BAD, DOCUMENTS, ERROR, fresh
from tests.engine.report.test_document import SCHEMA
from verification.engine.report.html import SEVERITIES, STANDINGS, render
from verification.engine.report.view import problems

FAILED = (
    "Failed: encryption. Error: terraform apply dev failed: Error: creating table: "
    "LimitExceededException. Not yet verified: monitoring. (exit code 1)"
)

each = pytest.mark.parametrize("name", DOCUMENTS)


class Anchors(HTMLParser):
    """What a page links to and what it names."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.names: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element's link and name."""
        found = dict(attrs)
        self.links += [str(found["href"])] if tag == "a" else []
        self.names += [str(found["id"])] if "id" in found else []

    def loose(self) -> set[str]:
        """The links within the page that lead nowhere."""
        inner = {link[1:] for link in self.links if link.startswith("#")}
        assert len(inner) > 5
        return inner - set(self.names)


def complaints(page: str) -> list[str]:
    """What HTML Tidy says of a page."""
    _, said = tidy_document(page.encode(), input_encoding="utf8")
    return [line for line in said.splitlines() if line.strip()]


@each
def test_documents_are_documents(name: str) -> None:
    """What the tests render keeps to the schema, as what a run writes does."""
    checker = Draft202012Validator.FORMAT_CHECKER
    document = DOCUMENTS[name]
    assert list(Draft202012Validator(SCHEMA, format_checker=checker).iter_errors(document)) == []


@each
def test_page_is_valid(name: str) -> None:
    """HTML Tidy has nothing to say."""
    assert complaints(render(DOCUMENTS[name])) == []


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
    page = render(DOCUMENTS["failed"])
    assert old in page
    assert complaints(page.replace(old, new))


@each
def test_links_lead_somewhere(name: str) -> None:
    """Each link within the page has its place, and each place a name of its own."""
    anchors = Anchors(render(DOCUMENTS[name]))
    assert anchors.loose() == set()
    assert len(anchors.names) == len(set(anchors.names))


def test_loose_link_would_tell() -> None:
    """A link that leads nowhere is noticed."""
    page = render(DOCUMENTS["failed"]).replace('id="encryption.plan"', 'id="encryption.plain"')
    assert Anchors(page).loose() == {"encryption.plan"}


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("passed", "Everything that was asked for is proven. (exit code 0)"),
        ("failed", FAILED),
        ("interrupted", "Interrupted. (exit code 2)"),
    ],
)
def test_verdict_stands_on_top(name: str, sentence: str) -> None:
    """The first heading is the run's verdict, in the terminal's words; its circumstances follow."""
    head, rest = render(DOCUMENTS[name]).split("</h1>")[:2]
    assert head.endswith(sentence)
    facts = rest.split("</dl>")[0]
    commit = "<code>ee8f0f35581e</code> and uncommitted changes"
    assert ("none" if name == "interrupted" else commit) in facts
    assert "22 November 2026, 16:45:56 UTC" in facts
    assert "1 min 57 s" in facts
    assert "embedded AWS, account 123456789012, us-east-1" in facts


def test_failures_come_first_and_open() -> None:
    """The worst criterion stands first; its rung is open; what passes is folded."""
    page = render(DOCUMENTS["failed"])
    order = re.findall(r'<section id="([a-z-]+)" class="criterion">', page)
    assert order == ["encryption", "monitoring", "tables-created", "security-rules"]
    cells = dict(re.findall(r'<details id="([a-z.-]+)" class="cell"( open)?>', page))
    assert cells["encryption.plan"] == cells["encryption.sandbox"] == " open"
    assert cells["monitoring.plan"] == cells["monitoring.smoke"] == " open"
    assert cells["monitoring.static"] == cells["security-rules.policy"] == ""
    assert cells["encryption.policy"] == " open"


def test_problems_can_be_acted_upon() -> None:
    """What fails is told with its place, message and remedy, before the matrix."""
    problems = (
        render(DOCUMENTS["failed"]).split('<section id="problems">')[1].split("</section>")[0]
    )
    for text in (BAD.address, BAD.source, "must be &#39;expires_at&#39;", BAD.remedy, ERROR):
        assert text in problems
    assert "security-rules" not in problems


def test_error_of_many_tests_is_told_once_and_counted() -> None:
    """What kept several tests from judging stands once among the problems, with their number."""
    document = fresh("failed")
    cell = document["criteria"][1]["rungs"]["sandbox"]
    cell["evidence"] *= 9
    problems = render(document).split('<section id="problems">')[1].split("</section>")[0]
    assert problems.count(ERROR) == 1
    assert "<p>9 tests could not judge for it.</p>" in problems
    assert "could not judge" not in render(DOCUMENTS["failed"])


def test_unknown_that_was_decided_is_no_problem() -> None:
    """What a later rung proved of the same check is open no longer; else it stays."""
    page = render(DOCUMENTS["failed"])
    problems = page.split('<section id="problems">')[1].split("</section>")[0]
    assert "monitoring, plan" in problems
    assert "tables-created, plan" not in problems


@pytest.mark.parametrize("decided", [True, False])
def test_unknown_policy_is_decided_by_its_criterion(decided: bool) -> None:
    """The results say whether a later rung decided it; no report decides that anew."""
    document = fresh("failed")
    rungs = document["criteria"][0]["rungs"]
    rungs["policy"] = rungs.pop("plan")
    rungs["policy"]["evidence"][0] |= {"check": "policy.CKV_FSP_1", "decided": decided}
    places = [place for problem in problems(document) for place in problem.places]
    assert (("tables-created", "policy", "dev") in places) != decided


def test_passed_run_has_no_problems() -> None:
    """A run in which all is proven shows no list of problems, and no link to it."""
    assert "problems" not in render(DOCUMENTS["passed"]).split("</style>")[1]


def test_hostile_text_stays_text() -> None:
    """No message becomes markup: not in text, not in an attribute."""
    page = render(DOCUMENTS["hostile"]).split("</style>")[1]
    assert "&lt;script&gt;window.hacked" in page
    assert not re.search(r"<(script|img)|href=\"(javascript|data)", page.replace("&lt;", ""))
    assert "{{ 7 * 7 }}" in page


def policies_of(name: str) -> str:
    """The policies' section of a page."""
    return render(DOCUMENTS[name]).split('<section id="policies">')[1].split("</section>")[0]


def test_policies_are_counted_and_listed() -> None:
    """The section says how much was examined, by severity and verdict, and what is waived."""
    section = policies_of("failed")
    assert "2 rules examined 3 resources." in section
    rows = dict(re.findall(r'<tr><th scope="row">(\w+)</th>(.*)</tr>', section))
    numbers = {name: re.findall(r">(\d+)<", row) for name, row in rows.items()}
    assert list(numbers) == list(SEVERITIES)
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
    table = policies_of("failed").split(f"<h3>{heading}")[1].split("</table>")[0]
    return table.split("<tr>")[2:]


def marks(rows: list[str]) -> list[list[str]]:
    """What is marked in each of some rows."""
    all_of_them = ("unused", "expired", "over a year ago")
    return [[mark for mark in all_of_them if mark in row] for row in rows]


def test_waivers_say_why_who_and_how_long() -> None:
    """Each waiver has its reason, owner and end; one that is unused or over is marked."""
    rows = rows_of("Waivers: 3")
    assert marks(rows) == [[], ["unused"], ["expired"]]
    said = ("Logs hold no personal data.", "platform, reviewed 2026-10-20")
    assert all(text in row for row in rows for text in said)


def test_decisions_say_why_who_and_on_what() -> None:
    """Each decision has its reason, owner, ground and last review, and all of its addresses."""
    rows = rows_of("Decisions: 3")
    assert marks(rows) == [[], ["unused"], ["over a year ago"]]
    said = ("personal data.", "platform, rests on contract: environments.dev.https = false")
    assert all(text in row for row in rows for text in (*said, "2026-10-20"))
    assert [row.count("aws_dynamodb_table.users") for row in rows] == [2, 1, 1]
    assert ["in dev" in row for row in rows] == [False, True, False]


def test_results_say_what_lets_them_through() -> None:
    """The decided ones and the waived ones are apart."""
    waived = policies_of("failed").split('id="policies.waived"')[1].split("</details>")[0]
    decided = policies_of("failed").split('id="policies.decided"')[1].split("</details>")[0]
    assert "Waived until 2027-01-01" in waived
    assert "<strong>Decided</strong> by platform (contract: environments.dev.https" in decided
    assert "Decided" not in waived


@pytest.mark.parametrize(
    ("asked", "said"), [(True, "did not come to its end"), (False, "not asked")]
)
def test_absence_of_policies_is_told(asked: bool, said: str) -> None:
    """Without policies the section says why; a document from before there were any is read."""
    document = fresh("failed" if asked else "passed") | {"policies": None}
    assert said in render(document)
    document.pop("policies")
    assert said in render(document)


def bars(document: dict[str, Any]) -> list[tuple[float, float]]:
    """Where each step's bar begins, and how wide it is."""
    found = re.findall(r'<rect x="([\d.]+)" width="([\d.]+)"', render(document))
    return [(float(x), float(width)) for x, width in found]


def test_steps_are_drawn_to_scale() -> None:
    """A bar begins where its step began and is as long; together they fill the width."""
    drawn = bars(DOCUMENTS["failed"])
    assert drawn == [(0.0, 7.69), (1.78, 75.98), (77.75, 22.25)]


def test_steps_without_offset_are_drawn() -> None:
    """A document from before steps had an offset is drawn from the left."""
    document = fresh("failed")
    for step in document["steps"]:
        step.pop("offset")
    assert {x for x, _ in bars(document)} == {0.0}
