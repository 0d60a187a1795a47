"""ARNs that are known only after apply, but consist of known names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from verification.model.stack import Stack
from verification.model.ternary import Unknown

_REFERENCE = re.compile(r"\$\{([^{}]*)\}")


def settle(value: Any, stack: Stack) -> Any:
    """A document with the known ARNs of a stack's tables, parameters and buckets filled in.

    An unknown string that contains references is known if all of them are.
    """
    return _settled(value, dict(_arns(stack)))


def _arns(stack: Stack) -> Iterator[tuple[str, str]]:
    """The ARNs of resources with known names, by their references."""
    place = f"{stack.partition}:{{}}:{stack.region}:{stack.account}"
    for table in stack.tables:
        if isinstance(table.name, Unknown):
            continue
        yield f"{table.address}.arn", f"arn:{place.format('dynamodb')}:table/{table.name}"
    for parameter in stack.parameters:
        path = str(parameter.name).lstrip("/")
        yield f"{parameter.address}.arn", f"arn:{place.format('ssm')}:parameter/{path}"
    for bucket in stack.buckets:
        yield f"{bucket.address}.arn", f"arn:{stack.partition}:s3:::{bucket.name}"


def _settled(value: Any, arns: Mapping[str, str]) -> Any:
    if isinstance(value, Unknown):
        whole = value.reference if "${" in value.reference else f"${{{value.reference}}}"
        text = _REFERENCE.sub(lambda found: arns.get(found[1], found[0]), whole)
        return value if "${" in text else text
    if isinstance(value, Mapping):
        return {key: _settled(part, arns) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_settled(part, arns) for part in value]
    return value
