"""The report that people read: one HTML file, without script, which needs no network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from verification.engine.report import view
from verification.engine.report.words import SIGNS

TEMPLATES = Path(__file__).parent / "templates"
SEVERITIES = ("critical", "high", "medium", "low", "unrated")
STANDINGS = ("fail", "unknown", "waived", "decided", "pass")
_SIGNS = SIGNS | {"decided": "=", "not run": "·", "not yet verified": "○"}


def render(document: view.Document, pictures: Sequence[str] = ()) -> str:
    """A document as a page.

    Args:
        document: what `verification.json` holds.
        pictures: the paths of screenshots, as seen from the folder of the page.
    """
    template = _environment().get_template("report.html.j2")
    return template.render(
        document=document,
        problems=view.problems(document),
        pictures=pictures,
        policies=document.get("policies"),
        rungs=view.rungs(document),
        sentence=view.verdict(document),
        severities=SEVERITIES,
        standings=STANDINGS,
        criteria=view.criteria(document),
        worst_first=view.worst_first(document),
    )


def pictures(folder: Path, since: str) -> list[str]:
    """The screenshots in the folder of a report, without those that an earlier run left there.

    Args:
        folder: where the report lies.
        since: when the run started, in ISO 8601.
    """
    started = datetime.fromisoformat(since).timestamp()
    found = sorted((folder / "screenshots").glob("*.png"))
    new = [path for path in found if path.stat().st_mtime >= started]
    return [path.relative_to(folder).as_posix() for path in new]


def counted(results: Iterable[Mapping[str, Any]]) -> Counter[tuple[str, str]]:
    """How many results there are of each severity and standing."""
    return Counter((result["severity"], view.standing(result)) for result in results)


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(signs=_SIGNS, chart=_chart, counted=counted)
    environment.filters.update(
        clock=_clock,
        entries=view.entries,
        grouped=_grouped,
        standing=_standing,
        those=_those,
        title_of=_title,
        url=quote,
        utc=_utc,
    )
    return environment


def _standing(results: Iterable[Mapping[str, Any]], standing: str) -> list[Mapping[str, Any]]:
    """The results of policies that stand so."""
    return [result for result in results if view.standing(result) == standing]


def _those(
    tests: Iterable[Mapping[str, Any]], *verdicts: str
) -> list[tuple[str, str, list[Mapping[str, Any]]]]:
    """The findings with these verdicts, by check and environment; the verdicts' order is kept."""
    found = [
        (test["check"], test["environment"], [f for f in test["findings"] if f["verdict"] == one])
        for one in verdicts
        for test in tests
    ]
    return [group for group in found if group[2]]


def _grouped(rows: Iterable[Any], *keys: Any) -> dict[tuple[Any, ...], list[Any]]:
    """Rows by the values of some keys, in the order in which these are met."""
    groups: dict[tuple[Any, ...], list[Any]] = {}
    for row in rows:
        groups.setdefault(tuple(row[key] for key in keys), []).append(row)
    return groups


def _chart(steps: Sequence[Mapping[str, Any]]) -> list[tuple[Mapping[str, Any], float, float]]:
    """Each step with where its bar begins and how long it is, in per cent of the whole.

    A document of before steps had an offset shows its bars from the left.
    """
    whole = max((step.get("offset", 0.0) + step["seconds"] for step in steps), default=0.0) or 1.0
    return [
        (step, 100 * step.get("offset", 0.0) / whole, 100 * step["seconds"] / whole)
        for step in steps
    ]


def _clock(seconds: float) -> str:
    """A duration as people say it."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s"


def _utc(moment: str) -> str:
    """A moment in ISO 8601 as people write it."""
    return f"{datetime.fromisoformat(moment).astimezone(UTC):%-d %B %Y, %H:%M:%S} UTC"


def _title(path: str) -> str:
    """What a screenshot shows, by its file's name."""
    return Path(path).stem.replace("-", " ")
