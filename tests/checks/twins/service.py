"""What would cost a request, a task or a log line."""

from __future__ import annotations

from tests.checks.edits import Change, copy, edit
from tests.checks.kit import Case, Twin
from verification.checks.stack import service
from verification.model.ternary import Unknown
from verification.model.verdict import Verdict

SERVICE = "aws_ecs_service.backend"
LOGS = "aws_cloudwatch_log_group.backend"
SWITCHES = (
    "block_public_acls",
    "ignore_public_acls",
    "block_public_policy",
    "restrict_public_buckets",
)


def running(**changes: object) -> Change:
    """Change the service."""
    return edit("services", SERVICE, **changes)


def without(switch: int, value: object = False) -> Change:
    """Turn off one of the four switches of the uploads' public access block."""
    opened = tuple(value if i == switch else True for i in range(4))
    return edit("buckets", public_access_block=opened)


def kept(days: int | None, says: str) -> Twin:
    """A log group that keeps its lines for too short or too long a time."""
    change, what = edit("log_groups", LOGS, retention=days), f"logs kept for {days} days"
    return Twin(service.keeps_its_logs, what, change, LOGS, says)


def asked(path: str | None) -> Twin:
    """A health check on another path."""
    says = f"the health check path is {repr(path) if path else 'not set'}; expected '/started'"
    change = edit("target_groups", health_check_path=path)
    return Twin(service.is_health_checked, f"asks {path}", change, "aws_lb_target_group", says)


TWINS = [
    Twin(
        service.replaces_tasks_one_by_one,
        "half of the tasks may be away",
        running(minimum_healthy_percent=50),
        SERVICE,
        "the minimum healthy percent is 50; expected 100",
    ),
    Twin(
        service.replaces_tasks_one_by_one,
        "all tasks may be away",
        running(minimum_healthy_percent=0),
        SERVICE,
        "the minimum healthy percent is 0",
    ),
    Twin(
        service.replaces_tasks_one_by_one,
        "no room for new tasks",
        running(maximum_percent=100),
        SERVICE,
        "the maximum percent is 100; expected 200",
    ),
    Twin(
        service.replaces_tasks_one_by_one,
        "wrong beside an unknown",
        running(minimum_healthy_percent=Unknown(), maximum_percent=100),
        SERVICE,
        "the maximum percent is 100",
    ),
    Twin(
        service.rolls_back_by_itself,
        "no circuit breaker",
        running(circuit_breaker=False, circuit_breaker_rollback=False),
        SERVICE,
        "the circuit breaker is off. Set deployment_circuit_breaker",
    ),
    Twin(
        service.rolls_back_by_itself,
        "stops without rolling back",
        running(circuit_breaker_rollback=False),
        SERVICE,
        "its rollback is off",
    ),
    Twin(
        service.rolls_back_by_itself,
        "nothing said",
        running(circuit_breaker=None),
        SERVICE,
        "the circuit breaker is off",
    ),
    asked("/"),
    asked("/health"),
    asked("/started/"),
    asked("/ready"),
    asked(None),
    Twin(
        service.serves_through_the_load_balancer,
        "registered nowhere",
        running(target_groups=()),
        SERVICE,
        "its tasks are not registered in a target group",
    ),
    Twin(
        service.serves_through_the_load_balancer,
        "registered elsewhere",
        running(target_groups=("arn:aws:elasticloadbalancing:other",)),
        SERVICE,
        "its tasks are not registered in a target group",
        planned=Verdict.UNKNOWN,
    ),
    kept(None, "its retention is unlimited. Set retention_in_days to 7 to 400."),
    kept(0, "its retention is unlimited"),
    kept(1, "its retention is 1 days. Set retention_in_days to 7 to 400."),
    kept(3653, "its retention is 3653 days"),
    Twin(
        service.keeps_its_logs,
        "flow logs kept for ever",
        edit("log_groups", "flow_logs", retention=None),
        "flow_logs",
        "its retention is unlimited",
    ),
    Twin(
        service.runs_on_fargate_in_private,
        "on EC2",
        running(launch_type="EC2"),
        SERVICE,
        "launch_type is 'EC2'; expected 'FARGATE'",
    ),
    Twin(
        service.runs_on_fargate_in_private,
        "public address",
        running(assign_public_ip=True),
        SERVICE,
        "assign_public_ip is true; expected false",
    ),
    *(
        Twin(
            service.uploads_are_closed,
            f"{name} off",
            without(i),
            "aws_s3_bucket.uploads",
            "expected true, true, true, true",
        )
        for i, name in enumerate(SWITCHES)
    ),
    Twin(
        service.uploads_are_closed,
        "not encrypted",
        edit("buckets", encrypted=False),
        "aws_s3_bucket.uploads",
        "default encryption is off",
    ),
    Twin(
        service.uploads_are_closed,
        "open beside an unknown switch",
        edit("buckets", public_access_block=(Unknown(), True, True, False)),
        "aws_s3_bucket.uploads",
        "its public access blocks are known only after apply, true, true, false",
    ),
]

OPEN = [
    Case(service.replaces_tasks_one_by_one, "least", running(minimum_healthy_percent=Unknown())),
    Case(service.replaces_tasks_one_by_one, "most", running(maximum_percent=Unknown())),
    Case(service.rolls_back_by_itself, "breaker", running(circuit_breaker=Unknown())),
    Case(service.rolls_back_by_itself, "rollback", running(circuit_breaker_rollback=Unknown())),
    Case(service.is_health_checked, "path", edit("target_groups", health_check_path=Unknown())),
    Case(service.serves_through_the_load_balancer, "groups", running(target_groups=Unknown())),
    Case(service.serves_through_the_load_balancer, "group", running(target_groups=(Unknown(),))),
    Case(service.serves_through_the_load_balancer, "its ARN", edit("target_groups", arn=Unknown())),
    Case(service.keeps_its_logs, "retention", edit("log_groups", LOGS, retention=Unknown())),
    Case(service.runs_on_fargate_in_private, "launch type", running(launch_type=Unknown())),
    Case(service.runs_on_fargate_in_private, "address", running(assign_public_ip=Unknown())),
    Case(service.uploads_are_closed, "one switch", without(2, Unknown())),
    Case(service.uploads_are_closed, "encryption", edit("buckets", encrypted=Unknown())),
]

HARMLESS = [
    Case(service.keeps_its_logs, "ninety days", edit("log_groups", LOGS, retention=90)),
    Case(service.keeps_its_logs, "bound itself", edit("log_groups", LOGS, retention=7)),
    Case(
        service.serves_through_the_load_balancer,
        "in a second group as well",
        running(target_groups=lambda old: ("arn:other", *old)),
    ),
    Case(
        service.keeps_its_logs,
        "another log group",
        copy("log_groups", LOGS, address="aws_cloudwatch_log_group.x", name="/aws/other"),
    ),
]
