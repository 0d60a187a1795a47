"""What production must not lose."""

from __future__ import annotations

from typing import Any

from tests.checks.edits import Change, copy, drop, edit, together
from tests.checks.kit import Case, Twin
from verification.checks.stack import events, protection
from verification.model.ternary import Unknown
from verification.model.verdict import Verdict

URLS = "aws_dynamodb_table.urls"
VAULT = "aws_backup_vault.this"
BALANCER = "aws_lb.backend"
HTTP = "aws_lb_listener.http"
HTTPS = "aws_lb_listener.https"
SERVICE = "aws_ecs_service.backend"
UNDECIDED = Verdict.UNKNOWN


def unprotected(kind: str, at: str, value: object = False) -> Twin:
    """A resource whose deletion protection is off."""
    change = edit(kind, at, deletion_protection=value)
    says = (
        "deletion protection is off. Set deletion_protection_enabled = true in "
        "environments/prod/prod.tfvars."
    )
    what = f"{at} may be deleted, {value}"
    return Twin(protection.data_cannot_be_deleted, what, change, at, says)


def https(what: str, change: Change, at: str, says: str, **more: Any) -> Twin:
    """A load balancer that does not serve HTTPS alone."""
    return Twin(protection.serves_https, what, change, at, says, **more)


def tasks(count: int | None) -> Twin:
    """A service with too few tasks."""
    change, says = edit("services", desired_count=count), f"desired_count is {count or 'not'}"
    what = f"{count} tasks"
    return Twin(
        protection.has_spare_tasks,
        what,
        change,
        SERVICE,
        says if count != 0 else "desired_count is 0. Set desired_count to 2 or more",
    )


TWINS = [
    unprotected("tables", URLS),
    unprotected("tables", "aws_dynamodb_table.users", None),
    unprotected("user_pools", "aws_cognito_user_pool.this"),
    unprotected("load_balancers", BALANCER),
    Twin(
        protection.data_cannot_be_deleted,
        "unprotected beside an unknown",
        together(
            edit("user_pools", deletion_protection=Unknown()),
            edit("tables", URLS, deletion_protection=False),
        ),
        URLS,
        "deletion protection is off",
    ),
    https(
        "no HTTPS listener",
        drop("listeners", HTTPS),
        BALANCER,
        "an HTTPS listener is missing. Set certificate_arn in environments/prod/prod.tfvars.",
    ),
    https("no listener", drop("listeners"), BALANCER, "an HTTPS listener is missing"),
    https(
        "HTTPS listener of another load balancer",
        edit("listeners", HTTPS, load_balancer="arn:other"),
        BALANCER,
        "an HTTPS listener is missing",
        planned=UNDECIDED,
    ),
    https(
        "HTTP is served",
        edit("listeners", HTTP, action="forward", redirect_protocol=None),
        HTTP,
        "its default action is forward, with no certificate",
    ),
    https(
        "HTTP redirects to HTTP",
        edit("listeners", HTTP, redirect_protocol="HTTP"),
        HTTP,
        "its default action is redirect to HTTP",
    ),
    https(
        "second HTTP listener is served",
        copy(
            "listeners",
            HTTP,
            address="aws_lb_listener.plain",
            port=8080,
            action="forward",
            redirect_protocol=None,
        ),
        "aws_lb_listener.plain",
        "forward",
    ),
    https("no certificate", edit("listeners", HTTPS, certificate=None), HTTPS, "certificate"),
    https(
        "HTTPS redirects back",
        edit("listeners", HTTPS, action="redirect", redirect_protocol="HTTP"),
        HTTPS,
        "its default action is redirect to HTTP",
    ),
    https(
        "HTTP is served beside an unknown certificate",
        together(
            edit("listeners", HTTPS, certificate=Unknown()),
            edit("listeners", HTTP, action="forward"),
        ),
        HTTP,
        "its default action is forward",
    ),
    tasks(1),
    tasks(0),
    tasks(None),
    Twin(
        protection.has_a_nat_gateway_per_zone,
        "one NAT gateway",
        drop("nat_gateways", "us-east-1b"),
        "us-east-1b",
        "has no NAT gateway. Set nat_gateway_per_zone = true",
    ),
    Twin(
        protection.has_a_nat_gateway_per_zone,
        "no NAT gateway",
        drop("nat_gateways"),
        "us-east-1a",
        "has no NAT gateway",
    ),
    Twin(
        protection.has_a_nat_gateway_per_zone,
        "both in one zone",
        lambda stack: edit("nat_gateways", subnet=stack.nat_gateways[0].subnet)(stack),
        "us-east-1b",
        "has no NAT gateway",
    ),
    Twin(
        protection.tables_are_backed_up,
        "selection lacks a table",
        edit("backup_selections", resources=lambda old: tuple(a for a in old if "users" in a)),
        URLS,
        "the backup plan does not select it. Set backup in environments/prod/prod.tfvars",
    ),
    Twin(
        protection.tables_are_backed_up,
        "empty selection",
        edit("backup_selections", resources=()),
        URLS,
        "the backup plan does not select it",
    ),
    Twin(
        protection.tables_are_backed_up,
        "no backup plan",
        drop("backup_selections"),
        URLS,
        "the backup plan does not select it",
    ),
    Twin(
        protection.backups_are_locked,
        "unlocked vault",
        edit("backup_vaults", locked=False),
        VAULT,
        "vault lock is off. Set backup and deletion_protection_enabled = true in",
    ),
    Twin(
        protection.backups_are_locked,
        "a second vault, unlocked",
        copy("backup_vaults", VAULT, address="aws_backup_vault.spare", locked=False),
        "aws_backup_vault.spare",
        "vault lock is off",
    ),
    Twin(
        protection.backups_are_locked,
        "no vault",
        drop("backup_vaults"),
        "the backup plan",
        "a backup vault is missing. Set backup",
        also=(events.report_what_no_metric_shows,),
    ),
]

OPEN = [
    Case(protection.data_cannot_be_deleted, "table", edit("tables", deletion_protection=Unknown())),
    Case(
        protection.data_cannot_be_deleted, "pool", edit("user_pools", deletion_protection=Unknown())
    ),
    Case(protection.serves_https, "owner", edit("listeners", HTTPS, load_balancer=Unknown())),
    Case(protection.serves_https, "balancer", edit("load_balancers", arn=Unknown())),
    Case(protection.serves_https, "protocol", edit("listeners", HTTPS, protocol=Unknown())),
    Case(protection.serves_https, "certificate", edit("listeners", HTTPS, certificate=Unknown())),
    Case(protection.serves_https, "action", edit("listeners", HTTP, action=Unknown())),
    Case(protection.serves_https, "redirect", edit("listeners", HTTP, redirect_protocol=Unknown())),
    Case(protection.has_spare_tasks, "count", edit("services", desired_count=Unknown())),
    Case(protection.has_a_nat_gateway_per_zone, "place", edit("nat_gateways", subnet=Unknown())),
    Case(protection.has_a_nat_gateway_per_zone, "zone", edit("subnets", zone=Unknown())),
    Case(protection.tables_are_backed_up, "list", edit("backup_selections", resources=Unknown())),
    Case(
        protection.tables_are_backed_up,
        "member",
        edit("backup_selections", resources=lambda old: (old[0], Unknown())),
    ),
    Case(protection.tables_are_backed_up, "table", edit("tables", URLS, arn=Unknown())),
    Case(protection.backups_are_locked, "lock", edit("backup_vaults", locked=Unknown())),
]

HARMLESS = [
    Case(
        protection.backups_are_locked,
        "a second locked vault",
        copy("backup_vaults", VAULT, address="aws_backup_vault.spare"),
    ),
    Case(protection.has_spare_tasks, "more tasks", edit("services", desired_count=6)),
    Case(protection.serves_https, "other port", edit("listeners", HTTPS, port=8443)),
    Case(
        protection.tables_are_backed_up,
        "one selection for each table",
        lambda stack: together(
            copy("backup_selections", "", address="second", resources=lambda old: old[1:]),
            edit("backup_selections", "this", resources=lambda old: old[:1]),
        )(stack),
    ),
    Case(
        protection.has_a_nat_gateway_per_zone,
        "a spare NAT gateway",
        copy("nat_gateways", "us-east-1a", address="aws_nat_gateway.spare"),
    ),
]
