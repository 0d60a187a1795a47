"""Reads subnets and NAT gateways from planned resources."""

from __future__ import annotations

from verification.engine.terraform.plan.resources import Planned, place
from verification.model import stack as model


def read_nat_gateway(r: Planned) -> model.NatGateway:
    """Read a nat gateway from its planned resource."""
    return model.NatGateway(**place(r), subnet=r["subnet_id"])


def read_subnet(r: Planned) -> model.Subnet:
    """Read a subnet from its planned resource."""
    return model.Subnet(**place(r), id=r["id"], zone=r["availability_zone"])
