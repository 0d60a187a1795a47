"""IAM policy documents: parses JSON text, jsonencode() and aws_iam_policy_document alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from fsp.resources import Resource
from fsp.values import GAP, UNKNOWN, Block, as_list, decoded, gapped, known

IDENTITY = {
    "aws_iam_policy": "policy",
    "aws_iam_role_policy": "policy",
    "aws_iam_user_policy": "policy",
    "aws_iam_group_policy": "policy",
}
"""The argument with the document, for each kind of policy of a role, a user or a group."""

DATA_SOURCE = "aws_iam_policy_document"
# Arguments with JSON documents that are merged into it.
_MERGED = ("source_policy_documents", "override_policy_documents")


@dataclass(frozen=True)
class Statement:
    """One statement. A list is UNKNOWN if it is not known as a whole; its strings may have gaps.

    `principals` are (kind, identifier), `conditions` (operator, key, values).
    """

    allows: Any
    actions: Any
    not_actions: Any
    resources: Any
    not_resources: Any
    principals: Any
    conditions: Any

    def allows_any_of(self, service: str) -> Any:
        """Whether it allows an action of a service: True, False or UNKNOWN."""
        if self.allows is False:
            return False
        if UNKNOWN in (self.allows, self.actions, self.not_actions):
            return UNKNOWN
        if self.not_actions:
            return f"{service}:*" not in self.not_actions
        # An action may have wildcards, in its service too.
        prefixes = [str(known(action)).lower().partition(":")[0] for action in self.actions]
        if any(fnmatchcase(service, prefix) for prefix in prefixes):
            return True
        return UNKNOWN if any(known(action) is UNKNOWN for action in self.actions) else False


def allows_any_of(service: str, found: Any) -> Any:
    """Whether any of a document's statements allows an action of a service."""
    if found is UNKNOWN:
        return UNKNOWN
    answers = [statement.allows_any_of(service) for statement in found]
    return True if True in answers else UNKNOWN if UNKNOWN in answers else False


def statements(resource: Resource, argument: str) -> Any:
    """The statements of the document in an argument, or UNKNOWN if it cannot be read."""
    text = resource.raw(argument)
    document = resource.referred(text, DATA_SOURCE)
    if document is not None:
        return _of_data_source(document)
    content = decoded(text)
    if not isinstance(content, Mapping):
        return UNKNOWN
    found = as_list(content.get("Statement"))
    if not all(isinstance(one, Mapping) for one in found):
        return UNKNOWN
    return [_of_json(one) for one in found]


def _of_json(statement: Mapping[str, Any]) -> Statement:
    principals = statement.get("Principal", {})
    if not isinstance(principals, Mapping):
        principals = {"AWS": principals}
    conditions = statement.get("Condition") or {}
    return Statement(
        allows=_allows(statement.get("Effect")),
        actions=_texts(statement.get("Action")),
        not_actions=_texts(statement.get("NotAction")),
        resources=_texts(statement.get("Resource")),
        not_resources=_texts(statement.get("NotResource")),
        principals=[(kind, one) for kind, ids in principals.items() for one in as_list(ids)],
        conditions=[
            (operator, key, as_list(values))
            for operator, keys in conditions.items()
            for key, values in keys.items()
        ]
        if isinstance(conditions, Mapping)
        else UNKNOWN,
    )


def _of_data_source(document: Resource) -> Any:
    if any(document.raw(name) not in (None, []) for name in _MERGED):
        return UNKNOWN
    blocks = document.blocks("statement")
    return UNKNOWN if blocks is UNKNOWN else [_of_block(one) for one in blocks]


def _of_block(block: Block) -> Statement:
    return Statement(
        allows=_allows(block.value("effect")),
        actions=block.values("actions"),
        not_actions=block.values("not_actions"),
        resources=block.values("resources"),
        not_resources=block.values("not_resources"),
        principals=_of_each(
            block.blocks("principals"),
            lambda one: [(one.value("type"), text) for text in as_list(one.raw("identifiers"))],
        ),
        conditions=_of_each(
            block.blocks("condition"),
            lambda one: [(one.value("test"), one.value("variable"), as_list(one.raw("values")))],
        ),
    )


def _of_each(blocks: Any, read: Callable[[Block], list[Any]]) -> Any:
    return UNKNOWN if blocks is UNKNOWN else [one for block in blocks for one in read(block)]


def _allows(effect: Any) -> Any:
    """Allow is the default of the data source."""
    return UNKNOWN if known(effect) is UNKNOWN else effect in (None, "Allow")


def _texts(value: Any) -> Any:
    """A list of strings; a single reference may be a list, but an ARN with gaps is a string."""
    if isinstance(value, str) and gapped(value) == GAP:
        return UNKNOWN
    return as_list(value)
