"""Roles with all their policies, and customer-managed policies."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from verification.engine.aws.live.scope import Scope, document
from verification.model.stack import Policy, Role


def read_access(scope: Scope) -> dict[str, Any]:
    """Read roles and policies, by the stack's field names.

    Includes customer-managed policies with the prefix, or attached to one of the roles.
    """
    roles = tuple(_roles(scope))
    attached = {str(arn) for role in roles for arn in (*_texts(role.attached), role.boundary)}
    return {"roles": roles, "policies": tuple(_policies(scope, attached))}


def _roles(scope: Scope) -> Iterator[Role]:
    for role in scope.pages("iam", "list_roles", "Roles"):
        if scope.owns(role["RoleName"]):
            yield Role(
                address=role["Arn"],
                name=role["RoleName"],
                arn=role["Arn"],
                trust=document(role["AssumeRolePolicyDocument"]),
                attached=tuple(_attached(scope, role["RoleName"])),
                inline=tuple(_inline(scope, role["RoleName"])),
                boundary=_boundary(scope, role["RoleName"]),
            )


def _boundary(scope: Scope, role: str) -> str | None:
    # ListRoles does not return it (IAM API Reference, "ListRoles").
    found = scope["iam"].get_role(RoleName=role)["Role"].get("PermissionsBoundary", {})
    boundary: str | None = found.get("PermissionsBoundaryArn")
    return boundary


def _attached(scope: Scope, role: str) -> Iterator[str]:
    for policy in scope.pages(
        "iam", "list_attached_role_policies", "AttachedPolicies", RoleName=role
    ):
        yield policy["PolicyArn"]


def _inline(scope: Scope, role: str) -> Iterator[Mapping[str, Any]]:
    for name in scope.pages("iam", "list_role_policies", "PolicyNames", RoleName=role):
        answer = scope["iam"].get_role_policy(RoleName=role, PolicyName=name)
        yield document(answer["PolicyDocument"])


def _policies(scope: Scope, attached: Collection[str]) -> Iterator[Policy]:
    for policy in scope.pages("iam", "list_policies", "Policies", Scope="Local"):
        if scope.owns(policy["PolicyName"]) or policy["Arn"] in attached:
            version = scope["iam"].get_policy_version(
                PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"]
            )
            yield Policy(
                address=policy["Arn"],
                name=policy["PolicyName"],
                arn=policy["Arn"],
                document=document(version["PolicyVersion"]["Document"]),
            )


def _texts(values: Any) -> tuple[str, ...]:
    return values if isinstance(values, tuple) else ()
