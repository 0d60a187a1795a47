"""Checks of the ECS service and its surroundings: zero downtime, health checks, private access."""

from __future__ import annotations

from verification.checks.registry import proves
from verification.model.contract import Contract
from verification.model.findings import Finding, expect, expect_on, judge
from verification.model.stack import LogGroup, Stack
from verification.model.ternary import Unknown, contains


@proves("zero-downtime")
def replaces_tasks_one_by_one(stack: Stack, contract: Contract) -> list[Finding]:
    """A deployment starts new tasks before it stops old ones."""
    rule = contract.service
    return [
        finding
        for service in stack.services
        for finding in (
            expect(
                service,
                "the minimum healthy percent",
                service.minimum_healthy_percent,
                rule.minimum_healthy_percent,
            ),
            expect(service, "the maximum percent", service.maximum_percent, rule.maximum_percent),
        )
    ]


@proves("zero-downtime")
def rolls_back_by_itself(stack: Stack, _: Contract) -> list[Finding]:
    """The deployment circuit breaker is on and rolls back."""
    remedy = "Set deployment_circuit_breaker { enable = true, rollback = true }."
    return [
        finding
        for service in stack.services
        for finding in (
            expect_on(service, "the circuit breaker", service.circuit_breaker, remedy),
            expect_on(service, "its rollback", service.circuit_breaker_rollback, remedy),
        )
    ]


@proves("tasks-stable")
def is_health_checked(stack: Stack, contract: Contract) -> list[Finding]:
    """The target group's health check uses the backend's health path."""
    path = contract.service.health_check_path
    return [
        expect(group, "the health check path", group.health_check_path, path)
        for group in stack.target_groups
    ]


@proves("tasks-stable")
def serves_through_the_load_balancer(stack: Stack, _: Contract) -> list[Finding]:
    """The service registers its tasks in a target group that is health-checked."""
    findings = []
    for service in stack.services:
        known = [contains(service.target_groups, group.arn) for group in stack.target_groups]
        answer = True if True in known else None if None in known else False
        text = {True: "are registered", False: "are not registered", None: "may be registered"}
        findings.append(judge(service, answer, f"its tasks {text[answer]} in a target group"))
    return findings


@proves("tasks-stable")
def keeps_its_logs(stack: Stack, contract: Contract) -> list[Finding]:
    """Each log group has a bounded retention."""
    return [_retention(group, contract) for group in stack.log_groups]


@proves("tasks-stable")
def runs_on_fargate_in_private(stack: Stack, _: Contract) -> list[Finding]:
    """Tasks run on Fargate without a public IP address."""
    return [
        finding
        for service in stack.services
        for finding in (
            expect(service, "launch_type", service.launch_type, "FARGATE"),
            expect(service, "assign_public_ip", service.assign_public_ip, False),
        )
    ]


@proves("encryption")
def uploads_are_closed(stack: Stack, _: Contract) -> list[Finding]:
    """Every bucket is encrypted, and all four public access block settings are on."""
    return [
        finding
        for bucket in stack.buckets
        for finding in (
            expect_on(bucket, "default encryption", bucket.encrypted),
            expect(bucket, "its public access blocks", bucket.public_access_block, (True,) * 4),
        )
    ]


def _retention(group: LogGroup, contract: Contract) -> Finding:
    bounds, days = contract.service.log_retention, group.retention
    if isinstance(days, Unknown):
        return judge(group, None, "its retention is known only after apply")
    inside = bounds.minimum <= (days or float("inf")) <= bounds.maximum
    kept = f"{days} days" if days else "unlimited"
    wanted = f"Set retention_in_days to {bounds.minimum:g} to {bounds.maximum:g}."
    return judge(group, inside, f"its retention is {kept}", wanted)
