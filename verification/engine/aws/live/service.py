"""Services, task definitions, load balancers, target groups and listeners."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from verification.engine.aws.live.scope import Scope
from verification.model.stack import (
    Listener,
    LoadBalancer,
    Service,
    TargetGroup,
    TaskDefinition,
)

# The maximum of DescribeServices; that of DescribeClusters is ten times as high.
_AT_ONCE = 10


def read_service(scope: Scope) -> dict[str, Any]:
    """Read services and load balancing, by the stack's field names."""
    services = tuple(_services(scope))
    balancers = own_load_balancers(scope)
    arns = [balancer["LoadBalancerArn"] for balancer in balancers]
    return {
        "services": services,
        "task_definitions": tuple(_task_definitions(scope, services)),
        "load_balancers": tuple(_load_balancer(scope, balancer) for balancer in balancers),
        "target_groups": tuple(_target_groups(scope, arns)),
        "listeners": tuple(_listeners(scope, arns)),
    }


def own_load_balancers(scope: Scope) -> list[Mapping[str, Any]]:
    """The environment's load balancers as in the ELB API."""
    found = scope.pages("elbv2", "describe_load_balancers", "LoadBalancers")
    return [balancer for balancer in found if scope.owns(balancer["LoadBalancerName"])]


def own_clusters(scope: Scope) -> list[str]:
    """The ARNs of the environment's clusters; deleted ones are listed for a while."""
    arns = list(scope.pages("ecs", "list_clusters", "clusterArns"))
    owned = [arn for arn in arns if scope.owns(arn.split("/")[-1])]
    described = scope["ecs"].describe_clusters(clusters=owned)["clusters"] if owned else []
    return [c["clusterArn"] for c in described if c["status"] != "INACTIVE"]


def _services(scope: Scope) -> Iterator[Service]:
    for cluster in own_clusters(scope):
        arns = list(scope.pages("ecs", "list_services", "serviceArns", cluster=cluster))
        for start in range(0, len(arns), _AT_ONCE):
            answer = scope["ecs"].describe_services(
                cluster=cluster, services=arns[start : start + _AT_ONCE]
            )
            alive = (service for service in answer["services"] if service["status"] == "ACTIVE")
            yield from map(_service, alive)


def _service(service: Mapping[str, Any]) -> Service:
    deployment = service.get("deploymentConfiguration", {})
    breaker = deployment.get("deploymentCircuitBreaker", {})
    network = service.get("networkConfiguration", {}).get("awsvpcConfiguration", {})
    balancers = service.get("loadBalancers", ())
    return Service(
        address=service["serviceArn"],
        name=service["serviceName"],
        cluster=service["clusterArn"],
        task_definition=service["taskDefinition"],
        launch_type=service.get("launchType"),
        desired_count=service["desiredCount"],
        minimum_healthy_percent=deployment.get("minimumHealthyPercent"),
        maximum_percent=deployment.get("maximumPercent"),
        circuit_breaker=breaker.get("enable", False),
        circuit_breaker_rollback=breaker.get("rollback", False),
        health_check_grace_period=service.get("healthCheckGracePeriodSeconds"),
        assign_public_ip=network.get("assignPublicIp") == "ENABLED",
        target_groups=tuple(b["targetGroupArn"] for b in balancers if "targetGroupArn" in b),
    )


def _task_definitions(scope: Scope, services: Iterable[Service]) -> Iterator[TaskDefinition]:
    """The services' current revisions, and the newest active revision of each family."""
    running = {str(service.task_definition) for service in services}
    families = scope.pages("ecs", "list_task_definition_families", "families", status="ACTIVE")
    newest = [family for family in families if scope.owns(family)]
    found = {}
    for name in [*sorted(running), *newest]:
        answer = scope["ecs"].describe_task_definition(taskDefinition=name)
        definition = answer["taskDefinition"]
        # A service may run a deregistered revision. moto 5.2.5 lists inactive families as active.
        if name in running or definition["status"] == "ACTIVE":
            found[definition["taskDefinitionArn"]] = definition
    yield from map(_task_definition, found.values())


def _task_definition(definition: Mapping[str, Any]) -> TaskDefinition:
    return TaskDefinition(
        address=definition["taskDefinitionArn"],
        arn=definition["taskDefinitionArn"],
        task_role=definition.get("taskRoleArn"),
        execution_role=definition.get("executionRoleArn"),
        network_mode=definition.get("networkMode"),
        launch_types=tuple(definition.get("requiresCompatibilities", ())),
        containers=tuple(definition["containerDefinitions"]),
    )


def _load_balancer(scope: Scope, balancer: Mapping[str, Any]) -> LoadBalancer:
    arn = balancer["LoadBalancerArn"]
    answer = scope["elbv2"].describe_load_balancer_attributes(LoadBalancerArn=arn)
    return LoadBalancer(
        address=arn,
        arn=arn,
        arn_suffix=arn.split(":loadbalancer/")[1],
        deletion_protection=_attributes(answer).get("deletion_protection.enabled") == "true",
    )


def _target_groups(scope: Scope, balancers: list[str]) -> Iterator[TargetGroup]:
    for group in scope.pages("elbv2", "describe_target_groups", "TargetGroups"):
        served = set(group.get("LoadBalancerArns", ()))
        if scope.owns(group["TargetGroupName"]) or served & set(balancers):
            yield _target_group(group)


def _target_group(group: Mapping[str, Any]) -> TargetGroup:
    arn = group["TargetGroupArn"]
    return TargetGroup(
        address=arn,
        arn=arn,
        arn_suffix=arn.split(":")[-1],
        health_check_path=group.get("HealthCheckPath"),
        target_type=group.get("TargetType"),
    )


def _attributes(answer: Mapping[str, Any]) -> dict[str, str]:
    return {attribute["Key"]: attribute["Value"] for attribute in answer["Attributes"]}


def _listeners(scope: Scope, balancers: Iterable[str]) -> Iterator[Listener]:
    for balancer in balancers:
        listed = scope.pages("elbv2", "describe_listeners", "Listeners", LoadBalancerArn=balancer)
        yield from map(_listener, listed)


def _listener(listener: Mapping[str, Any]) -> Listener:
    actions = sorted(listener["DefaultActions"], key=lambda action: action.get("Order", 0))
    action = actions[0] if actions else {}
    certificates = listener.get("Certificates") or [{}]
    forwarded = action.get("ForwardConfig", {}).get("TargetGroups") or [{}]
    return Listener(
        address=listener["ListenerArn"],
        load_balancer=listener["LoadBalancerArn"],
        port=listener.get("Port"),
        protocol=listener.get("Protocol"),
        certificate=certificates[0].get("CertificateArn"),
        action=action.get("Type"),
        redirect_protocol=action.get("RedirectConfig", {}).get("Protocol"),
        target_group=action.get("TargetGroupArn") or forwarded[0].get("TargetGroupArn"),
    )
