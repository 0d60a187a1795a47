"""The summary that a CI job shows: a document in short, as GitHub's Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from verification.engine.report import view
from verification.engine.report.html import SEVERITIES, STANDINGS, counted
from verification.engine.report.words import label

_MOST = 50  # problems; GitHub cuts a job's summary off at 1 MiB.
_REGISTER = (
    ("decisions", ("Rests on", "Owner", "Reviewed"), ("rests_on", "owner", "reviewed")),
    ("waivers", ("Expires", "Owner", "Reviewed"), ("expires", "owner", "reviewed")),
)
_MARKUP = re.compile(r"([\\`*_{}\[\]<>|~#&@$])")


def summarise(document: view.Document) -> str:
    """Verdict, what is wrong with its remedy, matrix, and how many policies hold."""
    parts = [
        f"## {_text(view.verdict(document))}",
        _facts(document),
        *_problems(view.problems(document)),
        *_matrix(document),
        *_policies(document.get("policies")),
        *(part for note in document["notes"] for part in _note(note)),
    ]
    return "\n\n".join(parts) + "\n"


def _facts(document: view.Document) -> str:
    commit = document["commit"][:12] or "none"
    dirty = " and uncommitted changes" if document["dirty"] else ""
    seconds = f"{document['duration_seconds']:.0f}"
    target = " ".join(document.get(key, "") for key in ("target", "account", "region")).strip()
    return f"Commit {commit}{dirty}, target {_text(target)}, {seconds} s."


def _problems(problems: Sequence[view.Problem]) -> list[str]:
    if not problems:
        return []
    heads = ("Verdict", "Where", "What", "Remedy", "Shown by")
    rows = [
        (label(one.verdict), _where(one), one.message, one.remedy, _places(one))
        for one in problems[:_MOST]
    ]
    more = len(problems) - len(rows)
    rest = [f"{more} more are in report.html."] if more else []
    return ["### What fails or is open", _table(heads, rows), *rest]


def _where(problem: view.Problem) -> str:
    return " ".join(part for part in (problem.address, problem.source) if part)


def _places(problem: view.Problem) -> str:
    told = "; ".join(" ".join(part for part in place if part) for place in problem.places)
    blocked = problem.verdict == "error" and len(problem.checks) > 1
    return f"{told} ({len(problem.checks)} tests)" if blocked else told


def _matrix(document: view.Document) -> list[str]:
    rungs = view.rungs(document)
    rows = [
        (criterion["id"], *(_cell(criterion["rungs"].get(rung)) for rung in rungs))
        for criterion in view.criteria(document)
    ]
    return ["### Criteria by rung", _table(("Criterion", *rungs), rows)] if rows else []


def _cell(cell: Mapping[str, Any] | None) -> str:
    if cell is None:
        return ""
    count = f" {cell['examined']}" if cell["examined"] else ""
    return label(cell["verdict"]) + count


def _policies(policies: Mapping[str, Any] | None) -> list[str]:
    if not policies:
        return []
    counts = counted(policies["results"])
    rows = [
        (severity, *(str(counts[severity, standing]) for standing in STANDINGS))
        for severity in SEVERITIES
    ]
    said = f"{policies['rules']} rules examined {policies['resources']} resources."
    parts = ["### Policies", said, _table(("Severity", *STANDINGS), rows)]
    for kind, heads, fields in _REGISTER:
        parts += _registered(policies[kind], kind, heads, fields)
    return parts


def _registered(
    found: Sequence[Mapping[str, Any]], kind: str, heads: Sequence[str], fields: Sequence[str]
) -> list[str]:
    """How many entries of a kind there are, and each in one row."""
    entries = view.entries(found)
    rows = [
        ("\n".join([entry["rule"], *addresses]), *(entry[field] for field in fields))
        for entry, addresses, _ in entries
    ]
    used = sum(entry["used"] for entry in found)
    said = f"{kind.capitalize()}: {len(entries)}, for {len(found)} findings; {used} in use."
    return [said, *([_table(("Finding", *heads), rows)] if rows else [])]


def _note(note: str) -> list[str]:
    """A note: its first line is a sentence, the others are code."""
    head, _, code = note.partition("\n")
    fence = "`" * (2 + max((len(run) for run in re.findall("`+", code)), default=1))
    return [f"Note: {_text(head)}", *([f"{fence}\n{code}\n{fence}"] if code else [])]


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    written = [[_text(part) for part in heads], ["---"] * len(heads)]
    written += [[_text(part) for part in row] for row in rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in written)


def _text(text: str) -> str:
    """A text as Markdown that shows just that, in one line."""
    return "<br>".join(_MARKUP.sub(r"\\\1", line.strip()) for line in text.strip().splitlines())
