"""Every command of the runbooks is run by a test."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.docs.runbooks.shell import blocks, fences

HERE = Path(__file__).parent


def test_every_block_is_run() -> None:
    """Each block of the runbooks is one of bash, has a title of its own, and is run by a test."""
    untitled = [info for info, _ in fences() if not re.fullmatch(r"bash [a-z-]+", info)]
    assert untitled == []
    assert [title for title, n in Counter(i for i, _ in fences()).items() if n > 1] == []
    assert {title for source in HERE.glob("*.py") for title in run_in(source)} == blocks().keys()


def run_in(source: Path) -> Iterator[str]:
    """The titles of the blocks that a file's code runs."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            arguments = [a.value for a in node.args if isinstance(a, ast.Constant)]
            if node.func.attr == "run" and arguments:
                yield str(arguments[0])


def test_no_block_repeats_for_ever() -> None:
    """Each loop is over a list, so it ends, whatever AWS answers."""
    text = "\n".join(blocks().values())
    assert set(re.findall(r"(?m)^ *(while|until|for)\b", text)) == {"for"}
