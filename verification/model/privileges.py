"""Permissions of roles compared with contract, need and base; checks judge them."""

from __future__ import annotations

from dataclasses import dataclass

from verification.model.stack import Policy, Role


@dataclass(frozen=True)
class Access:
    """Actions that policies allow on a resource.

    `resource` is an ARN with wildcards, or the reference of one known only after apply; `when` is
    the condition, "" for always; `by` names the statement. `certain` is False if it depends on a
    value known only after apply.
    """

    actions: tuple[str, ...]
    resource: str
    by: str
    when: str = ""
    certain: bool = True

    def __str__(self) -> str:
        """Actions, resource and condition as text."""
        shown = ", ".join(self.actions[:12])
        more = f" and {len(self.actions) - 12} more" if len(self.actions) > 12 else ""
        return f"{shown}{more} on {self.resource}{f' where {self.when}' if self.when else ''}"


@dataclass(frozen=True)
class Need:
    """A call in the source or in the recording: `where` says which, and where.

    `exact` is False if only the type of the resource is known; then `resource` is a pattern.
    """

    action: str
    resource: str
    where: str
    exact: bool = True

    def __str__(self) -> str:
        """Action, resource and origin as text."""
        return f"{self.action} on {self.resource} ({self.where})"


@dataclass(frozen=True)
class Misspelt:
    """A policy entry that is not an AWS action; `closest` is the most similar one, or ""."""

    by: str
    action: str
    closest: str


@dataclass(frozen=True)
class Wildcard:
    """An allowed action with a wildcard; `meaning` are the actions that it matches today."""

    by: str
    action: str
    meaning: tuple[str, ...]


@dataclass(frozen=True)
class Share:
    """A part of a role's permissions: those of the contract's policy, all others, or simply all.

    `beyond` is what this part allows, within the boundary, and the contract does not grant it.
    `holder` is that policy, or the role.
    """

    holder: Policy | Role
    beyond: tuple[Access, ...]


@dataclass(frozen=True)
class RolePrivileges:
    """The permissions of a task role: all its policies within its boundary.

    `starts_tasks` is whether it is an execution role instead, whose calls are ECS's; it has no
    needs here.

    `shares` are permissions beyond the contract; `lacking` are in the contract and not allowed;
    `foreign` are attached policies that are not in the stack. `grants` is the number of (action,
    resource) pairs examined, `entries` the number of action entries. `lacked` are needs that are
    denied, `open` those that are unknown. `unused` are grants without a need, `idle` those that AWS
    never checks, such as reading an item of an index.
    """

    role: Role
    grants: int
    shares: tuple[Share, ...]
    lacking: tuple[Access, ...]
    foreign: tuple[str, ...]
    entries: int
    misspelt: tuple[Misspelt, ...]
    wildcards: tuple[Wildcard, ...]
    needs: tuple[Need, ...] = ()
    lacked: tuple[Need, ...] = ()
    open: tuple[Need, ...] = ()
    unused: tuple[Access, ...] = ()
    idle: tuple[Access, ...] = ()
    starts_tasks: bool = False

    @property
    def beyond(self) -> tuple[Access, ...]:
        """Everything that is allowed beyond the contract."""
        return tuple(access for share in self.shares for access in share.beyond)


@dataclass(frozen=True)
class SmallerPolicy:
    """A policy that allows only what is needed: as JSON, and as Terraform for the module."""

    environment: str
    name: str
    json: str
    terraform: str


@dataclass(frozen=True)
class RoleChange:
    """The permissions that a change adds to a role, and those that it removes.

    `attached` are added policies that are not in the stack, so their content is unknown.
    """

    role: Role
    added: tuple[Access, ...]
    removed: tuple[Access, ...]
    attached: tuple[str, ...] = ()


@dataclass(frozen=True)
class SecondOpinion:
    """IAM Access Analyzer's result for the policies that the evaluator compared.

    `ours` is the access that the evaluator finds beyond the existing policies; `theirs` is whether
    AWS finds any, None if the call is denied, with `reasons`. `problems` are AWS's policy
    validation findings.
    """

    subject: str
    ours: tuple[Access, ...]
    theirs: bool | None
    reasons: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
