"""Terraform's diagnostics, each as one sentence with file and line."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from verification.engine.errors import ToolError
from verification.engine.system.processes import CommandFailed


@dataclass(frozen=True)
class Diagnostic:
    """An error or a warning of Terraform."""

    severity: str
    summary: str
    detail: str
    address: str
    source: str

    def __str__(self) -> str:
        """One line: place, address, summary and detail."""
        place = " ".join(part for part in (self.source, self.address) if part)
        text = " ".join(f"{self.summary}: {self.detail}".split()).rstrip(": ")
        return f"{place}: {text}" if place else text


def diagnostics(items: Iterable[Mapping[str, Any]], directory: Path) -> Iterator[Diagnostic]:
    """Read Terraform's JSON diagnostics; files become relative to the tree's parent folder."""
    for item in items:
        yield Diagnostic(
            severity=item["severity"],
            summary=item.get("summary", ""),
            detail=item.get("detail", ""),
            address=item.get("address", ""),
            source=_source(item.get("range"), directory),
        )


def changes(events: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """The planned changes in Terraform's JSON messages, as (action, address)."""
    for event in events:
        if event.get("type") == "planned_change":
            change = event["change"]
            yield change["action"], change["resource"]["addr"]


def as_known(name: str, directory: Path) -> str:
    """A file that Terraform names, which it does from its own folder, from the tree's parent on."""
    tree = next(parent for parent in directory.parents if (parent / "environments").is_dir())
    return os.path.relpath(os.path.normpath(directory / name), tree.parent)


def failure(error: CommandFailed, directory: Path) -> ToolError:
    """Turn a failed command into an error with Terraform's diagnostics."""
    found = list(diagnostics(_errors(error.completed.out), directory))
    said = "\n".join(str(diagnostic) for diagnostic in found) or _prose(error.completed.err)
    return ToolError(f"{error.name} failed: {said}") if said else error


def _prose(text: str) -> str:
    # fmt has no JSON output: its diagnostics are paragraphs, with place first and detail last.
    _, head, said = text.partition("Error: ")
    return " ".join(said.split())[:500] if head else ""


def _errors(output: str) -> Iterator[Mapping[str, Any]]:
    for line in output.splitlines():
        try:
            message = json.loads(line)
        except ValueError:
            continue
        found = message.get("diagnostic") if isinstance(message, dict) else None
        if found and found["severity"] == "error":
            yield found


def _source(position: Mapping[str, Any] | None, directory: Path) -> str:
    if not position:
        return ""
    return f"{as_known(position['filename'], directory)}:{position['start']['line']}"
