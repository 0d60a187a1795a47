"""Calls of DynamoDB: its errors are StoreUnavailable, or ConditionFailed with the existing item."""

from __future__ import annotations

from typing import Any

from backend.aws import CALL_ERRORS, LazyClient, NoCredentials
from backend.dynamodb_items import Item
from backend.store import StoreUnavailable


class ConditionFailed(Exception):
    """The condition of a write was not met.

    `item` is the existing item, None if there is none; `repeated` is whether the SDK had sent the
    write before, so that an earlier attempt may have succeeded.
    """

    def __init__(self, item: Item | None, repeated: bool) -> None:
        super().__init__("the condition of a write was not met")
        self.item = item
        self.repeated = repeated


def call(client: LazyClient, operation: str, **parameters: Any) -> dict[str, Any]:
    """The answer of an operation. Raises ConditionFailed or StoreUnavailable."""
    try:
        answer: dict[str, Any] = getattr(client.get(), operation)(**parameters)
    except NoCredentials as error:
        raise StoreUnavailable(f"DynamoDB {operation}: {error}") from error
    except CALL_ERRORS as error:
        # The SDK's connection errors have this attribute, too, but empty.
        response = getattr(error, "response", None) or {}
        code = response.get("Error", {}).get("Code", type(error).__name__)
        if code == "ConditionalCheckFailedException":
            attempts = response.get("ResponseMetadata", {}).get("RetryAttempts", 0)
            raise ConditionFailed(response.get("Item"), repeated=attempts > 0) from error
        raise StoreUnavailable(f"DynamoDB {operation}: {code}: {error}") from error
    return answer


def is_own_write(refusal: ConditionFailed, own_id: str, attribute: str = "write_id") -> bool:
    """Whether the write failed only because its own earlier attempt had succeeded."""
    return refusal.item is not None and refusal.item.get(attribute) == {"S": own_id}
