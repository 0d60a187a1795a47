"""Why the two disagree, told from a case that was made small: see README.md beside this file."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from tests.oracle.cases import Json

UNEXPLAINED = "unexplained"
FIELDS = 6


def explain(case: Json) -> str:
    """Return the name of the first reason that fits, as README.md has them."""
    fitting = (name for name, fits in _REASONS.items() if fits(case))
    return next(fitting, UNEXPLAINED)


def _statements(case: Json) -> Iterator[Json]:
    for policy in (*case["identity"], case["boundary"], case["session"]):
        if policy is not None:
            yield from policy["Statement"]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _resources(case: Json) -> Iterator[str]:
    for statement in _statements(case):
        for key in ("Resource", "NotResource"):
            yield from _list(statement.get(key, []))


def _conditions(case: Json) -> Iterator[tuple[str, list[str], Any]]:
    """Yield each operator with its values and what the request has for its key."""
    for statement in _statements(case):
        for operator, keys in statement.get("Condition", {}).items():
            for key, values in keys.items():
                yield operator, _list(values), case["context"].get(key)


def _no_set_operator(case: Json) -> bool:
    return any(
        isinstance(given, list) and ":" not in operator and operator != "Null"
        for operator, _, given in _conditions(case)
    )


def _any_value_if_exists(case: Json) -> bool:
    return any(
        operator.startswith("ForAnyValue") and operator.endswith("IfExists") and given is None
        for operator, _, given in _conditions(case)
    )


def _null_variable(case: Json) -> bool:
    names = {key.lower() for key in case["context"]}
    return any(
        "Not" in operator and name.lower() not in names
        for operator, values, _ in _conditions(case)
        for value in values
        for name in re.findall(r"\$\{(\w+:\w+)\}", value)
    )


def _epoch(case: Json) -> bool:
    return any(
        "Date" in operator and any(value.isdigit() for value in [*values, *_list(given or "")])
        for operator, values, given in _conditions(case)
    )


def _address(case: Json) -> bool:
    return any(
        "NotIpAddress" in operator and len({":" in v for v in [*values, *_list(given or "")]}) > 1
        for operator, values, given in _conditions(case)
    )


def _not_an_arn(case: Json) -> bool:
    return any("Arn" in name and "no" in _list(given or "") for name, _, given in _conditions(case))


def _incomplete(case: Json) -> bool:
    return any(len(value.split(":")) < FIELDS and value != "*" for value in _resources(case))


def _case(case: Json) -> bool:
    return any(":US-EAST-1:" in value for value in _resources(case))


def _colon(case: Json) -> bool:
    return any("a*b.txt" in value or "*/a*" in value for value in _resources(case))


def _older(case: Json) -> bool:
    policies = (*case["identity"], case["boundary"], case["session"])
    return any(p and p["Version"] == "2008-10-17" and "${" in str(p) for p in policies)


def _refused(case: Json) -> bool:
    return case["session"] is not None and _incomplete(case | {"identity": [], "boundary": None})


def _excluded(case: Json) -> bool:
    names = [*map(str.lower, case["context"]), "*"]
    found = (s.get("NotResource", []) for s in _statements(case))
    variables = (re.findall(r"\$\{([^},]+)\}", value) for some in found for value in _list(some))
    return any(name.lower() not in names for some in variables for name in some)


def _literal(case: Json) -> bool:
    return any("Equals" in name and "${*}" in values for name, values, _ in _conditions(case))


def _type(case: Json) -> bool:
    return any(re.search(r":\w*\*\w*/", value) for value in _resources(case))


_REASONS: dict[str, Callable[[Json], bool]] = {
    "incomplete ARN in a session policy": _refused,
    "multivalued key without set operator": _no_set_operator,
    "ForAnyValue with IfExists": _any_value_if_exists,
    "older language": _older,
    "not an ARN": _not_an_arn,
    "null variable, negated": _null_variable,
    "null variable in NotResource": _excluded,
    "literal character": _literal,
    "epoch seconds": _epoch,
    "both kinds of addresses": _address,
    "incomplete ARN": _incomplete,
    "case of the region": _case,
    "wildcard and colon": _colon,
    "wildcard in the resource type": _type,
}
