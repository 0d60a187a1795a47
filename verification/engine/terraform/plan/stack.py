"""The planned `Stack`, from planned resources."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from verification.engine.aws.known_arns import settle
from verification.engine.errors import ToolError
from verification.engine.terraform.plan import data, monitoring, network, service
from verification.engine.terraform.plan.policy_documents import Documents, read_policy, read_role
from verification.engine.terraform.plan.references import References
from verification.engine.terraform.plan.resources import (
    Planned,
    data_sources,
    planned_resources,
    texts,
)
from verification.model import stack as model
from verification.model.source import Source

R = TypeVar("R")


def read_planned_stack(
    plan: Mapping[str, Any], source: Source, root: str, environment: str
) -> model.Stack:
    """Read the stack from a plan's JSON (`terraform show -json`).

    Args:
        plan: the JSON.
        source: the Terraform tree that was planned.
        root: the root module's folder in it, relative to the source's base.
        environment: the environment's name.

    Raises:
        ToolError: the JSON is not a complete plan, or does not have its account.
    """
    variables = {name: item.get("value") for name, item in plan.get("variables", {}).items()}
    references = References(source, root, variables)
    resources, documents = planned_resources(plan, references), Documents(plan, references)

    def every(kind: str, build: Callable[[Planned], R]) -> tuple[R, ...]:
        return tuple(build(resource) for resource in resources if resource.type == kind)

    account, partition, region = _identity(plan)
    stack = model.Stack(
        environment=environment,
        account=account,
        partition=partition,
        region=region,
        terraform=str(plan.get("terraform_version", "")),
        tables=every("aws_dynamodb_table", data.read_table),
        parameters=every("aws_ssm_parameter", data.read_parameter),
        policies=every("aws_iam_policy", lambda policy: read_policy(policy, documents)),
        roles=every("aws_iam_role", lambda role: read_role(role, resources, documents)),
        task_definitions=every("aws_ecs_task_definition", service.read_task_definition),
        services=every("aws_ecs_service", service.read_service),
        load_balancers=every("aws_lb", service.read_load_balancer),
        target_groups=every("aws_lb_target_group", service.read_target_group),
        listeners=every("aws_lb_listener", service.read_listener),
        log_groups=every("aws_cloudwatch_log_group", monitoring.read_log_group),
        metric_filters=every("aws_cloudwatch_log_metric_filter", monitoring.read_metric_filter),
        alarms=every("aws_cloudwatch_metric_alarm", monitoring.read_alarm),
        event_rules=every(
            "aws_cloudwatch_event_rule", lambda rule: monitoring.read_event_rule(rule, resources)
        ),
        topics=every(
            "aws_sns_topic", lambda topic: monitoring.read_topic(topic, resources, documents)
        ),
        subscriptions=every("aws_sns_topic_subscription", monitoring.read_subscription),
        buckets=every("aws_s3_bucket", lambda bucket: data.read_bucket(bucket, resources)),
        nat_gateways=every("aws_nat_gateway", network.read_nat_gateway),
        subnets=every("aws_subnet", network.read_subnet),
        user_pools=every("aws_cognito_user_pool", data.read_user_pool),
        backup_vaults=every("aws_backup_vault", lambda r: data.read_backup_vault(r, resources)),
        backup_selections=every("aws_backup_selection", data.read_backup_selection),
        budgets=every("aws_budgets_budget", monitoring.read_budget),
    )
    policies = (replace(one, document=settle(one.document, stack)) for one in stack.policies)
    tables = (replace(one, arn=settle(one.arn, stack)) for one in stack.tables)
    selections = (
        replace(one, resources=texts(settle(one.resources, stack)))
        for one in stack.backup_selections
    )
    return replace(
        stack,
        policies=tuple(policies),
        tables=tuple(tables),
        backup_selections=tuple(selections),
    )


def _identity(plan: Mapping[str, Any]) -> tuple[str, str, str]:
    """Account and partition from the provider's data sources, and the region."""
    sources = [(one["type"], one["values"]) for one in data_sources(plan)]
    account = next((d["account_id"] for kind, d in sources if kind == "aws_caller_identity"), None)
    partition = next((d["partition"] for kind, d in sources if kind == "aws_partition"), "aws")
    region = plan.get("variables", {}).get("aws_region", {}).get("value")
    if not (account and region):
        raise ToolError(
            "the plan's account and region are unknown: the Terraform must have "
            "data.aws_caller_identity and a variable aws_region."
        )
    return account, partition, region
