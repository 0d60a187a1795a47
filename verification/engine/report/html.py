"""`report.html`: one file, without script or network."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from verification.engine.report.limits import limits_section
from verification.engine.report.report import SIGNS, Report, StepReport
from verification.model.findings import Finding
from verification.model.policies import STANDINGS
from verification.model.results import Evidence

T = TypeVar("T")

TEMPLATES = Path(__file__).parent / "templates"
_SIGNS = SIGNS | {"decided": "=", "not run": "·", "not yet verified": "○"}


def render(report: Report, pictures: Sequence[str] = ()) -> str:
    """Render a report as a page.

    Args:
        report: the run's.
        pictures: paths of screenshots, relative to the page's folder.
    """
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        report=report,
        pictures=pictures,
        standings=STANDINGS,
        signs=_SIGNS,
        chart=_chart,
        limits=limits_section,
    )
    environment.filters.update(
        clock=_clock, grouped=_grouped, those=_those, title_of=_title, url=quote, utc=_utc
    )
    return environment.get_template("report.html.j2").render()


def pictures(folder: Path, since: datetime) -> list[str]:
    """The screenshots of this run in the folder of a report.

    Args:
        folder: the report's folder.
        since: when the run started.
    """
    found = sorted((folder / "screenshots").glob("*.png"))
    new = [path for path in found if path.stat().st_mtime >= since.timestamp()]
    return [path.relative_to(folder).as_posix() for path in new]


def _those(tests: Iterable[Evidence], *verdicts: str) -> list[tuple[Evidence, list[Finding]]]:
    """The findings with these verdicts, grouped by test, in the order of the verdicts."""
    found = [
        (test, [finding for finding in test.findings if finding.verdict == verdict])
        for verdict in verdicts
        for test in tests
    ]
    return [group for group in found if group[1]]


def _grouped(rows: Iterable[T], *fields: str) -> dict[Any, list[T]]:
    """Rows grouped by some fields, in their order."""
    groups: dict[Any, list[T]] = {}
    for row in rows:
        groups.setdefault(attrgetter(*fields)(row), []).append(row)
    return groups


def _chart(steps: Sequence[StepReport]) -> list[tuple[StepReport, float, float]]:
    """Each step with the start and length of its bar, in percent of the run."""
    whole = max((step.offset + step.seconds for step in steps), default=0.0) or 1.0
    return [(step, 100 * step.offset / whole, 100 * step.seconds / whole) for step in steps]


def _clock(seconds: float) -> str:
    """A duration in minutes and seconds."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s"


def _utc(moment: datetime) -> str:
    """A time in UTC."""
    return f"{moment.astimezone(UTC):%-d %B %Y, %H:%M:%S} UTC"


def _title(path: str) -> str:
    """The title of a screenshot: its file's name."""
    return Path(path).stem.replace("-", " ")
