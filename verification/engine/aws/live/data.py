"""Resources that store data: tables, parameters, buckets, user pools, backup selections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from verification.engine.aws.live.scope import Scope, unless_missing
from verification.model.stack import (
    BackupSelection,
    BackupVault,
    Bucket,
    Index,
    Parameter,
    Table,
    UserPool,
)

_SWITCHES = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def read_data(scope: Scope, parameter_path: str) -> dict[str, Any]:
    """Read all resources that store data, by the stack's field names."""
    return {
        "tables": tuple(_tables(scope)),
        "parameters": tuple(_parameters(scope, parameter_path)) if parameter_path else (),
        "buckets": tuple(_buckets(scope)),
        "user_pools": tuple(_user_pools(scope)),
        "backup_selections": tuple(_backup_selections(scope)),
        "backup_vaults": tuple(_backup_vaults(scope)),
    }


def _tables(scope: Scope) -> Iterator[Table]:
    for name in scope.pages("dynamodb", "list_tables", "TableNames"):
        if scope.owns(name):
            table = scope["dynamodb"].describe_table(TableName=name)["Table"]
            if table["TableStatus"] != "DELETING":
                yield _table(scope, table)


def _table(scope: Scope, table: Mapping[str, Any]) -> Table:
    name, keys = table["TableName"], _keys(table)
    encryption = table.get("SSEDescription", {})
    replicas = (replica["RegionName"] for replica in table.get("Replicas", ()))
    return Table(
        address=table["TableArn"],
        name=name,
        arn=table["TableArn"],
        hash_key=keys.get("HASH"),
        range_key=keys.get("RANGE"),
        attributes={a["AttributeName"]: a["AttributeType"] for a in table["AttributeDefinitions"]},
        indexes=tuple(_index(index) for index in table.get("GlobalSecondaryIndexes", ())),
        billing_mode=table.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED"),
        ttl_attribute=_ttl_attribute(scope, name),
        point_in_time_recovery=_point_in_time_recovery(scope, name),
        encrypted=encryption.get("Status") == "ENABLED",
        kms_key=_own_key(scope, encryption.get("KMSMasterKeyArn")),
        deletion_protection=table.get("DeletionProtectionEnabled", False),
        replicas=tuple(region for region in replicas if region != scope.region),
    )


def _own_key(scope: Scope, key: str | None) -> str | None:
    """The key, unless it is the AWS managed key of DynamoDB; moto 5.2.5's KeyManager is wrong."""
    if key is None:
        return None
    answer = unless_missing(
        scope["kms"].describe_key, "NotFoundException", KeyId="alias/aws/dynamodb"
    )
    return None if answer and answer["KeyMetadata"]["Arn"] == key else key


def _keys(table: Mapping[str, Any]) -> dict[str, str]:
    return {key["KeyType"]: key["AttributeName"] for key in table["KeySchema"]}


def _index(index: Mapping[str, Any]) -> Index:
    keys = _keys(index)
    return Index(
        name=index["IndexName"],
        hash_key=keys.get("HASH"),
        range_key=keys.get("RANGE"),
        projection=index["Projection"]["ProjectionType"],
    )


def _ttl_attribute(scope: Scope, table: str) -> str | None:
    answer = scope["dynamodb"].describe_time_to_live(TableName=table)
    ttl = answer["TimeToLiveDescription"]
    # A disabled TTL keeps its attribute name for a while.
    on = ttl["TimeToLiveStatus"] in ("ENABLED", "ENABLING")
    return str(ttl["AttributeName"]) if on else None


def _point_in_time_recovery(scope: Scope, table: str) -> bool:
    answer = scope["dynamodb"].describe_continuous_backups(TableName=table)
    recovery = answer["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
    return bool(recovery.get("PointInTimeRecoveryStatus") == "ENABLED")


def _parameters(scope: Scope, path: str) -> Iterator[Parameter]:
    # Do not decrypt SecureString values: no check needs them, and reports must not contain secrets.
    for parameter in scope.pages(
        "ssm", "get_parameters_by_path", "Parameters", Path=path, Recursive=True
    ):
        yield Parameter(
            address=parameter["ARN"],
            name=parameter["Name"],
            type=parameter["Type"],
            value=parameter["Value"],
        )


def _buckets(scope: Scope) -> Iterator[Bucket]:
    for bucket in scope.pages("s3", "list_buckets", "Buckets"):
        if scope.owns(bucket["Name"]):
            yield Bucket(
                address=f"arn:{scope.partition}:s3:::{bucket['Name']}",
                name=bucket["Name"],
                public_access_block=_public_access_block(scope, bucket["Name"]),
                encrypted=_default_encryption(scope, bucket["Name"]),
            )


def _public_access_block(scope: Scope, bucket: str) -> tuple[bool, ...]:
    answer = unless_missing(
        scope["s3"].get_public_access_block, "NoSuchPublicAccessBlockConfiguration", Bucket=bucket
    )
    switches = answer["PublicAccessBlockConfiguration"] if answer else {}
    return tuple(switches.get(switch, False) for switch in _SWITCHES)


def _default_encryption(scope: Scope, bucket: str) -> bool:
    answer = unless_missing(
        scope["s3"].get_bucket_encryption,
        "ServerSideEncryptionConfigurationNotFoundError",
        Bucket=bucket,
    )
    rules = answer["ServerSideEncryptionConfiguration"]["Rules"] if answer else ()
    return any("ApplyServerSideEncryptionByDefault" in rule for rule in rules)


def _user_pools(scope: Scope) -> Iterator[UserPool]:
    pools = scope.pages(
        "cognito-idp", "list_user_pools", "UserPools", PaginationConfig={"PageSize": 60}
    )
    for listed in pools:
        if scope.owns(listed["Name"]):
            answer = scope["cognito-idp"].describe_user_pool(UserPoolId=listed["Id"])
            pool = answer["UserPool"]
            yield UserPool(
                address=pool["Arn"],
                name=pool["Name"],
                deletion_protection=pool.get("DeletionProtection") == "ACTIVE",
                invitation_only=bool(
                    pool.get("AdminCreateUserConfig", {}).get("AllowAdminCreateUserOnly")
                ),
            )


def _backup_vaults(scope: Scope) -> Iterator[BackupVault]:
    for vault in scope.pages("backup", "list_backup_vaults", "BackupVaultList"):
        if scope.owns(vault["BackupVaultName"]):
            yield BackupVault(address=vault["BackupVaultArn"], name=vault["BackupVaultName"])


def _backup_selections(scope: Scope) -> Iterator[BackupSelection]:
    for plan in scope.pages("backup", "list_backup_plans", "BackupPlansList"):
        if not scope.owns(plan["BackupPlanName"]):
            continue
        here = {"BackupPlanId": plan["BackupPlanId"]}
        for listed in scope.pages(
            "backup", "list_backup_selections", "BackupSelectionsList", **here
        ):
            chosen = {"SelectionId": listed["SelectionId"]}
            answer = scope["backup"].get_backup_selection(**here, **chosen)
            yield BackupSelection(
                address=f"backup selection {listed['SelectionName']}",
                resources=tuple(answer["BackupSelection"].get("Resources", ())),
            )
