"""The evaluator's input and output."""

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
    """IAM's answer; UNKNOWN is neither allow nor deny."""

    ALLOWED = "allowed"
    DENIED = "denied"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Request:
    """One action on one resource.

    `action` is IAM's, such as `dynamodb:GetItem`; `resource` is an ARN, or "*" if the action has no
    resource. In `context`, a string is the value of a single-valued key, a tuple those of a
    multivalued one; an empty tuple means that the key is absent, and Unknown that its presence and
    value are unknown. A key that is not in `context` is absent if the context is `complete`, else
    unknown. Key names are case-insensitive.
    """

    action: str
    resource: str | Unknown
    context: Mapping[str, ContextValue] = field(default_factory=dict)
    complete: bool = True

    def value(self, key: str) -> ContextValue:
        """The value of the key; an empty tuple if it is absent."""
        absent: ContextValue = () if self.complete else Unknown(key)
        return self._by_name.get(key.lower(), absent)

    @cached_property
    def _by_name(self) -> dict[str, ContextValue]:
        return {key.lower(): value for key, value in self.context.items()}


@dataclass(frozen=True)
class Policies:
    """All policies of one principal, as documents.

    `identity` are the identity-based policies, managed and inline. `boundary` None means no
    permissions boundary. `session` None means no session policies; otherwise they must allow as
    well, so an empty tuple allows nothing. `names` are the identity policies' names in messages,
    instead of numbers. Parsing an invalid document raises ToolError, which names what is wrong.
    """

    identity: tuple[Document, ...]
    boundary: Document | None = None
    session: tuple[Document, ...] | None = None
    names: tuple[str, ...] = ()

    @cached_property
    def layers(self) -> tuple[tuple[str, tuple[Statement, ...]], ...]:
        """The kinds of policies that are present, with all their statements.

        They are in AWS's order of evaluation ("Policy evaluation for requests within a single
        account").
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
        """Every document of any kind."""
        limits = (*(() if self.boundary is None else (self.boundary,)), *(self.session or ()))
        return (*self.identity, *limits)


@dataclass(frozen=True)
class Decision:
    """A verdict and its reason.

    `reason` names the deciding statement by its Sid or number, or the kind of policy without one;
    `refusal` is the end of AWS's error message, "" unless denied.
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
