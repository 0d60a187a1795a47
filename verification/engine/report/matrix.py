"""The matrix of criteria and rungs, and the sentence that sums it up."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from verification.engine.report.results import Cell, ExitCode, Results
from verification.model.criteria import RUNGS

_SIGNS = {
    "pass": ("✓", "green"),
    "fail": ("✗ fail", "bold red"),
    "error": ("! error", "bold red"),
    "unknown": ("? unknown", "yellow"),
    "not run": ("not run", "dim"),
    "not yet verified": ("not yet verified", "yellow"),
    "not required": ("", ""),
}


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
    """One sentence: how the run ended, and which criteria nobody has proven yet."""
    words = {
        ExitCode.PROVEN: "Everything that was asked for is proven",
        ExitCode.CRITERION_FAILED: f"Failed: {', '.join(_with(results, 'fail'))}",
        ExitCode.TOOL_ERROR: "A tool failed, or a file could not be read: see above",
        ExitCode.ENVIRONMENT_UNAVAILABLE: "This machine lacks something that is needed: see above",
        ExitCode.INCONCLUSIVE: "Inconclusive: something is still open",
        ExitCode.USAGE: "The command line or one of the suite's data files is wrong: see above",
        ExitCode.NOTHING_SELECTED: "Nothing was selected, so nothing is proven",
        ExitCode.INTERRUPTED: "Interrupted",
    }
    judged = code not in (ExitCode.USAGE, ExitCode.NOTHING_SELECTED, ExitCode.INTERRUPTED)
    unverified = ", ".join(criterion.id for criterion in results.unverified() if judged)
    rest = f" Not yet verified: {unverified}." if unverified else ""
    return f"{words[code]}.{rest} (exit code {int(code)})"


def _with(results: Results, status: str) -> list[str]:
    return [
        criterion.id
        for criterion in results.criteria.values()
        if any(results.cell(criterion, rung).status == status for rung in RUNGS)
    ]


def _cell(cell: Cell) -> Text:
    sign, style = _SIGNS[cell.status]
    return Text(f"{sign} {cell.examined}" if cell.examined else sign, style=style)
