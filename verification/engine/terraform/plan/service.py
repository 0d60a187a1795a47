"""Reads the ECS service and its load balancer from planned resources."""

from __future__ import annotations

from verification.engine.terraform.plan.resources import Planned, place
from verification.model import stack as model
from verification.model.ternary import Unknown


def read_task_definition(r: Planned) -> model.TaskDefinition:
    """Read a task definition from its planned resource."""
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


def read_service(r: Planned) -> model.Service:
    """Read a service from its planned resource."""
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


def read_load_balancer(r: Planned) -> model.LoadBalancer:
    """Read a load balancer from its planned resource."""
    return model.LoadBalancer(
        **place(r),
        arn=r["arn"],
        arn_suffix=r["arn_suffix"],
        deletion_protection=r["enable_deletion_protection"],
    )


def read_target_group(r: Planned) -> model.TargetGroup:
    """Read a target group from its planned resource."""
    return model.TargetGroup(
        **place(r),
        arn=r["arn"],
        arn_suffix=r["arn_suffix"],
        health_check_path=r.first("health_check").get("path"),
        target_type=r["target_type"],
    )


def read_listener(r: Planned) -> model.Listener:
    """Read a listener from its planned resource."""
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
