"""The planned `Stack`, from planned resources."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from verification.engine.aws.known_arns import settle
from verification.engine.errors import ToolError
from verification.engine.terraform.plan.policy_documents import Documents, read_policy, read_role
from verification.engine.terraform.plan.references import References
from verification.engine.terraform.plan.resources import (
    Planned,
    data_sources,
    place,
    planned_resources,
    refers,
)
from verification.model import stack as model
from verification.model.source import Source
from verification.model.ternary import Unknown

R = TypeVar("R")
_BLOCK_SWITCHES = (
    "block_public_acls",
    "ignore_public_acls",
    "block_public_policy",
    "restrict_public_buckets",
)


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
        tables=every("aws_dynamodb_table", _table),
        parameters=every("aws_ssm_parameter", _parameter),
        policies=every("aws_iam_policy", lambda policy: read_policy(policy, documents)),
        roles=every("aws_iam_role", lambda role: read_role(role, resources, documents)),
        task_definitions=every("aws_ecs_task_definition", _task_definition),
        services=every("aws_ecs_service", _service),
        load_balancers=every("aws_lb", _load_balancer),
        target_groups=every("aws_lb_target_group", _target_group),
        listeners=every("aws_lb_listener", _listener),
        log_groups=every("aws_cloudwatch_log_group", _log_group),
        metric_filters=every("aws_cloudwatch_log_metric_filter", _metric_filter),
        alarms=every("aws_cloudwatch_metric_alarm", _alarm),
        topics=every("aws_sns_topic", lambda topic: _topic(topic, resources, documents)),
        subscriptions=every("aws_sns_topic_subscription", _subscription),
        buckets=every("aws_s3_bucket", lambda bucket: _bucket(bucket, resources)),
        nat_gateways=every("aws_nat_gateway", _nat_gateway),
        subnets=every("aws_subnet", _subnet),
        user_pools=every("aws_cognito_user_pool", _user_pool),
        backup_selections=every("aws_backup_selection", _backup_selection),
    )
    policies = (replace(one, document=settle(one.document, stack)) for one in stack.policies)
    tables = (replace(one, arn=settle(one.arn, stack)) for one in stack.tables)
    selections = (
        replace(one, resources=_texts(settle(one.resources, stack)))
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
    data = [(one["type"], one["values"]) for one in data_sources(plan)]
    account = next((d["account_id"] for kind, d in data if kind == "aws_caller_identity"), None)
    partition = next((d["partition"] for kind, d in data if kind == "aws_partition"), "aws")
    region = plan.get("variables", {}).get("aws_region", {}).get("value")
    if not (account and region):
        raise ToolError(
            "the plan's account and region are unknown: the Terraform must have "
            "data.aws_caller_identity and a variable aws_region."
        )
    return account, partition, region


def _table(r: Planned) -> model.Table:
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
        kms_key=_given(encryption.get("kms_key_arn"), r),
        deletion_protection=r["deletion_protection_enabled"],
        replicas=tuple(replica["region_name"] for replica in r.all("replica")),
    )


def _given(value: Any, resource: Planned) -> Any:
    """A value, or None if it is only computed by the provider."""
    own = isinstance(value, Unknown) and value.reference.startswith(f"{resource.address}.")
    return None if own else value or None


def _index(index: Mapping[str, Any]) -> model.Index:
    return model.Index(
        index["name"],
        index["hash_key"],
        index.get("range_key") or None,
        index["projection_type"],
    )


def _parameter(r: Planned) -> model.Parameter:
    return model.Parameter(**place(r), name=r["name"], type=r["type"], value=r["value"])


def _task_definition(r: Planned) -> model.TaskDefinition:
    containers = r.document("container_definitions")
    return model.TaskDefinition(
        **place(r),
        arn=r["arn"],
        task_role=r["task_role_arn"],
        execution_role=r["execution_role_arn"],
        network_mode=r["network_mode"],
        launch_types=tuple(r["requires_compatibilities"] or ()),
        containers=tuple(containers) if isinstance(containers, list) else Unknown(),
    )


def _service(r: Planned) -> model.Service:
    breaker = r.first("deployment_circuit_breaker")
    return model.Service(
        **place(r),
        name=r["name"],
        cluster=r["cluster"],
        task_definition=r["task_definition"],
        launch_type=r["launch_type"],
        desired_count=r["desired_count"],
        minimum_healthy_percent=r["deployment_minimum_healthy_percent"],
        maximum_percent=r["deployment_maximum_percent"],
        circuit_breaker=breaker.get("enable", False),
        circuit_breaker_rollback=breaker.get("rollback", False),
        health_check_grace_period=r["health_check_grace_period_seconds"],
        assign_public_ip=r.first("network_configuration").get("assign_public_ip", False),
        target_groups=tuple(target["target_group_arn"] for target in r.all("load_balancer")),
    )


def _load_balancer(r: Planned) -> model.LoadBalancer:
    return model.LoadBalancer(
        **place(r),
        arn=r["arn"],
        arn_suffix=r["arn_suffix"],
        deletion_protection=r["enable_deletion_protection"],
    )


def _target_group(r: Planned) -> model.TargetGroup:
    return model.TargetGroup(
        **place(r),
        arn=r["arn"],
        arn_suffix=r["arn_suffix"],
        health_check_path=r.first("health_check").get("path"),
        target_type=r["target_type"],
    )


def _listener(r: Planned) -> model.Listener:
    action = r.first("default_action")
    redirects = action.get("redirect") or [{}]
    return model.Listener(
        **place(r),
        load_balancer=r["load_balancer_arn"],
        port=r["port"],
        protocol=r["protocol"],
        certificate=r["certificate_arn"],
        action=action.get("type"),
        redirect_protocol=redirects[0].get("protocol"),
        target_group=action.get("target_group_arn"),
    )


def _log_group(r: Planned) -> model.LogGroup:
    return model.LogGroup(**place(r), name=r["name"], retention=r["retention_in_days"])


def _metric_filter(r: Planned) -> model.MetricFilter:
    metric = r.first("metric_transformation")
    return model.MetricFilter(
        **place(r),
        log_group=r["log_group_name"],
        pattern=r["pattern"],
        namespace=metric.get("namespace"),
        metric=metric.get("name"),
    )


def _alarm(r: Planned) -> model.Alarm:
    measured = [block["metric"][0] for block in r.all("metric_query") if block.get("metric")]
    return model.Alarm(
        **place(r),
        name=r["alarm_name"],
        metrics=tuple(map(_queried, measured)) if measured else (_watched(r),),
        comparison=r["comparison_operator"],
        threshold=r["threshold"],
        period=measured[0]["period"] if measured else r["period"],
        evaluation_periods=r["evaluation_periods"],
        datapoints_to_alarm=r["datapoints_to_alarm"] or None,
        missing_data=r["treat_missing_data"],
        actions=_texts(r["alarm_actions"]),
        actions_enabled=r["actions_enabled"],
    )


def _queried(metric: Mapping[str, Any]) -> model.Metric:
    names = metric.get("dimensions") or {}
    return model.Metric(metric["namespace"], metric["metric_name"], metric["stat"], names)


def _watched(r: Planned) -> model.Metric:
    statistic = r["statistic"] or r["extended_statistic"]
    return model.Metric(r["namespace"], r["metric_name"], statistic, r["dimensions"] or {})


def _topic(r: Planned, resources: Sequence[Planned], documents: Documents) -> model.Topic:
    held = [o for o in resources if o.type == "aws_sns_topic_policy" and refers(o["arn"], r, "arn")]
    return model.Topic(
        **place(r),
        arn=r["arn"],
        kms_key=r["kms_master_key_id"] or None,
        policy=documents.of(held[0], "policy") if held else _given(r.document("policy"), r),
    )


def _subscription(r: Planned) -> model.Subscription:
    return model.Subscription(
        **place(r), topic=r["topic_arn"], protocol=r["protocol"], endpoint=r["endpoint"]
    )


def _bucket(r: Planned, resources: Sequence[Planned]) -> model.Bucket:
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


def _nat_gateway(r: Planned) -> model.NatGateway:
    return model.NatGateway(**place(r), subnet=r["subnet_id"])


def _subnet(r: Planned) -> model.Subnet:
    return model.Subnet(**place(r), id=r["id"], zone=r["availability_zone"])


def _user_pool(r: Planned) -> model.UserPool:
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


def _backup_selection(r: Planned) -> model.BackupSelection:
    return model.BackupSelection(**place(r), resources=_texts(r["resources"]))


def _texts(value: Any) -> model.Texts:
    return value if isinstance(value, Unknown) else tuple(value or ())
