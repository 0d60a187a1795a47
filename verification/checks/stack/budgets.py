"""Checks of the budget that tells people what the environment costs."""

from __future__ import annotations

from verification.checks.registry import proves
from verification.model.contract import Contract
from verification.model.findings import Finding, expect, judge, missing, show
from verification.model.stack import Budget, BudgetNotification, Number, Stack
from verification.model.ternary import Answer, Unknown, all_of, any_of, contains, same
from verification.model.verdict import Verdict, worst

_KIND = ("COST", "MONTHLY", "USD")
_TAG = "TagKeyValue"


@proves("whole-bill")
def warn_before_the_ceiling(stack: Stack, contract: Contract) -> list[Finding]:
    """A budget counts this environment, and mails before it costs more than `monthly_cost`.

    If several budgets exist, one that does so is sufficient. Mails, because the alarms' topic
    admits alarms alone. (AWS Cost Management User Guide, "Managing your costs with AWS Budgets",
    https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-managing-costs.html)
    """
    judged = [_judged(budget, stack, contract) for budget in stack.budgets]
    if not judged:
        remedy = "Add an aws_budgets_budget to modules/monitoring."
        return [missing(f"the bill of {stack.environment}", "a budget", remedy)]
    verdicts = [worst(finding.verdict for finding in one) for one in judged]
    # One that does is sufficient, and one that may do leaves it open.
    best = next(verdict for verdict in reversed(Verdict) if verdict in verdicts)
    chosen = (one for one, verdict in zip(judged, verdicts, strict=True) if verdict is best)
    return [finding for one in chosen for finding in one]


def _judged(budget: Budget, stack: Stack, contract: Contract) -> list[Finding]:
    environment, ceiling = stack.environment, contract.of(stack).monthly_cost
    kind = (budget.type, budget.period, budget.unit)
    within, warned = _at_most(budget.limit, ceiling), _warned(budget, ceiling)
    limit = f"its limit is {show(budget.limit)}"
    mails = "; ".join(map(_shown, budget.notifications))
    remedy = f"Set monthly_budget in environments/{environment}/{environment}.tfvars."
    return [
        expect(budget, "its type, period and unit", kind, _KIND, "Make it a monthly cost budget."),
        _counts(budget, environment),
        judge(budget, within, limit + _but(within, f"at most {ceiling:g}"), remedy),
        judge(
            budget,
            warned,
            f"it mails {mails or 'nobody'}" + _but(warned, f"a mail at {ceiling:g} or less"),
            "Add a notification with subscriber_email_addresses.",
        ),
    ]


def _counts(budget: Budget, environment: str) -> Finding:
    """Without filters, or with that of the tag that every resource of the environment has."""
    tag = f"user:Environment${environment}"
    others = [name for name in budget.filters if name != _TAG]
    held = contains(budget.filters[_TAG], tag) if _TAG in budget.filters else True
    answer = all_of((not others, held))
    told = ", ".join(f"{name} = {show(kept)}" for name, kept in budget.filters.items())
    text = f"it counts {told or 'everything'}" + _but(answer, f"{_TAG} = '{tag}' or no filter")
    return judge(budget, answer, text, "Correct its cost_filter.")


def _warned(budget: Budget, ceiling: float) -> Answer:
    """Whether somebody is told by mail while the costs are at most the ceiling."""
    return any_of(_warns(one, budget, ceiling) for one in budget.notifications)


def _warns(notification: BudgetNotification, budget: Budget, ceiling: float) -> Answer:
    mails = notification.mails
    heard = None if isinstance(mails, Unknown) else bool(mails)
    above = same(notification.comparison, "GREATER_THAN")
    return all_of((heard, above, _at_most(_amount(notification, budget.limit), ceiling)))


def _amount(notification: BudgetNotification, limit: Number) -> Number:
    """The spending in US dollars at which a notification is sent."""
    threshold, unit = notification.threshold, notification.unit
    if isinstance(threshold, Unknown) or isinstance(unit, Unknown) or threshold is None:
        return threshold if threshold is None else Unknown()
    if unit == "ABSOLUTE_VALUE" or limit is None or isinstance(limit, Unknown):
        return threshold if unit == "ABSOLUTE_VALUE" else limit
    return limit * threshold / 100


def _at_most(amount: Number, ceiling: float) -> Answer:
    if isinstance(amount, Unknown):
        return None
    return amount is not None and 0 < amount <= ceiling


def _shown(notification: BudgetNotification) -> str:
    unit = {"PERCENTAGE": " % of its limit", "ABSOLUTE_VALUE": " US dollars"}
    named = unit.get(str(notification.unit), "")
    mails = show(notification.mails)
    return f"{mails if mails != 'none' else 'nobody'} at {show(notification.threshold)}{named}"


def _but(answer: Answer, wanted: str) -> str:
    return f"; expected {wanted}" if answer is False else ""
