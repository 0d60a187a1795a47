"""`summary.md`: a short report for a CI job, in GitHub's Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from verification.engine.report.problems import Problem
from verification.engine.report.report import RegisterEntry, Report, cell_label, label
from verification.model.policies import STANDINGS, Decision, PolicyReport

_MOST = 50  # problems: GitHub limits a step's summary to 1 MiB.
_MARKUP = re.compile(r"([\\`*_{}\[\]<>|~#&@$])")


def summarise(report: Report) -> str:
    """Verdict, problems with their remedies, matrix, and counts of policies."""
    parts = [
        f"## {_text(report.verdict)}",
        _facts(report),
        *_problems(report.problems),
        *_matrix(report),
        *(_policies(report.policies, report) if report.policies else ()),
        *(part for note in report.notes for part in _note(note)),
    ]
    return "\n\n".join(parts) + "\n"


def _facts(report: Report) -> str:
    facts = report.facts
    dirty = " and uncommitted changes" if facts.dirty else ""
    where = facts.where
    target = _text(f"{where.target} {where.account} {where.region}")
    commit = facts.commit[:12] or "none"
    return f"Commit {commit}{dirty}, target {target}, {facts.duration_seconds:.0f} s."


def _problems(problems: Sequence[Problem]) -> list[str]:
    if not problems:
        return []
    heads = ("Verdict", "Address", "Message", "Remedy", "Found in")
    rows = [
        (
            label(one.verdict),
            f"{one.address} {one.source}",
            one.message,
            one.remedy,
            _places(one),
        )
        for one in problems[:_MOST]
    ]
    more = len(problems) - len(rows)
    rest = [f"{more} more are in report.html."] if more else []
    return ["### Problems", _table(heads, rows), *rest]


def _places(problem: Problem) -> str:
    told = "; ".join(" ".join(place).strip() for place in problem.places)
    return f"{told} ({problem.blocked} tests)" if problem.blocked else told


def _matrix(report: Report) -> list[str]:
    rows = [(one.criterion.id, *map(cell_label, report.row(one))) for one in report.shown]
    heads = ("Criterion", *report.rungs)
    return ["### Criteria by rung", _table(heads, rows)] if rows else []


def _policies(policies: PolicyReport, report: Report) -> list[str]:
    counts = [
        (severity, *map(str, standings.values())) for severity, standings in policies.counts.items()
    ]
    return [
        "### Policies",
        f"{policies.rules} rules examined {len(policies.addresses)} resources.",
        _table(("Severity", *STANDINGS), counts),
        *_register("Decisions", "Basis", report.entries(policies.decisions)),
        *_register("Waivers", "Expires", report.entries(policies.waivers)),
    ]


def _register(kind: str, head: str, entries: Sequence[RegisterEntry]) -> list[str]:
    """The number of entries of a kind, and a row for each."""
    rows = [
        (
            "\n".join([one.entry.rule, *one.addresses]),
            str(one.entry.rests_on if isinstance(one.entry, Decision) else one.entry.expires),
            one.entry.owner,
            str(one.entry.reviewed),
        )
        for one in entries
    ]
    findings = sum(len(one.addresses) for one in entries)
    used = sum(one.used for one in entries)
    said = f"{kind}: {len(entries)}, for {findings} findings; {used} in use."
    heads = ("Finding", head, "Owner", "Reviewed")
    return [said, *([_table(heads, rows)] if rows else [])]


def _note(note: str) -> list[str]:
    """A note: the first line is a sentence, the others are code."""
    head, _, code = note.partition("\n")
    fence = "`" * (2 + max((len(run) for run in re.findall("`+", code)), default=1))
    return [f"Note: {_text(head)}", *([f"{fence}\n{code}\n{fence}"] if code else [])]


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    written = [[_text(part) for part in heads], ["---"] * len(heads)]
    written += [[_text(part) for part in row] for row in rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in written)


def _text(text: str) -> str:
    """A text in one line of Markdown, escaped."""
    return "<br>".join(_MARKUP.sub(r"\\\1", line.strip()) for line in text.strip().splitlines())
