"""checkov's values for policies, normalised: known values, None for null, UNKNOWN for the rest.

In source, checkov has the text of an expression that it could not evaluate. In a plan, a value
known only after apply is absent, 'true_after_unknown', or its reference; a null is [None].
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
    """A value that is not known yet."""

    UNKNOWN = "unknown"


UNKNOWN = Unknown.UNKNOWN
GAP = "\0"
"""In a string, stands for an unknown part."""

_STEPS = r"(?:\.[\w-]+|\[[^\]]*\])+"
_REFERENCE = re.compile(
    rf"(?<![\w.-])(?:(?:var|local|module|data|each|self|count|path|terraform){_STEPS}"
    # A resource's attribute: a type with an underscore, and two more steps.
    rf"|[a-z][a-z0-9]*_\w+\.[A-Za-z_][\w-]*{_STEPS})"
)
# A call, a condition or a comparison that was not evaluated.
_EXPRESSION = re.compile(
    r"^\W*\w+\(.*\)\W*$| \? .+ : |\S (?:==|!=|&&|\|\|) |^!\w|^\[for |^\{for ", re.DOTALL
)


def gapped(text: str) -> str:
    """The string with a GAP for each unknown part."""
    if text == TRUE_AFTER_UNKNOWN:
        return GAP
    text = _REFERENCE.sub(GAP, _without_interpolations(text))
    return GAP if _EXPRESSION.search(text) else text


def known(value: Any) -> Any:
    """The value, or UNKNOWN if it is a string with unknown parts."""
    return UNKNOWN if isinstance(value, str) and GAP in gapped(value) else value


def decoded(value: Any) -> Any:
    """The value of a JSON string, or of an expression of literals that checkov left as text."""
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
    """A list of zero, one or many things."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple | set) else [value]


class Block:
    """A resource, a data source, or a block within one.

    Args:
        content: as in checkov, with each value in a list.
        planned: whether it is from a plan, in which absent values are unknown.
    """

    def __init__(self, content: Mapping[str, Any], planned: bool) -> None:
        self.content = content
        self.planned = planned

    def raw(self, name: str) -> Any:
        """An argument with its unknown parts; None if it is null or omitted."""
        if name not in self.content:
            return UNKNOWN if self.planned else None
        value = self.content[name]
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        return UNKNOWN if value == TRUE_AFTER_UNKNOWN else value

    def value(self, name: str) -> Any:
        """An argument's value: None if it is null or omitted, UNKNOWN if it is not known."""
        return known(self.raw(name))

    def values(self, name: str) -> Any:
        """A list argument's elements, or UNKNOWN if the list as a whole is not known."""
        value = self.value(name)
        return UNKNOWN if value is UNKNOWN else as_list(value)

    def blocks(self, name: str) -> Any:
        """The blocks of this name, or UNKNOWN if their number is not known."""
        # checkov's expansion of `dynamic` has the element instead of the content's values.
        generated = as_list(self.content.get("dynamic"))
        if any(isinstance(one, Mapping) and name in one for one in generated):
            return UNKNOWN
        found = self.content.get(name, [TRUE_AFTER_UNKNOWN] if self.planned else [])
        if any(one == TRUE_AFTER_UNKNOWN for one in found):
            return UNKNOWN
        return [Block(one, self.planned) for one in found if isinstance(one, Mapping)]


def _without_interpolations(text: str) -> str:
    """The string with a GAP for each ${...}, which may contain braces."""
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
