"""Python source for its readers: files, imports, calls and strings."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from verification.engine.errors import ToolError
from verification.model.wiring import Place


@dataclass(frozen=True)
class Module:
    """One Python file, by its path from the repository's root."""

    file: str
    tree: ast.Module

    def place(self, address: str, node: ast.AST) -> Place:
        """The place of a node."""
        return Place(address, f"{self.file}:{getattr(node, 'lineno', 1)}")


def read(base: Path, path: Path) -> Module:
    """Read a file under a base.

    Raises:
        ToolError: it is not Python; the message has file and line.
    """
    file = path.relative_to(base).as_posix()
    try:
        return Module(file, _parse(path.read_text(encoding="utf-8"), file))
    except UnicodeDecodeError as error:
        raise ToolError(f"{file}:1 is not valid Python: {error}.") from error


@lru_cache(maxsize=4096)
def nodes(tree: ast.AST) -> tuple[ast.AST, ...]:
    """A node and all that is in it: many ask, and walking takes longer than parsing."""
    return tuple(ast.walk(tree))


def imports(tree: ast.AST) -> Iterator[str]:
    """Every name that may be a module's, of those that are imported."""
    for node in nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    """Every call."""
    return (node for node in nodes(tree) if isinstance(node, ast.Call))


def keywords(call: ast.Call) -> dict[str, ast.expr]:
    """The keyword arguments of a call."""
    return {word.arg: word.value for word in call.keywords if word.arg}


def text(value: ast.AST | None) -> str:
    """A string literal; "" for anything else."""
    is_text = isinstance(value, ast.Constant) and isinstance(value.value, str)
    return str(value.value) if isinstance(value, ast.Constant) and is_text else ""


@lru_cache(maxsize=256)
def _parse(content: str, file: str) -> ast.Module:
    try:
        return ast.parse(content, file)
    except SyntaxError as error:
        raise ToolError(f"{file}:{error.lineno} is not valid Python: {error.msg}.") from error
