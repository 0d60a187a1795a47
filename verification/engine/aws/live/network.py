"""The network: subnets and NAT gateways."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from verification.engine.aws.live.scope import Scope
from verification.engine.aws.live.service import own_load_balancers
from verification.model.stack import NatGateway, Subnet

# EC2 lists deleted NAT gateways for about an hour, and failed ones.
_ALIVE = {"Name": "state", "Values": ["pending", "available"]}
# The list in EC2's answer, the id field of its elements, and the kind in ARNs.
_KINDS = {
    "describe_vpcs": ("Vpcs", "VpcId", "vpc"),
    "describe_subnets": ("Subnets", "SubnetId", "subnet"),
    "describe_internet_gateways": ("InternetGateways", "InternetGatewayId", "internet-gateway"),
    "describe_route_tables": ("RouteTables", "RouteTableId", "route-table"),
    "describe_security_groups": ("SecurityGroups", "GroupId", "security-group"),
    "describe_vpc_endpoints": ("VpcEndpoints", "VpcEndpointId", "vpc-endpoint"),
}


def read_network(scope: Scope) -> dict[str, Any]:
    """Read subnets and NAT gateways, by the stack's field names."""
    networks = sorted({balancer["VpcId"] for balancer in own_load_balancers(scope)})
    if not networks:
        return {}
    inside = [{"Name": "vpc-id", "Values": networks}]
    subnets = scope.pages("ec2", "describe_subnets", "Subnets", Filters=inside)
    return {
        "subnets": tuple(
            Subnet(address=s["SubnetArn"], id=s["SubnetId"], zone=s["AvailabilityZone"])
            for s in subnets
        ),
        "nat_gateways": tuple(
            NatGateway(
                address=_arn(scope, "natgateway", gateway["NatGatewayId"]),
                subnet=gateway["SubnetId"],
            )
            for gateway in _nat_gateways(scope, inside)
        ),
    }


def tagged_in_ec2(scope: Scope, tags: Mapping[str, str]) -> Iterator[str]:
    """The ARNs of all network resources with the tags.

    Each kind is queried: DescribeTags returns tags of deleted resources, and the tagging API lags
    (in moto 5.2.5 it lacks addresses and endpoints).
    """
    filters = [{"Name": f"tag:{key}", "Values": [value]} for key, value in tags.items()]
    for kind, name, found in _network(scope, filters):
        # moto 5.2.5 ignores these filters for NAT gateways.
        carried = {tag["Key"]: tag["Value"] for tag in found.get("Tags", ())}
        # Only endpoints have such a state; deleted ones are listed for a while.
        gone = str(found.get("State", "")).lower() == "deleted"
        if tags.items() <= carried.items() and not gone:
            yield _arn(scope, kind, found[name])


def _network(
    scope: Scope, filters: list[dict[str, Any]]
) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """All resources that match the filters: kind, id field, and description."""
    for operation, (result, name, kind) in _KINDS.items():
        for found in scope.pages("ec2", operation, result, Filters=filters):
            yield kind, name, found
    for gateway in _nat_gateways(scope, filters):
        yield "natgateway", "NatGatewayId", gateway
    for log in scope.pages("ec2", "describe_flow_logs", "FlowLogs", Filter=filters):
        yield "vpc-flow-log", "FlowLogId", log
    for address in scope["ec2"].describe_addresses(Filters=filters)["Addresses"]:
        yield "elastic-ip", "AllocationId", address


def _nat_gateways(scope: Scope, filters: list[dict[str, Any]]) -> Iterator[Mapping[str, Any]]:
    # The argument's name is Filter, not Filters.
    return scope.pages("ec2", "describe_nat_gateways", "NatGateways", Filter=[*filters, _ALIVE])


def _arn(scope: Scope, kind: str, name: str) -> str:
    return f"arn:{scope.partition}:ec2:{scope.region}:{scope.account}:{kind}/{name}"
