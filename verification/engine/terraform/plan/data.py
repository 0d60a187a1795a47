"""Reads tables, parameters, buckets, user pools and backups from planned resources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from verification.engine.terraform.plan.resources import (
    Planned,
    given,
    place,
    refers,
    switch,
    texts,
)
from verification.model import stack as model
from verification.model.ternary import Unknown, any_of, same

_BLOCK_SWITCHES = (
    "block_public_acls",
    "ignore_public_acls",
    "block_public_policy",
    "restrict_public_buckets",
)
_NARROWING = ("tag", "tags", "object_size_greater_than", "object_size_less_than")


def read_table(r: Planned) -> model.Table:
    """Read a table from its planned resource."""
    encryption, ttl = r.first("server_side_encryption"), r.first("ttl")
    names, throughput = r.all("attribute"), r.first("on_demand_throughput")
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
        max_read_units=throughput.get("max_read_request_units"),
        max_write_units=throughput.get("max_write_request_units"),
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
        versioned=switch(
            any_of(
                same(part["status"], "Enabled")
                for other in mine
                if other.type == "aws_s3_bucket_versioning"
                for part in other.all("versioning_configuration")
            )
        ),
        lifecycle=_lifecycle(mine),
    )


def read_user_pool(r: Planned) -> model.UserPool:
    """Read a user pool from its planned resource."""
    return model.UserPool(
        **place(r),
        name=r["name"],
        deletion_protection=switch(same(r["deletion_protection"], "ACTIVE")),
        invitation_only=r.first("admin_create_user_config").get(
            "allow_admin_create_user_only", False
        ),
    )


def read_backup_vault(r: Planned, resources: Sequence[Planned]) -> model.BackupVault:
    """Read a backup vault from its planned resource, and whether a lock refers to it."""
    locks = [one for one in resources if one.type == "aws_backup_vault_lock_configuration"]
    locked = any(refers(lock["backup_vault_name"], r, "id", "name") for lock in locks)
    return model.BackupVault(**place(r), name=r["name"], locked=locked)


def read_backup_selection(r: Planned) -> model.BackupSelection:
    """Read a backup selection from its planned resource."""
    return model.BackupSelection(**place(r), resources=texts(r["resources"]))


def _lifecycle(mine: Sequence[Planned]) -> tuple[model.LifecycleRule, ...] | Unknown:
    """The lifecycle rules of a bucket, of the resources that name it."""
    found = [other for other in mine if other.type == "aws_s3_bucket_lifecycle_configuration"]
    if any(isinstance(one["rule"], Unknown) for one in found):
        return Unknown()
    return tuple(_rule(rule, one) for one in found for rule in one.all("rule"))


def _rule(rule: Mapping[str, Any], r: Planned) -> model.LifecycleRule:
    filters, expiration = _first(rule, "filter"), _first(rule, "expiration")
    several, noncurrent = _first(filters, "and"), _first(rule, "noncurrent_version_expiration")
    prefixes = [given(one.get("prefix"), r) for one in (several, filters, rule)]
    narrowing = [given(one.get(name), r) for one in (several, filters) for name in _NARROWING]
    date = given(expiration.get("date"), r)
    return model.LifecycleRule(
        id=rule.get("id"),
        enabled=switch(same(rule.get("status"), "Enabled")),
        prefix=next((prefix for prefix in prefixes if prefix), ""),
        narrowed=any(narrowing),
        days=0 if date else given(expiration.get("days"), r),
        noncurrent_days=given(noncurrent.get("noncurrent_days"), r),
    )


def _first(block: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The first nested block of a name; empty if there is none."""
    blocks = block.get(name)
    return blocks[0] if isinstance(blocks, list) and blocks else {}


def _index(index: Mapping[str, Any]) -> model.Index:
    throughput = (index.get("on_demand_throughput") or [{}])[0]
    return model.Index(
        index["name"],
        index["hash_key"],
        index.get("range_key") or None,
        index["projection_type"],
        throughput.get("max_read_request_units"),
        throughput.get("max_write_request_units"),
    )
