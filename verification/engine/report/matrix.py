"""The matrix of criteria and rungs, and the sentence that sums it up."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from verification.engine.report.words import label, sentence
from verification.model.criteria import RUNGS
from verification.model.results import Cell, ExitCode, Results

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
