"""What is asked of the evaluator, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from verification.engine.aws.iam.evaluator.statements import Statement, parse
from verification.model.ternary import Unknown

Document = Mapping[str, Any] | Unknown
ContextValue = str | tuple[str, ...] | Unknown


class Ruling(StrEnum):
    """What IAM would answer; UNKNOWN is neither a yes nor a no."""

    ALLOWED = "allowed"
    DENIED = "denied"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Request:
    """One action on one resource.

    `action` is IAM's, as in `dynamodb:GetItem`; `resource` is an ARN, or "*" where the action has
    no resource. A text in `context` is the value of a single-valued key, a tuple those of a
    multivalued one, an empty tuple means that the key is absent, and Unknown that both its value
    and its presence are unknown. A key that is not in `context` is absent if the context is
    `complete`, else unknown. Names of keys are not case-sensitive.
    """

    action: str
    resource: str | Unknown
    context: Mapping[str, ContextValue] = field(default_factory=dict)
    complete: bool = True

    def value(self, key: str) -> ContextValue:
        """Return what the context has for the key; an empty tuple where it is absent."""
        absent: ContextValue = () if self.complete else Unknown(key)
        return self._by_name.get(key.lower(), absent)

    @cached_property
    def _by_name(self) -> dict[str, ContextValue]:
        return {key.lower(): value for key, value in self.context.items()}


@dataclass(frozen=True)
class Policies:
    """Everything that limits one principal, as policy documents.

    `identity` holds the identity-based policies, managed and inline, which together say what is
    allowed. `boundary` None means that there is no permissions boundary. `session` None means that
    no session policies were passed; passed ones, together, must allow as well, so an empty tuple
    allows nothing. `names` says what to call the identity policies, if not by their place. Reading
    a wrong document raises ToolError, which names what is wrong in it.
    """

    identity: tuple[Document, ...]
    boundary: Document | None = None
    session: tuple[Document, ...] | None = None
    names: tuple[str, ...] = ()

    @cached_property
    def layers(self) -> tuple[tuple[str, tuple[Statement, ...]], ...]:
        """The kinds of policies that are there, by AWS's names, with all their statements.

        They come in the order in which AWS evaluates them ("Policy evaluation for requests within
        a single account").
        """
        kinds: list[tuple[str, tuple[Document, ...] | None]] = [
            ("identity-based policy", self.identity),
            ("permissions boundary", None if self.boundary is None else (self.boundary,)),
            ("session policy", self.session),
        ]
        names = {"identity-based policy": self.names}
        return tuple(
            (kind, _statements(kind, some, names.get(kind, ())))
            for kind, some in kinds
            if some is not None
        )

    @property
    def documents(self) -> tuple[Document, ...]:
        """Every document, of whatever kind."""
        limits = (*(() if self.boundary is None else (self.boundary,)), *(self.session or ()))
        return (*self.identity, *limits)


@dataclass(frozen=True)
class Decision:
    """A verdict and why.

    `reason` names the statement that decided, by its Sid or its place, or the kind of policy in
    which none did; `refusal` is the end of AWS's own error message, "" unless denied.
    """

    verdict: Ruling
    reason: str
    refusal: str = ""


def _statements(
    kind: str, documents: tuple[Document, ...], names: tuple[str, ...]
) -> tuple[Statement, ...]:
    numbered = (f"{kind} {place}" for place in range(1, len(documents) + 1))
    called = names or (tuple(numbered) if len(documents) > 1 else (kind,) * len(documents))
    parts = (
        parse(document, name, short_arns="session" not in kind)
        for name, document in zip(called, documents, strict=True)
    )
    return tuple(statement for part in parts for statement in part)
