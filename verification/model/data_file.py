"""The suite's TOML files, read into frozen dataclasses; all errors are reported together."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import is_dataclass
from difflib import get_close_matches
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any, TypeVar, cast, get_args, get_type_hints

T = TypeVar("T")

STRICT: Mapping[str, Any] = {"extra": "forbid"}
"""`__pydantic_config__` of a file's outermost dataclass; it applies to nested ones, too."""


class ContractError(Exception):
    """The contract, or another data file of the suite, is missing or malformed."""


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises:
        ContractError: the file is missing or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ContractError(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ContractError(f"{path}: is not TOML: {error}") from error


def checked(kind: type[T], data: Mapping[str, Any], path: Path) -> T:
    """The content of a file as its dataclass.

    Raises:
        ContractError: fields are missing, unknown or of another type; one line for each.
    """
    # Imported here: it takes 0.1 s, and most importers of this module read no file.
    from pydantic import TypeAdapter, ValidationError

    adapter = TypeAdapter(kind)

    def validated() -> T:
        # As JSON, in which tuples are arrays and dates are strings, so strict mode accepts them.
        return adapter.validate_json(json.dumps(data, default=str), strict=True)

    try:
        return validated()
    except ValidationError as error:
        # TOML has no null. Replace a missing field by it, to get the message for its type.
        for one in error.errors():
            if one["type"] == "missing":
                *parents, name = one["loc"]
                reduce(getitem, parents, cast("Any", data))[name] = None
    try:
        return validated()
    except ValidationError as error:
        lines = (f"{path}: {_line(kind, one)}" for one in error.errors())
        raise ContractError("\n".join(lines)) from error


def demand_once(what: str, names: Iterable[str]) -> None:
    """Raise ValueError, which `checked` reports, if a name occurs twice."""
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        raise ValueError(f"{what} {', '.join(twice)} occurs twice")


def _line(kind: Any, error: Mapping[str, Any]) -> str:
    place, value, said = error["loc"], error["input"], error["msg"]
    if error["type"] == "value_error":
        said = str(error["ctx"]["error"])
    elif error["type"] == "unexpected_keyword_argument":
        near = get_close_matches(str(place[-1]), _fields(kind, place[:-1]), n=1)
        said = f"unknown field; {f'did you mean {near[0]}?' if near else 'remove it'}"
    else:
        what = "is missing" if value is None else f"is {json.dumps(value)}"
        said = (
            f"{what}; {said.replace('Input should be', 'expected').replace('an object', 'a table')}"
        )
    return ": ".join(filter(None, (_toml(place), said)))


def _fields(kind: Any, place: Sequence[int | str]) -> Iterable[str]:
    """The fields of the dataclass at a path in a file."""
    for part in place:
        if is_dataclass(kind):
            kind = get_type_hints(kind)[str(part)]
        else:  # the item of `tuple[X, ...]`, or the value of `Mapping[str, X]`
            kind = get_args(kind)[isinstance(part, str)]
    return get_type_hints(kind)


def _toml(place: Sequence[int | str]) -> str:
    """A path in TOML's syntax, such as `tables[0].hash_key`."""
    dotted = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return dotted.removeprefix(".")
