"""The policy report: completeness, verdicts, and the register."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from verification.engine.checkov import PlanScans, Rule, Scanned
from verification.engine.checkov.completeness import demand_complete
from verification.engine.checkov.grounds import Grounds
from verification.engine.checkov.register import Register
from verification.engine.checkov.verdicts import join
from verification.engine.checkov.waivers import Terms, apply_register, notes
from verification.model.policies import UNRATED, Policy, PolicyReport
from verification.model.source import Source

CRITERION = "security-rules"
"""The criterion of checkov's own rules."""


def policy_report(
    source: Scanned,
    plans: Mapping[str, PlanScans],
    tree: Source,
    ours: Sequence[Policy],
    register: Register,
    today: date,
    grounds: Grounds,
    of_changes: Collection[str] = (),
) -> PolicyReport:
    """Judge checkov's results.

    Args:
        source: the scan of the source.
        plans: each environment's plan and its scans.
        tree: the source as the suite reads it.
        ours: the policies of `policies/`.
        register: the decisions and the waivers.
        today: the date for expiry.
        grounds: the valid bases of decisions.
        of_changes: the names of the checks of a change, whose waivers are in the register, too.

    Raises:
        ToolError: checkov left something out.
    """
    demand_complete(source, plans, tree, ours)
    known = {rule.id: _policy(rule) for rule in source.rules} | {own.id: own for own in ours}
    joined = join(source, plans, tree, known)
    terms = Terms(known.keys(), today, grounds, of_changes)
    results, used, findings = apply_register(register, joined, terms)
    examined = {result.policy.id for result in results}
    return PolicyReport(
        policies=tuple(known[name] for name in sorted(examined | {own.id for own in ours})),
        results=tuple(results),
        waivers=register.waivers,
        decisions=register.decisions,
        used=used,
        register=tuple(findings),
        notes=tuple(notes(register, today)),
    )


def _policy(rule: Rule) -> Policy:
    return Policy(rule.id, rule.name, rule.severity or UNRATED, rule.guideline, CRITERION)
