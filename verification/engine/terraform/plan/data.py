"""Reads tables, parameters, buckets, user pools and backups from planned resources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from verification.engine.terraform.plan.resources import Planned, given, place, refers, texts
from verification.model import stack as model
from verification.model.ternary import Unknown

_BLOCK_SWITCHES = (
    "block_public_acls",
    "ignore_public_acls",
    "block_public_policy",
    "restrict_public_buckets",
)


def read_table(r: Planned) -> model.Table:
    """Read a table from its planned resource."""
    encryption, ttl = r.first("server_side_encryption"), r.first("ttl")
    names = r.all("attribute")
    return model.Table(
        **place(r),
        name=r["name"],
        arn=r["arn"],
        hash_key=r["hash_key"],
        range_key=r["range_key"] or None,
        attributes={str(attribute["name"]): attribute["type"] for attribute in names},
        indexes=tuple(_index(index) for index in r.all("global_secondary_index")),
        billing_mode=r["billing_mode"],
        ttl_attribute=ttl.get("attribute_name") if ttl.get("enabled") else None,
        point_in_time_recovery=r.first("point_in_time_recovery").get("enabled", False),
        encrypted=encryption.get("enabled", False),
        # If unset, the provider reads the AWS managed key after apply, which is not a
        # customer-managed key.
        kms_key=given(encryption.get("kms_key_arn"), r),
        deletion_protection=r["deletion_protection_enabled"],
        replicas=tuple(replica["region_name"] for replica in r.all("replica")),
    )


def read_parameter(r: Planned) -> model.Parameter:
    """Read a parameter from its planned resource."""
    return model.Parameter(
        **place(r), name=r["name"], type=r["type"], value=r["value"], key=given(r["key_id"], r)
    )


def read_bucket(r: Planned, resources: Sequence[Planned]) -> model.Bucket:
    """Read a bucket from its planned resource."""
    mine = [other for other in resources if refers(other["bucket"], r, "id", "bucket")]
    block = next((o for o in mine if o.type == "aws_s3_bucket_public_access_block"), None)
    encrypted = "aws_s3_bucket_server_side_encryption_configuration"
    return model.Bucket(
        **place(r),
        name=r["bucket"],
        public_access_block=tuple(
            (block[name] or False) if block else False for name in _BLOCK_SWITCHES
        ),
        encrypted=any(other.type == encrypted for other in mine),
    )


def read_user_pool(r: Planned) -> model.UserPool:
    """Read an user pool from its planned resource."""
    protection = r["deletion_protection"]
    active = protection if isinstance(protection, Unknown) else protection == "ACTIVE"
    return model.UserPool(
        **place(r),
        name=r["name"],
        deletion_protection=active,
        invitation_only=r.first("admin_create_user_config").get(
            "allow_admin_create_user_only", False
        ),
    )


def read_backup_selection(r: Planned) -> model.BackupSelection:
    """Read a backup selection from its planned resource."""
    return model.BackupSelection(**place(r), resources=texts(r["resources"]))


def read_backup_vault(r: Planned) -> model.BackupVault:
    """Read a backup vault from its planned resource."""
    return model.BackupVault(**place(r), name=r["name"])


def _index(index: Mapping[str, Any]) -> model.Index:
    return model.Index(
        index["name"],
        index["hash_key"],
        index.get("range_key") or None,
        index["projection_type"],
    )
