"""What is not verified is told in one way: by limits.toml, the README and report.html."""

from __future__ import annotations

import re

from tests.engine.report.kit import REPORTS
from tests.kit import REPOSITORY
from verification.engine.report.html import render
from verification.engine.report.limits import LIMITS
from verification.model.limits import load_limits

TOLD = [(limit.what, limit.why, limit.shown_by) for limit in load_limits(LIMITS)]
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")


def test_readme_tells_every_limit() -> None:
    """With its reason and what would show it; and no other."""
    section = README.partition("\n## What is not verified\n")[2].partition("\n## ")[0]
    table = re.findall(r"^\| (.*) \| (.*) \| (.*) \|$", section, re.MULTILINE)
    assert table[1:] == TOLD


def test_report_tells_every_limit() -> None:
    """In a section of its own, whatever the run found."""
    for report in REPORTS.values():
        page = render(report)
        [section] = re.findall(r'<section id="limits">.*?</section>', page, re.DOTALL)
        shown = re.sub(r"</?code>", "`", section)
        cells = re.findall(r'<th scope="row">(.*)</th><td>(.*)</td><td>(.*)</td>', shown)
        assert cells == TOLD
        assert '<a href="#limits">' in page
