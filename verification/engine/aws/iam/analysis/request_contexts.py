"""The request contexts that policies distinguish: conditions met or not, keys present or absent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from ipaddress import ip_network
from itertools import islice, product
from math import prod

from verification.engine.aws.iam.analysis import grants
from verification.engine.aws.iam.analysis.wildcard_examples import FRESH, example
from verification.engine.aws.iam.evaluator import condition_operators
from verification.engine.aws.iam.evaluator.model import ContextValue, Document

LIMIT = 200
"""The maximum number of contexts."""

_ELSEWHERE = ("198.51.100.1", "8.8.8.8")
_ANY_ARN = ":".join(["arn", *FRESH * 5])
Context = Mapping[str, ContextValue]


def contexts(documents: Iterable[Document]) -> tuple[list[Context], bool]:
    """Every relevant combination of values, first the empty one; and whether it is complete."""
    kept = list(documents)
    names: dict[str, str] = {}
    values: dict[str, dict[ContextValue, None]] = {}
    for key in sorted(grants.variables(kept)):
        values[names.setdefault(key.lower(), key)] = {(): None, FRESH: None}
    for operator, key, value in grants.conditions(kept):
        found = values.setdefault(names.setdefault(key.lower(), key), {(): None})
        found.update(dict.fromkeys(_values(operator.lower(), value)))
    combined = product(*values.values())
    made: list[Context] = [dict(zip(values, one, strict=True)) for one in islice(combined, LIMIT)]
    return made, prod(map(len, values.values())) <= LIMIT


def told(context: Context) -> str:
    """A context as text, without absent keys if any is present."""
    there = {key: value for key, value in context.items() if value != ()}
    words = [f"{key} is {_word(value)}" for key, value in there.items()]
    return " and ".join(words or [f"{key} is absent" for key in context])


def _word(value: ContextValue) -> str:
    values = value if isinstance(value, tuple) else (value,)
    return ", ".join(
        "any other value" if one in (FRESH, _ANY_ARN) else f"'{str(one).replace(FRESH, '*')}'"
        for one in values
    )


def _values(operator: str, value: object) -> Iterator[ContextValue]:
    """Values of a key for which the comparison may differ."""
    quantifier, _, plain = operator.rpartition(":")
    single = list(_single(plain.removesuffix("ifexists"), str(value)))
    if not quantifier:
        yield from single
        return
    yield from ((one,) for one in single)
    yield from ((one, other) for one in single for other in single if one < other)


def _single(operator: str, value: str) -> Iterator[str]:
    with suppress(ValueError, ArithmeticError):
        if operator.startswith("numeric"):
            number = Decimal(value)
            yield from (str(number + step) for step in (Decimal(0), Decimal("-.5"), Decimal(".5")))
        elif operator.startswith("date"):
            yield from map(_moved, [value] * 3, (0, -1, 1))
        elif "ipaddress" in operator:
            yield from (str(ip_network(value, strict=False)[0]), *_ELSEWHERE)
        elif operator == "bool":
            yield from ("true", "false")
        elif operator.startswith("arn"):
            yield from (example(value), _ANY_ARN)
        elif operator.startswith("binary"):
            yield from (value, "fn4=")
        elif operator == "null":
            yield FRESH
        else:
            yield from (example(grants.without_variables(value)), FRESH)


def _moved(value: str, seconds: int) -> str:
    moment: datetime = condition_operators.date(value) + timedelta(seconds=seconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
