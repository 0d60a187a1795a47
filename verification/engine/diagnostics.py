"""What Terraform says about a configuration, as one sentence with file and line each."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from verification.engine.errors import ToolError
from verification.engine.processes import CommandFailed


@dataclass(frozen=True)
class Diagnostic:
    """An error or a warning of Terraform's."""

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


def failure(error: CommandFailed, directory: Path) -> ToolError:
    """Turn a failed command into an error that says what Terraform said, in its words."""
    found = list(diagnostics(_errors(error.completed.out), directory))
    said = "\n".join(str(diagnostic) for diagnostic in found) or _prose(error.completed.err)
    return ToolError(f"{error.name} failed: {said}") if said else error


def _prose(text: str) -> str:
    # fmt knows no JSON: its diagnostics are paragraphs, place first, the point in the last one.
    _, head, said = text.partition("Error: ")
    return " ".join(said.split())[:500] if head else ""


def _errors(output: str) -> Iterator[Mapping[str, Any]]:
    # validate prints one document; plan, apply and destroy print one message a line.
    for text in (output, *output.splitlines()):
        try:
            message = json.loads(text)
        except ValueError:
            continue
        if not isinstance(message, dict):
            continue
        found = (
            [message.get("diagnostic")] if "@level" in message else message.get("diagnostics", [])
        )
        yield from (item for item in found if item and item["severity"] == "error")


def _source(position: Mapping[str, Any] | None, directory: Path) -> str:
    if not position:
        return ""
    # The copy is <somewhere>/<tree's name>/environments/<environment>.
    path = os.path.normpath(directory / position["filename"])
    shown = os.path.relpath(path, directory.parents[2])
    return f"{shown}:{position['start']['line']}"
