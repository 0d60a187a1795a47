"""What a run says in a terminal when it has ended, before the sentence that is its last line."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Iterator

from rich.console import Console, RenderableType

from verification.engine.report import screen
from verification.engine.report.matrix import matrix
from verification.engine.report.policies import policy_lines
from verification.engine.report.view import Document
from verification.model.policies import PolicyReport
from verification.model.results import ExitCode, Results

# Of what is no terminal, such as a CI job's log.
_ELSEWHERE = (120, 30)
_MOST_NOTES = 3  # so that a good run ends in ten lines


def show(
    document: Document, results: Results, policies: PolicyReport | None, verbosity: int
) -> None:
    """Print counts where all is well, else what is wrong; with `-v` the whole matrix, too.

    Args:
        document: everything that the run found.
        results: the same, for the matrix.
        policies: what the policies said; None if they were not run.
        verbosity: pytest's; below 0 not even the rows of what is wrong are shown.
    """
    size = screen.Size(*shutil.get_terminal_size(_ELSEWHERE))
    console = Console(
        file=sys.stdout, width=size.width, no_color="NO_COLOR" in os.environ, highlight=False
    )
    whole = verbosity > 0
    if whole:
        console.print(matrix(results))
    lines: list[RenderableType] = list(policy_lines(policies)) if policies else []
    _print(console, lines if whole else lines[:1])
    _print(console, _rest(document, size, verbosity))


def _rest(document: Document, size: screen.Size, verbosity: int) -> Iterator[RenderableType]:
    whole, good = verbosity > 0, document["exit_code"] == ExitCode.PROVEN
    if good:
        yield screen.counts(document)
    if whole:
        yield from (f"Note: {note}" for note in document["notes"])
    else:
        # A log has lines of any length.
        width = size.width if good and sys.stdout.isatty() else None
        yield from screen.notes(document, width, _MOST_NOTES if good else None)
    if not good and verbosity == 0:
        yield from screen.rows(document)
    if not good:
        yield from screen.problems(document, size, whole)


def _print(console: Console, lines: Iterable[RenderableType]) -> None:
    for line in lines:
        # Lines are as long as they should be, and hold texts that are no markup.
        console.print(line, markup=False, soft_wrap=isinstance(line, str))
