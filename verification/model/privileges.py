"""What roles may do, held against what they shall, need, or could before; checks judge it."""

from __future__ import annotations

from dataclasses import dataclass

from verification.model.stack import Policy, Role


@dataclass(frozen=True)
class Access:
    """Actions that policies allow on a resource.

    `resource` is an ARN with wildcards, or the reference of one that is unknown until apply; `when`
    says under which condition, "" for always; `by` names the statement. Not `certain` is what
    hangs on a value that is unknown until apply.
    """

    actions: tuple[str, ...]
    resource: str
    by: str
    when: str = ""
    certain: bool = True

    def __str__(self) -> str:
        """As one says it: what, on what, and when."""
        shown = ", ".join(self.actions[:12])
        more = f" and {len(self.actions) - 12} more" if len(self.actions) > 12 else ""
        return f"{shown}{more} on {self.resource}{f' where {self.when}' if self.when else ''}"


@dataclass(frozen=True)
class Need:
    """A call that was found in the source or recorded: `where` says which of the two, and where.

    Not `exact` is a call of which only the kind of resource is known; `resource` is then a pattern.
    """

    action: str
    resource: str
    where: str
    exact: bool = True

    def __str__(self) -> str:
        """As one says it."""
        return f"{self.action} on {self.resource} ({self.where})"


@dataclass(frozen=True)
class Misspelt:
    """An entry of a policy that means no action of AWS's; `closest` is the likely one, or ""."""

    by: str
    action: str
    closest: str


@dataclass(frozen=True)
class Wildcard:
    """An entry with a wildcard, for actions that are allowed; `meaning` is what it means today."""

    by: str
    action: str
    meaning: tuple[str, ...]


@dataclass(frozen=True)
class Share:
    """A part of what a role may do: the contract's own policy, or whatever else the role holds.

    `beyond` is what the part allows, within the role's boundary, and the contract does not grant
    it. `holder` is that policy, or the role.
    """

    holder: Policy | Role
    beyond: tuple[Access, ...]


@dataclass(frozen=True)
class RolePrivileges:
    """What a task role may do as a whole: all its policies within its boundary.

    `shares` is what its policies allow beyond the contract; `lacking` is in the contract and not
    allowed; `foreign` are attached policies that the stack does not hold. `grants` is how many
    actions on resources were looked at. `entries` is how many entries for actions the policies
    have. `lacked` are needs that are denied, `open` those that nobody can decide yet. `unused` are
    grants that no need explains, `idle` those that AWS never asks about, such as reading an item
    of an index.
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

    @property
    def beyond(self) -> tuple[Access, ...]:
        """Everything that is allowed beyond the contract."""
        return tuple(access for share in self.shares for access in share.beyond)


@dataclass(frozen=True)
class SmallerPolicy:
    """A policy that allows what is needed: as JSON, and as Terraform to paste into the module."""

    environment: str
    name: str
    json: str
    terraform: str


@dataclass(frozen=True)
class RoleChange:
    """What a change adds to, and takes from, what a role may do.

    `attached` are the added policies that the stack does not hold, so that nobody can say what
    they allow.
    """

    role: Role
    added: tuple[Access, ...]
    removed: tuple[Access, ...]
    attached: tuple[str, ...] = ()


@dataclass(frozen=True)
class SecondOpinion:
    """What IAM Access Analyzer says of the same policies as our evaluator.

    `ours` is what we find to be allowed beyond the existing policies; `theirs` whether AWS finds
    anything, None if we may not ask, for `reasons`. `problems` is what AWS finds wrong with the
    policies themselves.
    """

    subject: str
    ours: tuple[Access, ...]
    theirs: bool | None
    reasons: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
