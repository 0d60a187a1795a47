"""Prints a report in the terminal: counts, or the problems; with `-v` everything."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from itertools import islice

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from verification.engine.report import screen
from verification.engine.report.report import Report, cell_label
from verification.model.results import NOT_RUN, Cell, ExitCode

# Columns and lines where there is no terminal, such as a CI job's log.
_ELSEWHERE = (120, 30)
_MOST_NOTES = 3  # so that a good run ends in ten lines


def show(report: Report, verbosity: int) -> None:
    """Print counts if everything is proven, else the problems; with `-v` the whole matrix, too.

    Args:
        report: the run's.
        verbosity: pytest's; below 0 the rows of the matrix are left out.
    """
    size = shutil.get_terminal_size(_ELSEWHERE)
    console = Console(
        file=sys.stdout, width=size.columns, no_color="NO_COLOR" in os.environ, highlight=False
    )
    for line in _lines(report, size, verbosity):
        # The lines are wrapped already, and their text is not markup.
        console.print(line, markup=False, soft_wrap=isinstance(line, str))


def matrix(report: Report) -> Table:
    """Every criterion with its verdict and number of things examined on every rung."""
    table = Table(title="Criteria and number of things examined", title_justify="left")
    table.add_column("criterion", no_wrap=True)
    for rung in report.rungs:
        table.add_column(rung)
    area = ""
    for one in report.shown:
        if area and one.criterion.area != area:
            table.add_section()
        area = one.criterion.area
        table.add_row(one.criterion.id, *map(_cell, report.row(one)))
    return table


def policy_lines(report: Report) -> Iterator[RenderableType]:
    """Counts of rules, resources, decisions and waivers; then a table of open results, if any."""
    if (policies := report.policies) is None:
        return
    kinds = {"decisions": policies.decisions, "waivers": policies.waivers}
    used = (f"{len(policies.used & set(of))} of {len(of)} {kind}" for kind, of in kinds.items())
    yield (
        f"Policies: {policies.rules} rules examined {len(policies.addresses)} resources; "
        f"in use: {', '.join(used)}."
    )
    if not report.open_results:
        return
    table = Table("policy", "severity", "resource", "rule and remedy")
    for result in report.open_results:
        where = f"{result.address}\n{result.file}:{result.line}" if result.file else result.address
        text = f"{result.policy.name}.\n{result.remedy}"
        table.add_row(result.policy.id, result.policy.severity, where, text)
    yield table


def _lines(report: Report, size: os.terminal_size, verbosity: int) -> Iterator[RenderableType]:
    whole, good = verbosity > 0, report.code is ExitCode.PROVEN
    if whole:
        yield matrix(report)
    yield from islice(policy_lines(report), None if whole else 1)
    if good:
        yield screen.counts(report)
    if whole:
        yield from (f"Note: {note}" for note in report.notes)
    else:
        # A log takes lines of any length.
        width = size.columns if good and sys.stdout.isatty() else None
        yield from screen.notes(report, width, _MOST_NOTES if good else None)
    if not good and verbosity == 0:
        yield from screen.rows(report)
    if not good:
        yield from screen.problems(report, size, whole)


def _cell(cell: Cell | None) -> Text:
    if cell is None:
        return Text()
    style = "yellow" if cell.missing and cell.status == NOT_RUN else screen.STYLES[cell.status]
    return Text(cell_label(cell), style=style)
