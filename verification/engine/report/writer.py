"""Writes a run's reports; a full disk hides neither how the run ended nor its other reports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from verification.engine.report.document import document
from verification.engine.report.html import pictures, render
from verification.engine.report.junit import junit
from verification.engine.report.markdown import summarise
from verification.engine.report.report import Report
from verification.engine.report.sarif import sarif

# What one run leaves, by name; pytest writes junit.xml.
_NAMES = (
    *("verification.json", "report.html", "summary.md", "results.sarif", "policies.xml"),
    *("junit.xml", "smaller-policy.tf", "smaller-policy-*.json"),
)


def remove_reports(folder: Path) -> str:
    """Remove the reports of an earlier run, which must not stand for this one, and nothing else.

    Returns:
        One sentence about those that could not be removed; "" if there are none.
    """
    failed: dict[str, list[Path]] = {}
    for path in (path for name in _NAMES for path in sorted(folder.glob(name))):
        try:
            if path.is_symlink() or not path.is_dir():
                # Another run in the same folder may remove it at this very moment.
                path.unlink(missing_ok=True)
        except OSError as error:
            failed.setdefault(error.strerror or str(error), []).append(path)
    told = (f"{', '.join(map(str, paths))}: {reason}" for reason, paths in failed.items())
    said = "; ".join(told)
    remedy = "Remove them, or give the reports another folder."
    return f"Reports of an earlier run cannot be removed: {said}. {remedy}" if said else ""


def write_reports(folder: Path, report: Report) -> list[str]:
    """Write every report whole or not at all.

    Returns:
        One sentence for each reason for which something could not be written.
    """
    failed: dict[str, list[Path]] = {}
    for name, text in _texts(folder, report):
        path, part = folder / name, folder / f"{name}.part"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # What an earlier run left must not pass for what this one found.
            path.unlink(missing_ok=True)
            if text is None:
                continue
            part.write_text(text, encoding="utf-8")
            part.replace(path)
        except OSError as error:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            failed.setdefault(error.strerror or str(error), []).append(path)
    return [unwritten(paths, reason) for reason, paths in failed.items()]


def unwritten(names: Iterable[object], reason: str) -> str:
    """The sentence about files that could not be written."""
    remedy = "Make room there, or give the reports another folder."
    return f"{', '.join(map(str, names))} could not be written: {reason}. {remedy}"


def _texts(folder: Path, report: Report) -> Iterator[tuple[str, str | None]]:
    """Each report by its name; None where there is none."""
    yield "verification.json", document(report)
    yield "report.html", render(report, pictures(folder, report.facts.started))
    yield "summary.md", summarise(report)
    yield "results.sarif", sarif(report) if report.policies else None
    yield "policies.xml", junit(report) if report.policies else None
