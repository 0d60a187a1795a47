"""Rules of EventBridge that report nothing, to nobody, or something else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.checks.edits import Change, copy, drop, edit, together
from tests.checks.kit import Case, Twin
from verification.checks.stack import events, protection
from verification.model.ternary import Unknown
from verification.model.verdict import Verdict

REPORT = events.report_what_no_metric_shows
DEPLOYMENTS, BACKUPS = 'failed["deployments"]', 'failed["backups"]'
FAILED_DEPLOYMENT = "SERVICE_DEPLOYMENT_FAILED of module.backend.aws_ecs_service.backend"
FAILED_BACKUP = "FAILED of module.dynamodb.aws_backup_vault.this[0]"
MISSING = "an enabled rule of EventBridge that matches it is missing. Add it to"
ANOTHER_SERVICE = "arn:aws:ecs:us-east-1:123456789012:service/file-sharing-app-prod/another"


def rule(at: str, **changes: Any) -> Change:
    """Change a rule."""
    return edit("event_rules", at, **changes)


def asking(at: str, **changes: Any) -> Change:
    """Change parts of a rule's pattern."""
    return rule(at, pattern=lambda old: old | changes)


def detailed(at: str, **changes: Any) -> Change:
    """Change parts of what a rule's pattern asks of an event's detail."""
    return rule(at, pattern=lambda old: old | {"detail": old["detail"] | changes})


def unreported(what: str, at: str, change: Change, says: str = MISSING, **rest: Any) -> Twin:
    """A failure of which nobody hears."""
    return Twin(REPORT, what, change, at, says, **rest)


def elsewhere(old: tuple[Any, ...]) -> tuple[str]:
    """A target that is no topic of the stack."""
    return ("arn:aws:sns:us-east-1:123456789012:forgotten",)


def without(name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """A pattern without one of its fields."""
    return lambda old: {key: value for key, value in old.items() if key != name}


TWINS = [
    unreported("no rule", FAILED_DEPLOYMENT, drop("event_rules", DEPLOYMENTS)),
    unreported("no rule for backups", FAILED_BACKUP, drop("event_rules", BACKUPS)),
    unreported("switched off", DEPLOYMENTS, rule(DEPLOYMENTS, enabled=False), "it is disabled"),
    unreported(
        "no target",
        DEPLOYMENTS,
        rule(DEPLOYMENTS, targets=()),
        f"as rule for {FAILED_DEPLOYMENT}: none of its targets is a topic with a subscriber",
    ),
    unreported(
        "target that is not there",
        BACKUPS,
        rule(BACKUPS, targets=elsewhere),
        "none of its targets",
        planned=Verdict.UNKNOWN,
    ),
    unreported(
        "deployments that succeed",
        FAILED_DEPLOYMENT,
        detailed(DEPLOYMENTS, eventName=["SERVICE_DEPLOYMENT_COMPLETED"]),
    ),
    unreported(
        "deployments of another service",
        FAILED_DEPLOYMENT,
        asking(DEPLOYMENTS, resources=[ANOTHER_SERVICE]),
    ),
    unreported(
        "events of another kind", FAILED_DEPLOYMENT, asking(DEPLOYMENTS, source=["aws.ec2"])
    ),
    unreported(
        "tasks instead of deployments",
        FAILED_DEPLOYMENT,
        asking(DEPLOYMENTS, **{"detail-type": ["ECS Task State Change"]}),
    ),
    unreported(
        "no list, as EventBridge demands",
        FAILED_DEPLOYMENT,
        asking(DEPLOYMENTS, source="aws.ecs"),
    ),
    unreported(
        "backups that are late", "EXPIRED of", detailed(BACKUPS, state=["FAILED", "ABORTED"])
    ),
    unreported(
        "another vault", FAILED_BACKUP, detailed(BACKUPS, backupVaultName=["another-dynamodb"])
    ),
    unreported(
        "no vault",
        "backup vault",
        drop("backup_vaults"),
        "should be reported of is missing",
        also=(protection.backups_are_locked,),
    ),
]

OPEN = [
    Case(REPORT, "pattern", rule(DEPLOYMENTS, pattern=Unknown())),
    Case(REPORT, "part of the pattern", asking(DEPLOYMENTS, resources=Unknown())),
    Case(REPORT, "one value", asking(DEPLOYMENTS, resources=[Unknown()])),
    Case(REPORT, "filter", detailed(DEPLOYMENTS, eventName=[{"prefix": "SERVICE_"}])),
    Case(REPORT, "field of which nothing is known", detailed(BACKUPS, jobType=["SCHEDULED"])),
    Case(REPORT, "switch", rule(DEPLOYMENTS, enabled=Unknown())),
    Case(REPORT, "targets", rule(DEPLOYMENTS, targets=Unknown())),
    Case(REPORT, "one target", rule(DEPLOYMENTS, targets=(Unknown(),))),
    Case(REPORT, "service", edit("services", name=Unknown())),
    Case(REPORT, "vault", edit("backup_vaults", name=Unknown())),
]

HARMLESS = [
    Case(REPORT, "every service", rule(DEPLOYMENTS, pattern=without("resources"))),
    Case(
        REPORT,
        "more than failures",
        detailed(
            DEPLOYMENTS, eventName=["SERVICE_DEPLOYMENT_COMPLETED", "SERVICE_DEPLOYMENT_FAILED"]
        ),
    ),
    Case(
        REPORT,
        "a rule for other things beside it",
        copy(
            "event_rules",
            DEPLOYMENTS,
            address="aws_cloudwatch_event_rule.other",
            pattern={"source": ["aws.ec2"]},
            targets=(),
        ),
    ),
    Case(
        REPORT,
        "one rule for each state",
        together(
            detailed(BACKUPS, state=["FAILED"]),
            copy(
                "event_rules",
                BACKUPS,
                address="aws_cloudwatch_event_rule.late",
                pattern={"source": ["aws.backup"], "detail": {"state": ["ABORTED", "EXPIRED"]}},
            ),
        ),
    ),
]
