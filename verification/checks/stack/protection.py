"""Checks of what an environment requires in addition, production above all."""

from __future__ import annotations

from verification.checks.registry import proves
from verification.model.contract import Contract
from verification.model.findings import Finding, expect_on, judge, missing, not_demanded, show
from verification.model.stack import Listener, LoadBalancer, Resource, Stack, Table, UserPool
from verification.model.ternary import Unknown, all_of, any_of, contains, same


@proves("production-protection")
def data_cannot_be_deleted(stack: Stack, contract: Contract) -> list[Finding]:
    """Deletion protection is on for tables, user pool and load balancer if required."""
    protected: tuple[Table | UserPool | LoadBalancer, ...] = (
        *stack.tables,
        *stack.user_pools,
        *stack.load_balancers,
    )
    if not contract.of(stack).deletion_protection:
        return [not_demanded(each, "deletion protection") for each in protected]
    remedy = f"Set deletion_protection_enabled = true in {_values(stack)}."
    return [
        expect_on(resource, "deletion protection", resource.deletion_protection, remedy)
        for resource in protected
    ]


@proves("production-protection")
def serves_https(stack: Stack, contract: Contract) -> list[Finding]:
    """Each load balancer has an HTTPS listener, and its HTTP listener only redirects to it."""
    if not contract.of(stack).https:
        return [not_demanded(each, "HTTPS") for each in stack.load_balancers]
    return [finding for balancer in stack.load_balancers for finding in _https(balancer, stack)]


@proves("production-protection")
def has_spare_tasks(stack: Stack, contract: Contract) -> list[Finding]:
    """At least the required number of tasks runs."""
    least = contract.of(stack).minimum_tasks
    findings = []
    for service in stack.services:
        count = service.desired_count
        known = not isinstance(count, Unknown)
        enough = (count or 0) >= least if known else None  # type: ignore[operator]
        remedy = f"Set desired_count to {least} or more in {_values(stack)}."
        findings.append(judge(service, enough, f"desired_count is {show(count)}", remedy))
    return findings


@proves("production-protection")
def has_a_nat_gateway_per_zone(stack: Stack, contract: Contract) -> list[Finding]:
    """Each zone with subnets has a NAT gateway."""
    if not contract.of(stack).nat_gateway_per_zone:
        return [not_demanded(each, "a NAT gateway in every zone") for each in stack.nat_gateways]
    known = [subnet for subnet in stack.subnets if not isinstance(subnet.zone, Unknown)]
    zones: dict[object, list[bool | None]] = {subnet.zone: [] for subnet in known}
    for subnet in known:
        zones[subnet.zone] += [same(gateway.subnet, subnet.id) for gateway in stack.nat_gateways]
    findings = [_zone(str(zone), answers, stack) for zone, answers in zones.items()]
    return findings + [
        judge(subnet, None, "its zone is known only after apply")
        for subnet in stack.subnets
        if subnet not in known
    ]


@proves("backup-and-restore")
def tables_are_backed_up(stack: Stack, contract: Contract) -> list[Finding]:
    """A backup plan selects every table if the environment requires backups."""
    if not contract.of(stack).backup:
        return [not_demanded(each, "a backup plan") for each in stack.tables]
    findings = []
    for table in stack.tables:
        answer = any_of(contains(each.resources, table.arn) for each in stack.backup_selections)
        text = {True: "selects it", False: "does not select it", None: "may select it"}[answer]
        remedy = f"Set backup in {_values(stack)}, and list the table in modules/dynamodb/main.tf."
        findings.append(judge(table, answer, f"the backup plan {text}", remedy))
    return findings


@proves("backup-and-restore")
def backups_are_locked(stack: Stack, contract: Contract) -> list[Finding]:
    """A vault lock keeps every scheduled backup if the environment requires backups.

    Without it, one call deletes a backup, and a destroy with force_destroy all of them. (AWS Backup
    Developer Guide, "AWS Backup Vault Lock",
    https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html)
    """
    if not contract.of(stack).backup:
        return [not_demanded(each, "a locked backup vault") for each in stack.tables]
    remedy = f"Set backup and deletion_protection_enabled = true in {_values(stack)}."
    if not stack.backup_vaults:
        return [missing("the backup plan", "a backup vault", remedy)]
    return [expect_on(each, "vault lock", each.locked, remedy) for each in stack.backup_vaults]


def _https(balancer: LoadBalancer, stack: Stack) -> list[Finding]:
    remedy = f"Set certificate_arn in {_values(stack)}."
    owned = [(same(each.load_balancer, balancer.arn), each) for each in stack.listeners]
    found = [all_of((is_mine, same(each.protocol, "HTTPS"))) for is_mine, each in owned]
    findings = [_listener(each, is_mine, remedy) for is_mine, each in owned if is_mine is not False]
    if True not in found:
        unknown = [Unknown()] if None in found else []
        findings.append(missing(balancer.address, "an HTTPS listener", remedy, unknown))
    return findings


def _listener(listener: Listener, is_mine: bool | None, remedy: str) -> Finding:
    certificate, action = listener.certificate, listener.action
    certified = None if isinstance(certificate, Unknown) else certificate is not None
    serves = all_of((same(listener.protocol, "HTTPS"), certified, same(action, "forward")))
    redirects = all_of((same(action, "redirect"), same(listener.redirect_protocol, "HTTPS")))
    good = any_of((serves, redirects))
    where = f"redirect to {listener.redirect_protocol}" if action == "redirect" else action
    with_certificate = {True: "a", False: "no", None: "possibly a"}[certified]
    text = f"its default action is {where}, with {with_certificate} certificate"
    return judge(listener, good if good or is_mine else None, text, remedy)


def _zone(zone: str, answers: list[bool | None], stack: Stack) -> Finding:
    if True in answers:
        return judge(Resource(address=zone), True, "has a NAT gateway")
    answer = None if None in answers else False
    remedy = f"Set nat_gateway_per_zone = true in {_values(stack)}."
    return judge(Resource(address=zone), answer, "has no NAT gateway", remedy)


def _values(stack: Stack) -> str:
    return f"environments/{stack.environment}/{stack.environment}.tfvars"
