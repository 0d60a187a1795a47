"""What checkov hands to a policy, made plain: known values, None for null, UNKNOWN for the rest.

In source, checkov puts the text of an expression where it could not evaluate it. In a plan, a value
that is known only after apply is absent, is 'true_after_unknown', or is the reference that it will
come from; a null is [None].
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from enum import Enum
from typing import Any

from checkov.common.util.consts import TRUE_AFTER_UNKNOWN


class Unknown(Enum):
    """The value that nobody knows yet."""

    UNKNOWN = "unknown"


UNKNOWN = Unknown.UNKNOWN
GAP = "\0"
"""Stands in a text for the part that is not known."""

_STEPS = r"(?:\.[\w-]+|\[[^\]]*\])+"
_REFERENCE = re.compile(
    rf"(?<![\w.-])(?:(?:var|local|module|data|each|self|count|path|terraform){_STEPS}"
    # A resource's attribute: its type has an underscore, and two more steps follow.
    rf"|[a-z][a-z0-9]*_\w+\.[A-Za-z_][\w-]*{_STEPS})"
)
# A call, a condition or a comparison that stayed as it was written.
_EXPRESSION = re.compile(
    r"^\W*\w+\(.*\)\W*$| \? .+ : |\S (?:==|!=|&&|\|\|) |^!\w|^\[for |^\{for ", re.DOTALL
)


def gapped(text: str) -> str:
    """The text with a GAP for each part that is not known; all GAP where nothing is."""
    if text == TRUE_AFTER_UNKNOWN:
        return GAP
    text = _REFERENCE.sub(GAP, _without_interpolations(text))
    return GAP if _EXPRESSION.search(text) else text


def known(value: Any) -> Any:
    """The value, or UNKNOWN where it is a text of which some part is not known."""
    return UNKNOWN if isinstance(value, str) and GAP in gapped(value) else value


def decoded(value: Any) -> Any:
    """What a JSON text says, or an expression of literals that checkov left as a text."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text.startswith("${jsonencode(") and text.endswith(")}"):
        text = text.removeprefix("${jsonencode(").removesuffix(")}")
    for read in (json.loads, ast.literal_eval):
        with suppress(ValueError, SyntaxError):
            return read(text)
    return UNKNOWN


def as_list(value: Any) -> list[Any]:
    """A list of what is there, be it nothing, one thing, or many."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple | set) else [value]


class Block:
    """A resource, a data source, or a block within one.

    Args:
        content: as checkov has it, each value in a list of its own.
        planned: whether it comes from a plan, where what is absent is not known.
    """

    def __init__(self, content: Mapping[str, Any], planned: bool) -> None:
        self.content = content
        self.planned = planned

    def raw(self, name: str) -> Any:
        """An argument as it is, with unknown parts in it; None where it is null or left out."""
        if name not in self.content:
            return UNKNOWN if self.planned else None
        value = self.content[name]
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        return UNKNOWN if value == TRUE_AFTER_UNKNOWN else value

    def value(self, name: str) -> Any:
        """An argument's value: None where it is null or left out, UNKNOWN where it is not known."""
        return known(self.raw(name))

    def values(self, name: str) -> Any:
        """A list argument's elements, or UNKNOWN where the list as a whole is not known."""
        value = self.value(name)
        return UNKNOWN if value is UNKNOWN else as_list(value)

    def blocks(self, name: str) -> Any:
        """The blocks of this name, or UNKNOWN where not even their number is known."""
        # checkov's expansion of `dynamic` puts the element where the content's values belong.
        generated = as_list(self.content.get("dynamic"))
        if any(isinstance(one, Mapping) and name in one for one in generated):
            return UNKNOWN
        found = self.content.get(name, [TRUE_AFTER_UNKNOWN] if self.planned else [])
        if any(one == TRUE_AFTER_UNKNOWN for one in found):
            return UNKNOWN
        return [Block(one, self.planned) for one in found if isinstance(one, Mapping)]


def _without_interpolations(text: str) -> str:
    """The text with a GAP for each ${...}, which may hold braces of its own."""
    parts, depth = [], 0
    for part in re.split(r"(\$\{|\{|\})", text):
        if part == "${" or (depth and part == "{"):
            depth += 1
            parts += [GAP] if depth == 1 else []
        elif depth:
            depth -= part == "}"
        else:
            parts.append(part)
    return "".join(parts)
