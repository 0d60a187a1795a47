"""DynamoDB."""

import json
import time
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler, DynamoResult

from verification.engine.aws.emulator.moto_patches.patching import Method, wrap

_BATCH = 25
_TOKEN_SECONDS = 600


def batch_limit() -> None:
    """moto 5.2.5 accepts any number of writes in a batch; AWS accepts 25."""
    wrap(DynamoHandler, "batch_write_item", _limited)


def _limited(original: Method) -> Method:
    def batch_write_item(self: Any) -> Any:
        if sum(map(len, self.body["RequestItems"].values())) > _BATCH:
            raise MockValidationException("Too many items requested for the BatchWriteItem call")
        return original(self)

    return batch_write_item


def client_request_token() -> None:
    """moto 5.2.5 applies a repeated TransactWriteItems again, such as a retry after a timeout.

    AWS remembers a ClientRequestToken for ten minutes: the same request succeeds without effect,
    another request with the same token fails. (Amazon DynamoDB API Reference,
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html)
    """
    wrap(DynamoHandler, "transact_write_items", _idempotent)


def _idempotent(original: Method) -> Method:
    def transact_write_items(self: Any) -> Any:
        token = self.body.get("ClientRequestToken")
        seen = _tokens(self.dynamodb_backend)
        asked = json.dumps(self.body["TransactItems"], sort_keys=True, default=repr)
        if token in seen and seen[token][0] != asked:
            message = "Transaction token is repeated with different parameters"
            raise JsonRESTError("IdempotentParameterMismatchException", message)
        if token in seen:
            return ActionResult({"ConsumedCapacity": [], "ItemCollectionMetrics": {}})
        result = original(self)
        if token:
            seen[token] = (asked, time.monotonic())
        return result

    return transact_write_items


def _tokens(backend: Any) -> dict[str, tuple[str, float]]:
    """Return the valid tokens, without expired ones; SDKs send a token with every call."""
    seen: dict[str, tuple[str, float]] = vars(backend).setdefault("embedded_tokens", {})
    for token, (_, at) in list(seen.items()):
        if time.monotonic() - at < _TOKEN_SECONDS:
            break
        del seen[token]
    return seen


def encryption_update() -> None:
    """moto 5.2.5 ignores SSESpecification in UpdateTable, so the key never changes.

    AWS changes the key; without a key id it uses the AWS managed key.
    """
    wrap(DynamoHandler, "update_table", _encrypting)


def _encrypting(original: Method) -> Method:
    def update_table(self: Any) -> Any:
        asked = self.body.get("SSESpecification")
        if asked is not None:
            table = self.dynamodb_backend.get_table(self.body["TableName"])
            table.sse_specification = dict(asked)
            if asked.get("Enabled") and not asked.get("KMSMasterKeyId"):
                key = table._get_default_encryption_key(table.account_id, table.region_name)
                table.sse_specification["KMSMasterKeyId"] = key
        return original(self)

    return update_table


def maximum_throughput() -> None:
    """moto 5.2.5 ignores OnDemandThroughput, so a table and its indexes never have a maximum.

    AWS stores what is asked for, and removes it with -1. Here it throttles nothing.
    """
    for method in ("create_table", "update_table"):
        wrap(DynamoHandler, method, _with_maximum)
    wrap(Table, "describe", _describing)


def _with_maximum(original: Method) -> Method:
    def method(self: Any) -> ActionResult:
        original(self)
        table = self.dynamodb_backend.get_table(self.body["TableName"])
        _keep(table, None, self.body)
        for index in self.body.get("GlobalSecondaryIndexes") or ():
            _keep(table, index["IndexName"], index)
        for change in self.body.get("GlobalSecondaryIndexUpdates") or ():
            for index in (change.get("Create"), change.get("Update")):
                if index:
                    _keep(table, index["IndexName"], index)
        return DynamoResult(table.describe())

    return method


def _keep(table: Any, index: str | None, asked: dict[str, Any]) -> None:
    """Store the maximum of a table, or of one of its indexes."""
    held = _maxima(table).setdefault(index, {})
    for name, units in (asked.get("OnDemandThroughput") or {}).items():
        held.pop(name, None)
        if units != -1:
            held[name] = units


def _describing(original: Method) -> Method:
    def describe(self: Any, base_key: str = "TableDescription") -> dict[str, Any]:
        answer: dict[str, Any] = original(self, base_key)
        table = answer[base_key]
        named = [(None, table)]
        named += [(one["IndexName"], one) for one in table.get("GlobalSecondaryIndexes") or ()]
        for index, described in named:
            if held := _maxima(self).get(index):
                described["OnDemandThroughput"] = dict(held)
        return answer

    return describe


def _maxima(table: Any) -> dict[str | None, dict[str, int]]:
    held: dict[str | None, dict[str, int]] = vars(table).setdefault("embedded_maxima", {})
    return held


def time_to_live() -> None:
    """moto 5.2.5 answers "ResourceNotFound" for a missing table, and can enable TTL twice.

    AWS answers ResourceNotFoundException, and refuses to enable TTL twice, to disable it twice, and
    to change the attribute of an active TTL.
    """
    wrap(DynamoDBBackend, "describe_time_to_live", _of_known_table)
    wrap(DynamoDBBackend, "update_time_to_live", _changing)


def _of_known_table(original: Method) -> Method:
    def describe_time_to_live(self: Any, table_name: str) -> Any:
        self.get_table(table_name)
        return original(self, table_name)

    return describe_time_to_live


def _changing(original: Method) -> Method:
    def update_time_to_live(self: Any, table_name: str, ttl_spec: dict[str, Any]) -> Any:
        now = self.get_table(table_name).ttl
        enabled, attribute = now["TimeToLiveStatus"] == "ENABLED", now.get("AttributeName")
        if enabled and ttl_spec["AttributeName"] != attribute:
            raise MockValidationException(
                "TimeToLive is active on a different AttributeName: "
                f"current AttributeName is {attribute}"
            )
        if ttl_spec["Enabled"] == enabled:
            state = "enabled" if enabled else "disabled"
            raise MockValidationException(f"TimeToLive is already {state}")
        return original(self, table_name, ttl_spec)

    return update_time_to_live
