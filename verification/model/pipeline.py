"""The pipeline's access: what the contract requires of the roles that workflows assume."""

from __future__ import annotations

from dataclasses import dataclass

from verification.model.privileges import Access
from verification.model.stack import Role, Stack

ISSUER = "token.actions.githubusercontent.com"
"""GitHub's OIDC provider, and the prefix of its claims as condition keys."""


@dataclass(frozen=True)
class PipelineRoleRule:
    """A role that the jobs of one workflow assume, one in each environment.

    `actions` are exactly those that it may call; `test_actions` in addition where no user is real:
    they make, change or remove users, items and tasks.
    """

    name: str
    workflow: str
    actions: tuple[str, ...]
    test_actions: tuple[str, ...] = ()


@dataclass(frozen=True)
class PipelineRule:
    """The root module of the pipeline's access, and what it must be.

    `root` is its folder below the Terraform root, with `{root}.tfvars`; `repository` is GitHub's
    owner/name, `branch` the only one that may deploy; `state_bucket` holds Terraform's states.
    """

    root: str
    repository: str
    branch: str
    state_bucket: str
    roles: tuple[PipelineRoleRule, ...]


@dataclass(frozen=True)
class PipelineRole:
    """A required role, and what its policies allow; `role` is None if it is missing.

    `actions` are those that it should allow; `granted` what it allows, by statement; `lacked` the
    actions that it does not allow, or that its boundary denies. `outside` is granted beyond its
    environment's resources. `admitted` are actions of `FORBIDDEN` that the boundary would let pass,
    None without a boundary.
    """

    name: str
    environment: str
    rule: PipelineRoleRule
    role: Role | None
    actions: tuple[str, ...] = ()
    granted: tuple[Access, ...] = ()
    lacked: tuple[str, ...] = ()
    outside: tuple[Access, ...] = ()
    admitted: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Pipeline:
    """The planned or live stack of the root module, with the roles that are required."""

    stack: Stack
    roles: tuple[PipelineRole, ...]


FORBIDDEN = (
    "iam:AttachRolePolicy",
    "iam:CreateAccessKey",
    "iam:CreatePolicyVersion",
    "iam:CreateRole",
    "iam:DeleteRolePermissionsBoundary",
    "iam:PutRolePolicy",
    "iam:UpdateAssumeRolePolicy",
    "organizations:LeaveOrganization",
    "sts:AssumeRole",
)
"""With one of these a role could give itself, or take, any permission of the account."""
