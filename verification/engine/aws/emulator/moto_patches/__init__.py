"""Patches for differences between moto and AWS that affect this project: one function each.

All differences were measured with moto 5.2.5. To add a patch: write a function that calls `wrap` or
`add`, add it to FIXES, and add a test that fails without it.

Known and not patched: TTL deletes nothing; BillingModeOverride is ignored; equal items for two
tables in one batch count as duplicates; consumed capacity is constant; no CloudWatch metrics and no
alarm evaluation; SecureString values are not encrypted; customer keys are not used; JSON log filter
patterns match everything; CloudFront's default certificate differs on every plan.
"""

from collections.abc import Callable

from verification.engine.aws.emulator.moto_patches import (
    autoscaling,
    budgets,
    cognito,
    cognito_accounts,
    cognito_srp,
    dynamodb,
    dynamodb_writes,
    ecs,
    ecs_agent,
    network,
    s3,
    speed,
)
from verification.engine.aws.emulator.moto_patches.backups import (
    jobs,
    new_tables,
    tables,
    vaults,
)

FIXES: tuple[Callable[[], None], ...] = (
    autoscaling.tags,
    budgets.tags,
    budgets.whole_budgets,
    cognito.deletion_protection,
    cognito.domain_account,
    cognito.immutable_settings,
    cognito_accounts.client_flows,
    cognito_accounts.invitations,
    cognito_accounts.reset_codes,
    cognito_srp.secure_remote_password,
    dynamodb.batch_limit,
    dynamodb.client_request_token,
    dynamodb.encryption_update,
    dynamodb.maximum_throughput,
    dynamodb.time_to_live,
    dynamodb_writes.lagging_indexes,
    dynamodb_writes.memory,
    ecs.deployments,
    ecs.kept_fields,
    ecs.layer_downloads,
    ecs_agent.tasks,
    jobs.recovery_points,
    jobs.restore_jobs,
    network.certificates,
    network.deletion_protection,
    network.rule_descriptions,
    new_tables.backups_enabled_later,
    s3.secure_transport,
    tables.point_in_time,
    tables.restored_settings,
    tables.system_backups,
    vaults.plans,
    vaults.selections,
    vaults.tags,
    speed.known_services,
    speed.known_operations,
)


def install() -> None:
    """Install every patch, once per process; LookupError if moto is not the expected version."""
    for fix in FIXES:
        fix()
