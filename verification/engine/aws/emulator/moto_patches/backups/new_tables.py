"""Tables that are so new that AWS has not enabled their backups yet."""

from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table

from verification.engine.aws.emulator.moto_patches.patching import Method, wrap

_REFUSED = 1
"""Calls, not seconds: so that a slow machine meets a refusal, too."""


def backups_enabled_later() -> None:
    """moto 5.2.5 backs up a table at once, and at once enables point-in-time recovery.

    AWS enables the backups of a table some time after its creation, or its restore: until then
    both calls fail, and Terraform's provider repeats its own for up to 20 minutes. (Amazon DynamoDB
    API Reference, CreateBackup and UpdateContinuousBackups,
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateBackup.html)
    """
    wrap(DynamoDBBackend, "create_backup", _of_old_tables)
    wrap(DynamoDBBackend, "update_continuous_backups", _of_old_tables)


def _of_old_tables(original: Method) -> Method:
    def call(self: Any, table_name: str, *args: Any, **named: Any) -> Any:
        table = self.tables.get(table_name)
        if table is not None:
            _age(table)
        return original(self, table_name, *args, **named)

    return call


def _age(table: Table) -> None:
    """Count a call; the first ones of a table are refused."""
    refused = vars(table).setdefault("embedded_refusals", 0)
    if refused < _REFUSED:
        vars(table)["embedded_refusals"] = refused + 1
        raise JsonRESTError(
            "ContinuousBackupsUnavailableException",
            f"Backups are being enabled for the table: {table.name}. Please retry later",
        )
