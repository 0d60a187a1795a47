"""Edits of a stack, or of a tree of Terraform, that twins make."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from verification.model.stack import Stack
from verification.model.ternary import Unknown

Change = Callable[[Stack], Stack]
TreeChange = Callable[[Path], None]


def with_parts(stack: Stack, kind: str, parts: Iterable[Any]) -> Stack:
    """The stack with other resources of a kind."""
    fields: dict[str, Any] = {kind: tuple(parts)}
    return replace(stack, **fields)


def edit(kind: str, at: str = "", **changes: Any) -> Change:
    """Replace fields of those resources of a kind whose address holds `at`.

    A function as a value is given the old one.
    """

    def change(stack: Stack) -> Stack:
        found = [part for part in getattr(stack, kind) if _is_at(part, at)]
        assert found, f"the stack has no {kind} at {at}"
        parts = (_replaced(p, changes) if p in found else p for p in getattr(stack, kind))
        return with_parts(stack, kind, parts)

    return change


def drop(kind: str, at: str = "") -> Change:
    """Take away those resources of a kind whose address holds `at`."""

    def change(stack: Stack) -> Stack:
        kept = tuple(part for part in getattr(stack, kind) if not _is_at(part, at))
        assert len(kept) < len(getattr(stack, kind)), f"the stack has no {kind} at {at}"
        return with_parts(stack, kind, kept)

    return change


def copy(kind: str, at: str, **changes: Any) -> Change:
    """Add a copy, with other fields, of the one resource whose address holds `at`."""

    def change(stack: Stack) -> Stack:
        (model,) = (part for part in getattr(stack, kind) if _is_at(part, at))
        return with_parts(stack, kind, (*getattr(stack, kind), _replaced(model, changes)))

    return change


def together(*changes: Change) -> Change:
    """Make several changes, one after another."""

    def change(stack: Stack) -> Stack:
        for each in changes:
            stack = each(stack)
        return stack

    return change


def nothing(stack: Stack) -> Stack:
    """Change nothing."""
    return stack


def settled(stack: Stack) -> Stack:
    """The planned stack with every reference decided, as an apply would leave it."""
    known: Stack = _settled(stack, stack)
    return known


def _is_at(part: Any, at: str) -> bool:
    """Say whether an address holds a whole name; "" is in every address."""
    return not at or re.search(re.escape(at) + r"(?!\w)", part.address) is not None


def _settled(value: Any, stack: Stack) -> Any:
    if isinstance(value, Unknown):
        return _names(stack).get(value.reference, f"{stack.account}:{value.reference}")
    if is_dataclass(value):
        parts = {f.name: getattr(value, f.name) for f in fields(value)}
        return replace(value, **{k: _settled(v, stack) for k, v in parts.items()})  # type: ignore[type-var]
    if isinstance(value, Mapping):
        return {key: _settled(part, stack) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_settled(part, stack) for part in value)
    return value


def _names(stack: Stack) -> dict[str, str]:
    """What AWS will call those things whose names matter to a check."""
    prefix = f"arn:{stack.partition}:iam::{stack.account}:policy/"
    cluster = f"arn:{stack.partition}:ecs:::cluster/{stack.services[0].name}"
    names = {f"{policy.address}.arn": prefix + str(policy.name) for policy in stack.policies}
    return names | {"module.backend.aws_ecs_cluster.this.id": cluster.removesuffix("-backend")}


def _replaced(part: Any, changes: Mapping[str, Any]) -> Any:
    new = {k: v(getattr(part, k)) if callable(v) else v for k, v in changes.items()}
    return replace(part, **new)


# Edits of a tree.


def rewrite(file: str, old: str, new: str) -> TreeChange:
    """Replace text, which must be there, in a file."""

    def change(tree: Path) -> None:
        text = (tree / file).read_text(encoding="utf-8")
        assert old in text, f"{file} does not hold {old!r}"
        (tree / file).write_text(text.replace(old, new), encoding="utf-8")

    return change


def write(file: str, text: str) -> TreeChange:
    """Write a file, and the folders to it."""

    def change(tree: Path) -> None:
        (tree / file).parent.mkdir(parents=True, exist_ok=True)
        (tree / file).write_text(text, encoding="utf-8")

    return change


def append(file: str, text: str) -> TreeChange:
    """Write text to the end of a file that is there."""

    def change(tree: Path) -> None:
        before = (tree / file).read_text(encoding="utf-8")
        (tree / file).write_text(f"{before}\n{text}\n", encoding="utf-8")

    return change


def remove(file: str) -> TreeChange:
    """Delete a file that is there."""
    return lambda tree: (tree / file).unlink()


def every(*changes: TreeChange) -> TreeChange:
    """Make several changes of a tree, one after another."""

    def change(tree: Path) -> None:
        for each in changes:
            each(tree)

    return change
