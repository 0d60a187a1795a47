"""Writes a run's reports; a full disk hides neither how the run ended nor its other reports."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from verification.engine.report.html import pictures, render
from verification.engine.report.junit import junit
from verification.engine.report.markdown import summarise
from verification.engine.report.sarif import sarif
from verification.engine.report.view import Document

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


def write_reports(folder: Path, document: Document) -> list[str]:
    """Write `verification.json`, and what is rendered from it.

    Returns:
        One sentence for each reason for which something could not be written.
    """
    return _write(folder, _reports(folder, document))


def render_reports(folder: Path, document: Document) -> list[str]:
    """Write what is rendered from `verification.json`; returns the same sentences."""
    return _write(folder, _rendered(folder, document))


def unwritten(names: Iterable[object], reason: str) -> str:
    """The sentence about files that could not be written."""
    remedy = "Make room there, or give the reports another folder."
    return f"{', '.join(map(str, names))} could not be written: {reason}. {remedy}"


def _reports(folder: Path, document: Document) -> Iterator[tuple[Path, str | None]]:
    yield folder / "verification.json", json.dumps(document, indent=1) + "\n"
    yield from _rendered(folder, document)


def _rendered(folder: Path, document: Document) -> Iterator[tuple[Path, str | None]]:
    yield folder / "report.html", render(document, pictures(folder, document["started"]))
    yield folder / "summary.md", summarise(document)
    policies = document.get("policies")
    yield folder / "results.sarif", sarif(document) if policies else None
    yield folder / "policies.xml", junit(document) if policies else None


def _write(folder: Path, reports: Iterable[tuple[Path, str | None]]) -> list[str]:
    """Write each file whole or not at all; None is no file."""
    failed: dict[str, list[Path]] = {}
    for path, text in reports:
        part = path.with_name(f"{path.name}.part")
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
