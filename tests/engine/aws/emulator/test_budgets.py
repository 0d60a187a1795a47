"""Where moto's AWS Budgets is not AWS's: each test fails without the fix that it is for."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from verification.engine.aws.emulator import EmbeddedAws

pytestmark = pytest.mark.slow

ACCOUNT = {"AccountId": "123456789012"}
ARN = "arn:aws:budgets::123456789012:budget/monthly"
BUDGET = {
    "BudgetName": "monthly",
    "BudgetType": "COST",
    "TimeUnit": "MONTHLY",
    "BudgetLimit": {"Amount": "90", "Unit": "USD"},
    "TimePeriod": {"End": 3706473600},
}
NOTIFICATION = {
    "NotificationType": "ACTUAL",
    "ComparisonOperator": "GREATER_THAN",
    "Threshold": 100,
    "ThresholdType": "PERCENTAGE",
}
READER = {"SubscriptionType": "EMAIL", "Address": "alerts@example.com"}


@pytest.fixture
def budgets(empty_aws: EmbeddedAws) -> Iterator[Any]:
    """The client of a world with one budget, which has a notification and a tag."""
    with empty_aws.fork() as world:
        client = world.client("budgets")
        client.create_budget(
            **ACCOUNT,
            Budget=BUDGET,
            NotificationsWithSubscribers=[
                {"Notification": NOTIFICATION, "Subscribers": [READER]},
            ],
            ResourceTags=[{"Key": "Environment", "Value": "dev"}],
        )
        yield client


def tags(budgets: Any) -> dict[str, str]:
    """The budget's tags."""
    found = budgets.list_tags_for_resource(ResourceARN=ARN)["ResourceTags"]
    return {tag["Key"]: tag["Value"] for tag in found}


def test_subscribers_are_told(budgets: Any) -> None:
    """Of each notification; of another one, as of another budget, there are none."""
    here = {**ACCOUNT, "BudgetName": "monthly"}
    found = budgets.describe_notifications_for_budget(**here)["Notifications"]
    assert found == [NOTIFICATION]
    asked = {**here, "Notification": found[0]}
    assert budgets.describe_subscribers_for_notification(**asked)["Subscribers"] == [READER]
    other = {**here, "Notification": NOTIFICATION | {"Threshold": 50}}
    for call, arguments in (
        (budgets.describe_subscribers_for_notification, other),
        (budgets.describe_notifications_for_budget, {**ACCOUNT, "BudgetName": "other"}),
    ):
        with pytest.raises(ClientError, match="NotFoundException"):
            call(**arguments)


def test_a_budget_is_updated(budgets: Any) -> None:
    """The limit changes; period, notifications and tags stay."""
    before = budgets.describe_budget(**ACCOUNT, BudgetName="monthly")["Budget"]
    changed = BUDGET | {"BudgetLimit": {"Amount": "100", "Unit": "USD"}}
    budgets.update_budget(**ACCOUNT, NewBudget=changed)
    after = budgets.describe_budget(**ACCOUNT, BudgetName="monthly")["Budget"]
    assert after["BudgetLimit"]["Amount"] == "100"
    assert after["TimePeriod"] == before["TimePeriod"]
    here = {**ACCOUNT, "BudgetName": "monthly"}
    assert budgets.describe_notifications_for_budget(**here)["Notifications"] == [NOTIFICATION]
    assert tags(budgets) == {"Environment": "dev"}


def test_the_first_period_begins_this_month(budgets: Any) -> None:
    """Also where only its end was named."""
    period = budgets.describe_budget(**ACCOUNT, BudgetName="monthly")["Budget"]["TimePeriod"]
    assert period["Start"].day == 1
    assert period["End"].year == 2087


def test_tags_are_kept(budgets: Any) -> None:
    """As they were made, changed and taken away."""
    budgets.tag_resource(ResourceARN=ARN, ResourceTags=[{"Key": "Project", "Value": "app"}])
    assert tags(budgets) == {"Environment": "dev", "Project": "app"}
    budgets.untag_resource(ResourceARN=ARN, ResourceTagKeys=["Environment"])
    assert tags(budgets) == {"Project": "app"}
    with pytest.raises(ClientError, match="NotFoundException"):
        budgets.list_tags_for_resource(ResourceARN=f"{ARN}-other")
