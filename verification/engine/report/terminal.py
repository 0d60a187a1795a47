"""What a run says in a terminal when it has ended: counts or what is wrong, and its last line."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Iterator

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from verification.engine.report import screen
from verification.engine.report.view import Document
from verification.engine.report.words import STYLES, label, sentence
from verification.model.criteria import RUNGS
from verification.model.policies import PolicyReport
from verification.model.results import Cell, ExitCode, Results
from verification.model.verdict import Verdict

# Of what is no terminal, such as a CI job's log.
_ELSEWHERE = (120, 30)
_OPEN = (Verdict.FAIL, Verdict.UNKNOWN)
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


def matrix(results: Results) -> Table:
    """Every criterion with its verdict on every rung, and how many things were examined."""
    table = Table(title="Criteria, and things examined", title_justify="left")
    table.add_column("criterion", no_wrap=True)
    required = {rung for criterion in results.criteria.values() for rung in criterion.rungs}
    shown = [rung for rung in results.asked if rung in required]
    for rung in shown:
        table.add_column(rung)
    area = ""
    for criterion in results.criteria.values():
        if not set(criterion.rungs) & set(shown):
            continue
        if area and criterion.area != area:
            table.add_section()
        area = criterion.area
        cells = (results.cell(criterion, rung) for rung in shown)
        table.add_row(criterion.id, *(_cell(cell) for cell in cells))
    return table


def last_line(results: Results, code: ExitCode) -> str:
    """One sentence: how the run ended, and which criteria are not proven."""
    found = (results.unverified(), results.unproven(), results.left_out())
    named = ([one.id for one in some] for some in found)
    cells = (results.cell(one, rung) for one in results.criteria.values() for rung in RUNGS)
    errors = [evidence.error for cell in cells for evidence in cell.evidence if evidence.error]
    return sentence(code, _with(results, "fail"), *named, errors=errors)


def policy_lines(report: PolicyReport) -> Iterator[RenderableType]:
    """Counts of what was examined and let through; then a table of what is open, if anything."""
    rules = len({result.policy.id for result in report.results})
    kinds = {"decisions": report.decisions, "waivers": report.waivers}
    used = (f"{len(report.used & set(of))} of {len(of)} {kind}" for kind, of in kinds.items())
    yield (
        f"Policies: {rules} rules examined {len(report.addresses)} resources; "
        f"in use: {', '.join(used)}."
    )
    findings = [result for result in report.results if result.verdict in _OPEN]
    if not findings:
        return
    table = Table("policy", "severity", "where", "what it says, and what to do")
    for result in findings:
        where = f"{result.address}\n{result.file}:{result.line}" if result.file else result.address
        text = f"{result.policy.name}.\n{result.remedy}"
        table.add_row(result.policy.id, result.policy.severity, where, text)
    yield table


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


def _with(results: Results, status: str) -> list[str]:
    return [
        criterion.id
        for criterion in results.criteria.values()
        if any(results.cell(criterion, rung).status == status for rung in RUNGS)
    ]


def _cell(cell: Cell) -> Text:
    if cell.status == "not required":
        return Text()
    count = f" {cell.examined}" if cell.examined else ""
    style = "yellow" if cell.missing and cell.status == "not run" else STYLES[cell.status]
    return Text(label(cell.status) + count, style=style)
