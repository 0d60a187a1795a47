"""Terraform source as the checks see it: blocks with file and line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

_INDEX = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|[^\]"]*)\]')


def block_address(address: str) -> str:
    """The address of a resource's block: without the index of `count` or `for_each`."""
    return _INDEX.sub("", address)


@dataclass(frozen=True)
class Block:
    """One top-level block, such as `resource "aws_dynamodb_table" "users"`.

    `body` has attributes as Python values, expressions as "${...}" strings, and nested blocks as
    lists of mappings. `lines` is the line of each attribute or nested block.
    """

    kind: str
    labels: tuple[str, ...]
    body: Mapping[str, Any]
    file: str
    line: int
    lines: Mapping[str, int] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """The block's address within its module: `aws_x.y`, `var.y`, `module.y`."""
        prefix = {"resource": (), "variable": ("var",), "provider": ("provider",)}
        return ".".join((*prefix.get(self.kind, (self.kind,)), *self.labels))

    @property
    def source(self) -> str:
        """`file:line` of the block."""
        return f"{self.file}:{self.line}"

    def place(self, name: str) -> str:
        """`file:line` of an attribute or nested block; of the block itself if it is absent."""
        return f"{self.file}:{self.lines.get(name, self.line)}"

    def nested(self, *names: str) -> list[Mapping[str, Any]]:
        """The nested blocks at a path of names, such as `nested("lifecycle")`."""
        found: list[Mapping[str, Any]] = [self.body]
        for name in names:
            found = [part for outer in found for part in _blocks(outer.get(name))]
        return found


@dataclass(frozen=True)
class Source:
    """Every Terraform file below a root; paths are relative to `base`, as in messages."""

    base: Path
    root: Path
    blocks: tuple[Block, ...]
    files: tuple[str, ...]

    @cached_property
    def _by_directory(self) -> Mapping[str, tuple[Block, ...]]:
        found: dict[str, list[Block]] = {}
        for block in self.blocks:
            found.setdefault(str(Path(block.file).parent), []).append(block)
        return {directory: tuple(blocks) for directory, blocks in found.items()}

    def directories(self) -> list[str]:
        """Every folder with Terraform files, sorted."""
        return sorted({str(Path(file).parent) for file in self.files})

    def modules(self) -> list[str]:
        """Every folder below `modules/` that holds Terraform, sorted."""
        folder = self.root / "modules"
        return [d for d in self.directories() if (self.base / d).is_relative_to(folder)]

    def within(self, directory: str) -> tuple[Block, ...]:
        """The blocks of one folder, which is one Terraform module."""
        return self._by_directory.get(directory, ())

    def find(self, kind: str, *labels: str, directory: str | None = None) -> list[Block]:
        """The blocks of a kind whose labels start with the given ones."""
        blocks = self.blocks if directory is None else self.within(directory)
        wanted = len(labels)
        return [b for b in blocks if b.kind == kind and b.labels[:wanted] == labels]


def _blocks(value: object) -> list[Mapping[str, Any]]:
    parts = value if isinstance(value, list) else [value]
    return [part for part in parts if isinstance(part, Mapping)]
