"""The Condition element.

IAM User Guide, "Conditions with multiple context keys or values", "Single-valued vs. multivalued
context keys" and "IAM JSON policy elements: Condition operators".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from verification.engine.aws.iam.evaluator.condition_operators import OPERATORS, Test
from verification.engine.aws.iam.evaluator.wildcards import Context
from verification.engine.errors import ToolError
from verification.model.ternary import Answer, Unknown, agree, all_of, any_of, negate

_SETS = ("forallvalues", "foranyvalue")
_IF_EXISTS = "ifexists"


@dataclass(frozen=True)
class Condition:
    """One operator on one context key.

    `tests` has one test per value of the policy, None for an unknown value. `quantifier` is the set
    operator in lower case, or "".
    """

    key: str
    quantifier: str
    negated: bool
    if_exists: bool
    tests: tuple[Test | None, ...]

    def holds(self, context: Context) -> Answer:
        """Whether the condition is met."""
        value = context.value(self.key)
        if value == ():
            return self._absent
        if isinstance(value, Unknown):
            return agree(self._absent, self._compare(value, context))
        if isinstance(value, str):
            return self._compare(value, context)
        each = (self._compare(member, context) for member in value)
        if self.quantifier == "forallvalues":
            return all_of(each)
        # A multivalued key requires a set operator; the result without one is not documented.
        return any_of(each) if self.quantifier else None

    @property
    def _absent(self) -> Answer:
        """The result for an absent key; set operators have no values then.

        With ForAnyValue an absent key does not match, with IfExists it does; the result of both
        together is not documented.
        """
        if self.quantifier == "foranyvalue":
            return None if self.if_exists else False
        return self.if_exists or self.negated or self.quantifier == "forallvalues"

    def _compare(self, value: str | Unknown, context: Context) -> Answer:
        """Compare one value: any value of the policy must match, or none if negated."""
        answer = any_of(test and test(value, context) for test in self.tests)
        return negate(answer) if self.negated else answer


@dataclass(frozen=True)
class Null:
    """The Null operator: whether a key is absent (`wanted` True) or present (False)."""

    key: str
    wanted: tuple[bool | None, ...]

    def holds(self, context: Context) -> Answer:
        """Whether the condition is met."""
        value = context.value(self.key)
        if isinstance(value, Unknown):
            return True if {True, False} <= set(self.wanted) else None
        absent = value == ()
        return any_of(None if wanted is None else wanted is absent for wanted in self.wanted)


@dataclass(frozen=True)
class Undecided:
    """A condition that is unknown as a whole."""

    def holds(self, _: Context) -> Answer:
        """None: undecidable."""
        return None


AnyCondition = Condition | Null | Undecided


def parse(block: object, variables: bool) -> tuple[AnyCondition, ...]:
    """Parse a Condition element; ToolError names the wrong operator or value."""
    return tuple(_parse(block, variables))


def _parse(block: object, variables: bool) -> Iterator[AnyCondition]:
    for name, keys in _items(block, "Condition"):
        if isinstance(keys, Unknown):
            yield Undecided()
            continue
        for key, values in _items(keys, name):
            yield _condition(name, key, values, variables)
    if isinstance(block, Unknown):
        yield Undecided()


def _items(value: object, what: str) -> list[tuple[str, Any]]:
    if isinstance(value, Unknown):
        return []
    if not isinstance(value, Mapping):
        raise ToolError(f"{what} must be an object, not {value!r}")
    return list(value.items())


def _condition(name: str, key: str, values: object, variables: bool) -> AnyCondition:
    texts = list(_texts(values, f"{name} on {key}"))
    quantifier, _, rest = name.rpartition(":")
    plain = rest.lower()
    if plain == "null" and not quantifier:
        return Null(key, tuple(_wanted(value, key) for value in texts))
    operator = OPERATORS.get(plain.removesuffix(_IF_EXISTS))
    if operator is None or (quantifier and quantifier.lower() not in _SETS):
        raise ToolError(f"unknown condition operator '{name}'")
    try:
        tests = [None if t is None else operator.prepare(t, variables) for t in texts]
    except ToolError as reason:
        raise ToolError(f"{name} on {key}: {reason}") from reason
    optional = plain.endswith(_IF_EXISTS)
    return Condition(key, quantifier.lower(), operator.negated, optional, tuple(tests))


def _texts(values: object, where: str) -> Iterator[str | None]:
    """Yield a policy's values as strings; in JSON they may be numbers or booleans, too."""
    for value in values if isinstance(values, list | tuple) else [values]:
        if isinstance(value, Unknown):
            yield None
        elif isinstance(value, bool):
            yield str(value).lower()
        elif isinstance(value, str | int | float):
            yield str(value)
        else:
            raise ToolError(f"{where}: {value!r} is not a string, number or boolean")


def _wanted(value: str | None, key: str) -> bool | None:
    if value is not None and value.lower() not in ("true", "false"):
        raise ToolError(f"Null on {key}: '{value}' is not 'true' or 'false'")
    return None if value is None else value.lower() == "true"
