"""The last screen of a run: its problems, the worst first; or a few lines if there are none."""

from __future__ import annotations

import os
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from rich.text import Text

from verification.engine.report.problems import Place, Problem
from verification.engine.report.report import Report, cell_label, label
from verification.model.verdict import Verdict

STYLES = {
    "pass": "green",
    "waived": "cyan",
    "fail": "bold red",
    "error": "bold red",
    "unknown": "yellow",
    "not run": "dim",
    "not yet verified": "yellow",
}
"""How a terminal shows each verdict."""

_MOST_PROBLEMS = 15
_MOST_ROWS = 5
_MOST_LINES = 6
_MOST_OF_A_MESSAGE = 240
_MOST_NAMES = 2
# Other lines of a red screen: heads, the report's path, and pytest's own.
_AROUND = 9
_INDENT = "    "


def counts(report: Report) -> str:
    """The number of criteria proven, the rungs, and the number of things examined."""
    proven = f"{len(report.proven)} of {len(report.shown)} criteria proven"
    return f"{proven} on {', '.join(report.rungs)}; {report.examined:,} things examined."


def notes(report: Report, width: int | None = None, most: int | None = None) -> Iterator[str]:
    """The first line of each note; at most so many, each cut to a width, if given."""
    told = [f"Note: {note.partition(chr(10))[0]}" for note in report.notes]
    shown = told if most is None or len(told) <= most else told[: most - 1]
    yield from (_cut(note, width) if width else note for note in shown)
    if more := len(told) - len(shown):
        yield f"{more} more notes are in report.html."


def rows(report: Report) -> Iterator[Text]:
    """The criteria with a problem, and their verdict on each rung."""
    found = [one for one in report.worst_first if one.criterion.id in report.wrong]
    if not found:
        return
    told = found if len(found) <= _MOST_ROWS else found[: _MOST_ROWS - 1]
    table = [["", *report.rungs]]
    table += [[one.criterion.id, *map(cell_label, report.row(one))] for one in told]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        yield _row(row, widths)
    if more := len(found) - len(told):
        yield Text(f"and {more} more criteria", style="dim")


def problems(report: Report, size: os.terminal_size, whole: bool = False) -> Iterator[Text]:
    """The problems, the worst first, as many as fit on a screen; similar ones are one paragraph.

    Args:
        report: the run's.
        size: the terminal's.
        whole: print all of them in full.
    """
    found = _alike(report.problems)
    room = size.lines - _AROUND - min(len(report.wrong), _MOST_ROWS)
    shown = 0
    for one in found:
        lines = _paragraph(one, size.columns, whole)
        room -= len(lines)
        if not whole and shown and (room < 0 or shown == _MOST_PROBLEMS):
            break
        shown += 1
        yield from lines
    if more := len(found) - shown:
        yield Text(f"{more} more in report.html", style="dim")


def _alike(found: Iterable[Problem]) -> list[list[Problem]]:
    """Problems with the same words together; the criteria take turns."""
    groups: dict[tuple[str, str, str], list[Problem]] = {}
    for one in found:
        groups.setdefault((one.verdict, one.message, one.remedy), []).append(one)
    verdicts = list(dict.fromkeys(verdict for verdict, _, _ in groups))
    told = Counter[tuple[str, str]]()
    ranks = []
    for first, *_ in groups.values():
        turn = (first.verdict, first.places[0].criterion)
        ranks.append((verdicts.index(first.verdict), told[turn]))
        told[turn] += 1
    ranked = sorted(zip(ranks, groups.values(), strict=True), key=lambda pair: pair[0])
    return [group for _, group in ranked]


def _paragraph(group: Sequence[Problem], width: int, whole: bool) -> list[Text]:
    """Criteria, rungs and environments; then source, address, message and remedy."""
    first, verdict = group[0], group[0].verdict
    where = _where([place for one in group for place in one.places])
    head = f"{label(verdict)}: {where}: "
    text = head + _things(group) + _message(first, whole)
    lines = textwrap.wrap(
        _plain(text),
        width,
        subsequent_indent=_INDENT,
        break_long_words=False,
        break_on_hyphens=False,
        max_lines=None if whole else _MOST_LINES,
        placeholder=" …",
    )
    shown = [Text(line) for line in lines]
    shown[0].stylize(STYLES[verdict], 0, len(label(verdict)))
    return shown


def _message(problem: Problem, whole: bool) -> str:
    """Message and remedy; a long message is cut, a remedy never."""
    message = problem.message
    if problem.verdict == Verdict.ERROR:
        blocked = f" It blocked {problem.blocked} tests." if problem.blocked else ""
        return _ended(message) + blocked
    shown = message if whole else _cut(message, _MOST_OF_A_MESSAGE)
    return f"{_ended(shown)} {problem.remedy}"


def _things(group: Sequence[Problem]) -> str:
    """The addresses of some problems with their source; only those that have one, if any has."""
    named = dict.fromkeys(
        ": ".join(filter(None, (one.source, one.address)))
        for one in group
        # A live resource has no source; its plan's address has.
        if one.source or not any(other.source for other in group)
    )
    told = [name for name in named if name]
    return f"{_list(told)}: " if told else ""


def _where(places: Iterable[Place]) -> str:
    criteria, rungs, environments = (
        list(dict.fromkeys(filter(None, part))) for part in zip(*places, strict=True)
    )
    inside = "; ".join(", ".join(part) for part in (rungs, environments) if part)
    return f"{_list(criteria)} ({inside})"


def _list(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _ended(text: str) -> str:
    return text if text.rstrip()[-1:] in ".!?…" else f"{text.rstrip()}."


def _plain(text: str) -> str:
    """A text in one line, without control characters."""
    return "".join(char for char in " ".join(text.split()) if char.isprintable())


def _cut(text: str, width: int) -> str:
    plain = _plain(text)
    return plain if len(plain) <= width else f"{plain[: width - 1]}…"


def _row(cells: Sequence[str], widths: Sequence[int]) -> Text:
    return Text("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)))
