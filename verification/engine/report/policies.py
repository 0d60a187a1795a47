"""The policies in a terminal: what was examined, and what is open."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table

from verification.model.policies import PolicyReport
from verification.model.verdict import Verdict

_OPEN = (Verdict.FAIL, Verdict.UNKNOWN)


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
