"""Terraform source as blocks with file and line. The only module that imports hcl2.

python-hcl2 changes its output between releases, so its version is pinned.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Lock
from typing import Any

import hcl2
from hcl2.rules.base import AttributeRule, BlockRule
from lark.exceptions import LarkError, UnexpectedInput

from verification.engine.errors import ToolError
from verification.model.source import Block, Source

_OPTIONS = hcl2.SerializationOptions(
    strip_string_quotes=True, explicit_blocks=False, with_comments=False
)

# python-hcl2 8.1.4 has global state and is not thread-safe.
_PARSING = Lock()


def read_source(root: Path, base: Path | None = None) -> Source:
    """Read every `.tf` file below a folder. `.tf.json` files are listed but not parsed.

    Raises:
        ToolError: a file cannot be read or parsed; the message has each such file and line.
    """
    base = base or root.parent
    if not root.is_dir():
        raise ToolError(f"{root}: no such folder. Correct --terraform-root.")
    paths = [path for path in sorted(root.rglob("*.tf*")) if _is_source(path, root)]
    blocks, errors = [], []
    for path in paths:
        try:
            blocks += parse(path, str(path.relative_to(base))) if path.suffix == ".tf" else []
        except ToolError as error:
            errors.append(str(error))
    if errors:
        raise ToolError("\n".join(errors))
    return Source(base, root, tuple(blocks), tuple(str(p.relative_to(base)) for p in paths))


def parse(path: Path, name: str) -> list[Block]:
    """Parse one file into its blocks.

    Raises:
        ToolError: the file cannot be read, or is not HCL; the message has file, line and column.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ToolError(f"{name}: cannot be read: {error}") from error
    try:
        with _PARSING:
            tree = hcl2.parses(text if text.endswith("\n") else text + "\n")
            rules = (rule for rule in tree.body.children if isinstance(rule, BlockRule))
            return [_block(rule, name) for rule in rules]
    except UnexpectedInput as error:
        place = f"{name}:{error.line}:{error.column}"
        raise ToolError(f"{place}: is not valid HCL: {_excerpt(text, error.line)}") from error
    except (LarkError, RuntimeError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise ToolError(f"{name}: is not valid HCL: {reason}") from error


def parse_expression(text: str, name: str) -> Any:
    """Parse one expression, such as an object, into values and "${...}" strings.

    Raises:
        ToolError: it is not HCL; the message has `name`.
    """
    try:
        tree = hcl2.parses(f"value = {text}\n")
    except (LarkError, RuntimeError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise ToolError(f"{name}: is not valid HCL: {reason}") from error
    return tree.body.serialize(_OPTIONS)["value"]


def _block(rule: BlockRule, name: str) -> Block:
    kind, *labels = [str(label.serialize(_OPTIONS)).strip('"') for label in rule.labels]
    body = rule.body.serialize(_OPTIONS)
    return Block(kind, tuple(labels), body, name, _line(rule), dict(_lines(rule.body.children)))


def _lines(children: Iterable[object]) -> Iterator[tuple[str, int]]:
    for child in children:
        if isinstance(child, AttributeRule):
            yield str(child.identifier.serialize(_OPTIONS)), _line(child)
        elif isinstance(child, BlockRule):
            yield str(child.labels[0].serialize(_OPTIONS)), _line(child)


def _line(rule: Any) -> int:
    # hcl2 has no public accessor for positions; its with_meta option covers only blocks.
    return int(getattr(rule._meta, "line", 0))


def _is_source(path: Path, root: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.relative_to(root).parts)
    return path.name.endswith((".tf", ".tf.json")) and path.is_file() and not hidden


def _excerpt(text: str, line: int) -> str:
    # Not splitlines(), because the parser counts only line feeds.
    lines = text.rstrip("\n").split("\n")
    return f"`{lines[line - 1].strip()}`" if 0 < line <= len(lines) else "unexpected end of file"
