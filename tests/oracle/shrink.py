"""Making a disagreement small, so that one reason is left of it."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

from tests.oracle.cases import Json

Answers = tuple[str, str]
Path = tuple[Any, ...]

# What says least in each element: it applies to everything.
_PLAIN: Json = {
    "Action": "*",
    "NotAction": "none:None",
    "Resource": "*",
    "NotResource": "arn:aws:none:us-east-1:123456789012:none",
    "Version": "2012-10-17",
}


def shrink(case: Json, ask: Callable[[Json], Answers]) -> Json:
    """Return the smallest case found in which the two still disagree in the same way."""
    wanted = ask(case)
    while smaller := next((one for one in _smaller(case) if ask(one) == wanted), None):
        case = smaller
    return case


def _smaller(case: Json) -> Iterator[Json]:
    """Yield the case with one thing left out or made plain."""
    for path, plain in _changes(case, ()):
        copied = copy.deepcopy(case)
        holder: Any = copied
        for step in path[:-1]:
            holder = holder[step]
        if plain is None and len(path) > 1:
            del holder[path[-1]]
        else:
            holder[path[-1]] = plain
        yield copied


def _changes(value: Any, path: Path) -> Iterator[tuple[Path, str | None]]:
    """Yield a place, and what to put there; None to leave out what is there."""
    if isinstance(value, dict):
        for key, inner in value.items():
            here = (*path, key)
            if key in _PLAIN and inner != _PLAIN[key]:
                yield here, _PLAIN[key]
            if _optional(here) and inner is not None:
                yield here, None
            yield from _changes(inner, here)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            if len(value) > 1:
                yield (*path, place), None
            yield from _changes(inner, (*path, place))


def _optional(path: Path) -> bool:
    if len(path) == 1:
        return path[0] in ("boundary", "session")
    return path[0] == "context" or "Condition" in path[-3:]
