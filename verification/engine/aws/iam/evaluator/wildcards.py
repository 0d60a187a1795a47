"""Strings of a policy: literals, the wildcards `*` and `?`, and policy variables.

IAM User Guide, "IAM policy elements: Variables and tags"
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html): key names in
variables are case-insensitive; `${*}`, `${?}` and `${$}` are literal characters;
`${key, 'default'}` has a default value; a variable whose key is absent is null, and nothing equals
or matches null; a multivalued key cannot be a variable (the result is not documented: unknown).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Protocol

from verification.engine.errors import ToolError
from verification.model.ternary import Answer, Unknown

_TOKENS = re.compile(r"\$\{[^}]*\}|\$\{|\*|\?|[^*?$]+|\$")
_VARIABLE = re.compile(r"\$\{([^\s,{}'*?$]+)(?:, '([^']*)')?\}")


class Context(Protocol):
    """The values of context keys."""

    def value(self, key: str) -> str | tuple[str, ...] | Unknown:
        """The value of a key; an empty tuple if it is absent."""


class Wild(Enum):
    """A wildcard, as opposed to the literal character."""

    MANY = "*"
    ONE = "?"


@dataclass(frozen=True)
class Variable:
    """A policy variable; `default` None means no default."""

    key: str
    default: str | None


Token = str | Wild | Variable
Known = tuple[str | Wild, ...]
# How a resolved string becomes a regular expression.
Compile = Callable[[Known], re.Pattern[str]]


@dataclass(frozen=True)
class Text:
    """A policy's string, split into tokens."""

    tokens: tuple[Token, ...]

    @property
    def anything(self) -> bool:
        """Whether it matches every value."""
        return bool(self.tokens) and all(token is Wild.MANY for token in self.tokens)

    def resolve(self, context: Context) -> Known | Unknown | None:
        """Replace variables by values; None if one is null, Unknown if one is unknown.

        `*` and `?` in values are literal characters.
        """
        known: list[str | Wild] = []
        unknown = False
        for token in self.tokens:
            value = _value(token, context) if isinstance(token, Variable) else token
            if value is None:
                return None
            if isinstance(value, Unknown):
                unknown = True
            else:
                known.append(value)
        return Unknown() if unknown else tuple(known)

    def matches(self, value: str | Unknown, context: Context, compiler: Compile) -> Answer:
        """Whether the string, compiled to a regular expression, matches the value."""
        if isinstance(value, Unknown):
            return True if self.anything else None
        known = self.resolve(context)
        if known is None:
            return False
        return None if isinstance(known, Unknown) else bool(compiler(known).fullmatch(value))


def read(text: str, *, wildcards: bool, variables: bool) -> Text:
    """Parse a policy's string; ToolError for an invalid variable."""
    tokens = _TOKENS.findall(text)
    return Text(tuple(_token(token, wildcards, variables) for token in tokens))


def plain(text: str) -> Known:
    """Parse a string with wildcards only."""
    return tuple(Wild(t) if t in ("*", "?") else t for t in _TOKENS.findall(text))


def _token(token: str, wildcards: bool, variables: bool) -> Token:
    if token in ("*", "?"):
        return Wild(token) if wildcards else token
    if not (variables and token.startswith("${")):
        return token
    if token in ("${*}", "${?}", "${$}"):
        return token[2]
    found = _VARIABLE.fullmatch(token)
    if found is None:
        raise ToolError(f"'{token}' is not a policy variable, as in ${{key}} or ${{key, 'other'}}")
    return Variable(found[1], found[2])


def _value(variable: Variable, context: Context) -> str | Unknown | None:
    value = context.value(variable.key)
    if value == ():
        return variable.default
    return Unknown(variable.key) if isinstance(value, tuple) else value


@lru_cache(4096)
def exact(known: Known) -> re.Pattern[str]:
    """Compile a string whose wildcards match any characters."""
    return re.compile(_expression(known), re.DOTALL)


@lru_cache(4096)
def caseless(known: Known) -> re.Pattern[str]:
    """Compile the same, case-insensitive."""
    return re.compile(_expression(known), re.DOTALL | re.IGNORECASE)


def _expression(known: Known) -> str:
    wild = {Wild.MANY: ".*", Wild.ONE: "."}
    return "".join(wild[t] if isinstance(t, Wild) else re.escape(t) for t in known)
