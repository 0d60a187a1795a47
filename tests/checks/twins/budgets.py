"""A budget that nobody hears, or that hears nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.checks.edits import Change, copy, drop, edit, together
from tests.checks.kit import Case, Twin
from verification.checks.stack import budgets
from verification.model.stack import BudgetNotification
from verification.model.ternary import Unknown

WARN = budgets.warn_before_the_ceiling
BUDGET = "aws_budgets_budget.monthly"
TAG = "TagKeyValue"


def notifying(**changes: Any) -> Change:
    """Change every notification of the budget."""
    return edit("budgets", notifications=lambda old: tuple(replace(one, **changes) for one in old))


def wrong(what: str, change: Change, says: str, environment: str = "prod") -> Twin:
    """A budget that does not do."""
    return Twin(WARN, what, change, BUDGET, says, environment=environment)


TWINS = [
    Twin(
        WARN,
        "no budget",
        drop("budgets"),
        "the bill of prod",
        "a budget is missing. Add an aws_budgets_budget to modules/monitoring.",
    ),
    wrong(
        "limit above the ceiling",
        edit("budgets", limit=500),
        "its limit is 500; expected at most 180. Set monthly_budget in environments/prod/prod.tf",
    ),
    wrong("prod's limit in dev", edit("budgets", limit=180), "expected at most 90", "dev"),
    wrong("limit left out", edit("budgets", limit=None), "its limit is not set; expected at most"),
    wrong("usage instead of costs", edit("budgets", type="USAGE"), "are 'USAGE', 'MONTHLY', 'USD'"),
    wrong("a year", edit("budgets", period="ANNUALLY"), "are 'COST', 'ANNUALLY', 'USD'; expected"),
    wrong("another currency", edit("budgets", unit="JPY"), "are 'COST', 'MONTHLY', 'JPY'"),
    wrong("no notification", edit("budgets", notifications=()), "it mails nobody; expected a mail"),
    wrong(
        "nobody to notify",
        notifying(mails=()),
        "it mails nobody at 100 % of its limit; nobody at 100 % of its limit; expected a mail at "
        "180 or less. Add a notification with subscriber_email_addresses.",
    ),
    wrong("too late", notifying(threshold=150), "at 150 % of its limit; expected a mail at 180"),
    wrong(
        "too late in dollars",
        notifying(threshold=500, unit="ABSOLUTE_VALUE"),
        "at 500 US dollars; expected a mail at 180 or less",
    ),
    wrong("when it is cheap", notifying(comparison="LESS_THAN"), "expected a mail at 180 or less"),
    wrong(
        "another environment's costs",
        edit("budgets", filters={TAG: ("user:Environment$dev",)}),
        "it counts TagKeyValue = 'user:Environment$dev'; expected TagKeyValue = "
        "'user:Environment$prod' or no filter. Correct its cost_filter.",
    ),
    wrong(
        "one service alone",
        edit("budgets", filters={"Service": ("Amazon DynamoDB",)}),
        "it counts Service = 'Amazon DynamoDB'; expected",
    ),
    wrong(
        "wrong limit beside an unknown filter",
        edit("budgets", limit=500, filters={TAG: Unknown()}),
        "its limit is 500",
    ),
]

OPEN = [
    Case(WARN, "limit", edit("budgets", limit=Unknown())),
    Case(WARN, "type", edit("budgets", type=Unknown())),
    Case(
        WARN,
        "one budget, beside one that does not do",
        together(
            copy("budgets", BUDGET, address="other", limit=500),
            edit("budgets", BUDGET, limit=Unknown()),
        ),
    ),
    Case(WARN, "filter", edit("budgets", filters={TAG: Unknown()})),
    Case(WARN, "addresses", notifying(mails=Unknown())),
    Case(WARN, "threshold", notifying(threshold=Unknown())),
]

HARMLESS = [
    Case(WARN, "a lower limit", edit("budgets", limit=160)),
    Case(WARN, "the whole account", edit("budgets", filters={})),
    Case(WARN, "earlier", notifying(threshold=80)),
    Case(WARN, "in dollars", notifying(threshold=150, unit="ABSOLUTE_VALUE")),
    Case(
        WARN,
        "one more notification, of which nobody hears",
        edit(
            "budgets",
            notifications=lambda old: (
                *old,
                BudgetNotification("GREATER_THAN", 200, "PERCENTAGE", ()),
            ),
        ),
    ),
    Case(
        WARN,
        "one more budget, of one service",
        copy("budgets", BUDGET, address="other", filters={"Service": ("Amazon DynamoDB",)}),
    ),
]
