"""report.html in a browser: nothing is fetched, nothing runs, and everybody can use it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.engine.report.conftest import DESK, PHONE
from tests.engine.report.kit import FACTS, FAILED, PASSED, REPORTS, picture
from verification.engine.report.html import pictures, render
from verification.engine.report.writer import write_reports
from verification.engine.smoke.browser import Page, Watch

pytestmark = pytest.mark.slow

Visit = Callable[..., tuple[Page, Watch]]
STARTED = FACTS.started.timestamp()

each = pytest.mark.parametrize("name", REPORTS)


def wrong(page: Page) -> list[str]:
    """What axe says against a page with everything unfolded: WCAG and best practices."""
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    found: dict[str, Any] = Axe().run(page).response
    assert found["passes"]
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found["violations"]]


@each
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_everybody_can_use_it(
    visit: Visit, folders: dict[str, Path], name: str, scheme: str, size: tuple[int, int]
) -> None:
    """No rule of axe is broken: contrast, headings, tables, names, landmarks."""
    page, _ = visit(folders[name] / "report.html", size, color_scheme=scheme)
    assert wrong(page) == []


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ('<html lang="en-GB">', "<html>", "html-has-lang"),
        ("--soft: #4a5573", "--soft: #c8cddb", "color-contrast"),
        ("<h2>Evidence</h2>", "<h5>Evidence</h5>", "heading-order"),
        ('<span aria-hidden="true">·</span> <span class="word">not run</span>', "", "link-name"),
    ],
)
def test_axe_would_tell(visit: Visit, tmp_path: Path, old: str, new: str, rule: str) -> None:
    """A page that somebody could not use is noticed: the test above looks."""
    text = render(FAILED)
    assert old in text
    (tmp_path / "bad.html").write_text(text.replace(old, new), encoding="utf-8")
    page, _ = visit(tmp_path / "bad.html")
    assert rule in [found.partition(":")[0] for found in wrong(page)]


@each
def test_page_is_alone(visit: Visit, folders: dict[str, Path], name: str) -> None:
    """It loads nothing but itself, runs nothing that a message holds, and nothing is amiss."""
    page, watch = visit(folders[name] / "report.html", java_script_enabled=True)
    page.wait_for_load_state("networkidle")
    assert set(watch.requests) == {"file://"}
    assert watch.problems == []
    assert page.evaluate("window.hacked") is None
    assert page.locator("script, img, iframe, object, link[rel=stylesheet]").count() == 0


def test_markup_that_got_through_would_do_nothing(visit: Visit, tmp_path: Path) -> None:
    """Were a message ever not escaped, the page's policy would still stop it; and it is seen."""
    text = render(PASSED)
    bad = "<script>window.hacked = 1</script><img src='http://192.0.2.1/x.png' alt=''></main>"
    (tmp_path / "bad.html").write_text(text.replace("</main>", bad), encoding="utf-8")
    page, watch = visit(tmp_path / "bad.html")
    assert page.evaluate("window.hacked") is None
    assert len([told for told in watch.problems if "Content Security Policy" in told]) == 2


@each
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_nothing_sticks_out(
    visit: Visit, folders: dict[str, Path], name: str, size: tuple[int, int]
) -> None:
    """No width needs scrolling sideways, whatever a message holds."""
    page, _ = visit(folders[name] / "report.html", size)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_keyboard_skips_to_the_content(visit: Visit, folders: dict[str, Path]) -> None:
    """The first stop of the keyboard leads past the navigation, and shows when it is there."""
    page, _ = visit(folders["failed"] / "report.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_matrix_leads_to_the_evidence(visit: Visit, folders: dict[str, Path]) -> None:
    """A cell of the matrix leads to an open place that says what is wrong, and what to do."""
    page, _ = visit(folders["failed"] / "report.html")
    page.locator(".matrix td.fail a").click()
    target = page.locator(":target")
    assert target.get_attribute("id") == "encryption.plan"
    assert "expected 'expires_at'" in target.inner_text()
    assert "Set ttl." in target.inner_text()


def test_screenshots_of_this_run_are_shown(visit: Visit, tmp_path: Path) -> None:
    """Each picture is there, is loaded, and says what it shows; an earlier run's is left out."""
    picture(tmp_path, "new-phone.png")
    os.utime(picture(tmp_path, "old-phone.png"), (STARTED - 60, STARTED - 60))
    os.utime(picture(tmp_path, "a b#c.png"), (STARTED + 60, STARTED + 60))
    assert pictures(tmp_path, FACTS.started) == [
        "screenshots/a b#c.png",
        "screenshots/new-phone.png",
    ]
    assert write_reports(tmp_path, PASSED) == []
    page, watch = visit(tmp_path / "report.html")
    shown = page.locator("#screenshots img")
    assert [one.get_attribute("alt") for one in shown.all()] == [
        "The page: a b#c",
        "The page: new phone",
    ]
    assert [one.evaluate("image => image.naturalWidth") for one in shown.all()] == [1, 1]
    assert (watch.problems, wrong(page)) == ([], [])
