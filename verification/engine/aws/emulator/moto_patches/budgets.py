"""AWS Budgets."""

import json
from typing import Any

from moto.budgets.exceptions import NotFoundException
from moto.budgets.models import Budget, BudgetsBackend
from moto.budgets.responses import BudgetsResponse
from moto.core.utils import unix_time, utcnow

from verification.engine.aws.emulator.moto_patches.patching import Method, add, wrap


def whole_budgets() -> None:
    """moto 5.2.5 cannot update a budget, nor read its notifications' subscribers.

    Terraform reads both after it has created a budget. AWS also sets the start of the first period,
    and refuses notifications of a budget that does not exist.
    """
    wrap(Budget, "__init__", _beginning)
    wrap(BudgetsBackend, "describe_notifications_for_budget", _of_known_budget)
    for operation in (update_budget, describe_subscribers_for_notification):
        add(BudgetsResponse, operation)


def _beginning(original: Method) -> Method:
    def __init__(self: Any, budget: dict[str, Any], notifications: list[dict[str, Any]]) -> None:
        original(self, budget, notifications)
        month = utcnow().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        self.budget["TimePeriod"].setdefault("Start", unix_time(month))

    return __init__


def _of_known_budget(original: Method) -> Method:
    def describe_notifications_for_budget(self: Any, account_id: str, budget_name: str) -> Any:
        self.describe_budget(account_id, budget_name)
        return original(self, account_id, budget_name)

    return describe_notifications_for_budget


def update_budget(self: Any) -> str:
    """UpdateBudget, as an operation of moto's class; notifications and tags stay."""
    asked = self._get_param("NewBudget")
    held = _budget(self, asked["BudgetName"])
    fresh = Budget(asked, [])
    fresh.budget["TimePeriod"] = held.budget["TimePeriod"] | asked.get("TimePeriod", {})
    held.budget = fresh.budget
    return "{}"


def describe_subscribers_for_notification(self: Any) -> str:
    """DescribeSubscribersForNotification, as an operation of moto's class."""
    asked = self._get_param("Notification")
    for notification in _budget(self, self._get_param("BudgetName")).notifications:
        if notification.details == asked:
            return json.dumps({"Subscribers": notification.subscribers})
    raise NotFoundException("Unable to get subscribers - the notification doesn't exist.")


def tags() -> None:
    """moto 5.2.5 has no tags of budgets, so Terraform cannot read a budget back.

    AWS stores them with the budget.
    """
    wrap(BudgetsResponse, "create_budget", _tagging)
    for operation in (list_tags_for_resource, tag_resource, untag_resource):
        add(BudgetsResponse, operation)


def _tagging(original: Method) -> Method:
    def create_budget(self: Any) -> str:
        answer: str = original(self)
        held = _tags_of(_budget(self, self._get_param("Budget")["BudgetName"]))
        held.update(_pairs(self._get_param("ResourceTags")))
        return answer

    return create_budget


def list_tags_for_resource(self: Any) -> str:
    """ListTagsForResource, as an operation of moto's class."""
    held = _tags_of(_named(self))
    return json.dumps({"ResourceTags": [{"Key": k, "Value": v} for k, v in held.items()]})


def tag_resource(self: Any) -> str:
    """TagResource, as an operation of moto's class."""
    _tags_of(_named(self)).update(_pairs(self._get_param("ResourceTags")))
    return "{}"


def untag_resource(self: Any) -> str:
    """UntagResource, as an operation of moto's class."""
    held = _tags_of(_named(self))
    for key in self._get_param("ResourceTagKeys"):
        held.pop(key, None)
    return "{}"


def _named(response: Any) -> Budget:
    """Return the budget of an ARN."""
    return _budget(response, response._get_param("ResourceARN").partition(":budget/")[2])


def _budget(response: Any, name: str) -> Budget:
    """Return a budget of the caller's account; NotFoundException if it does not exist."""
    account = response.current_account
    response.backend.describe_budget(account, name)
    budget: Budget = response.backend.budgets[account][name]
    return budget


def _pairs(tags: list[dict[str, str]] | None) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags or ()}


def _tags_of(budget: Budget) -> dict[str, str]:
    """Return the tags of a budget, which are stored on the budget object."""
    held: dict[str, str] = vars(budget).setdefault("embedded_tags", {})
    return held
