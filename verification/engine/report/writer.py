"""Writes and removes the files of a run's reports; one that fails does not affect the others."""

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

# All files that a run writes; pytest writes junit.xml.
_NAMES = (
    *("verification.json", "report.html", "summary.md", "results.sarif", "policies.xml"),
    *("junit.xml", "smaller-policy.tf", "smaller-policy-*.json"),
)


def remove_reports(folder: Path) -> str:
    """Remove the reports of an earlier run, and nothing else.

    Returns:
        One sentence about files that cannot be removed; "" if there are none.
    """
    failed: dict[str, list[Path]] = {}
    for path in (path for name in _NAMES for path in sorted(folder.glob(name))):
        try:
            if path.is_symlink() or not path.is_dir():
                # Another run in the same folder may remove it at the same time.
                path.unlink(missing_ok=True)
        except OSError as error:
            failed.setdefault(error.strerror or str(error), []).append(path)
    told = (f"{', '.join(map(str, paths))}: {reason}" for reason, paths in failed.items())
    said = "; ".join(told)
    remedy = "Remove them, or choose another folder with --reports."
    return f"Reports of an earlier run cannot be removed: {said}. {remedy}" if said else ""


def write_reports(folder: Path, report: Report) -> list[str]:
    """Write every report, completely or not at all.

    Returns:
        One sentence for each reason why files could not be written.
    """
    failed: dict[str, list[Path]] = {}
    for name, text in _texts(folder, report):
        path, part = folder / name, folder / f"{name}.part"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # An earlier run's report must not be taken for this one's.
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
    """One sentence about files that could not be written."""
    remedy = "Make the folder writable, or choose another with --reports."
    return f"{', '.join(map(str, names))} could not be written: {reason}. {remedy}"


def _texts(folder: Path, report: Report) -> Iterator[tuple[str, str | None]]:
    """Each report by its name; None if there is none."""
    yield "verification.json", document(report)
    yield "report.html", render(report, pictures(folder, report.facts.started))
    yield "summary.md", summarise(report)
    yield "results.sarif", sarif(report) if report.policies else None
    yield "policies.xml", junit(report) if report.policies else None
