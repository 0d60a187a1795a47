"""No check lies in verification/checks that no rung runs."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest

from tests.kit import REPOSITORY
from verification.checks import (
    BILL_CHECKS,
    CHANGE_CHECKS,
    PIPELINE_CHECKS,
    PRIVILEGE_CHECKS,
    SOURCE_CHECKS,
    STACK_CHECKS,
    WIRING_CHECKS,
)

VERIFICATION = REPOSITORY / "verification"
REGISTERED = {
    f"{check.__module__}.{check.__name__}"
    for checks in (
        *(STACK_CHECKS, BILL_CHECKS, SOURCE_CHECKS, WIRING_CHECKS),
        *(CHANGE_CHECKS, PRIVILEGE_CHECKS, PIPELINE_CHECKS),
    )
    for check in checks
}
CHECK = """from verification.model.findings import Finding


def {name}(stack: object) -> list[Finding]:
    \"\"\"Something that nobody asks.\"\"\"
    return []
"""


def written(folder: Path) -> Iterator[str]:
    """Every public function that gives findings, or is marked as a check, by its full name.

    What gives one finding alone is a part of checks.
    """
    for path in sorted(folder.rglob("*.py")):
        module = ".".join(("verification.checks", *path.relative_to(folder).with_suffix("").parts))
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                marks = " ".join(map(ast.unparse, node.decorator_list))
                gives = ast.unparse(node.returns) if node.returns else ""
                if ("Finding" in gives and gives != "Finding") or "proves(" in marks:
                    yield f"{module}.{node.name}"


def called(folder: Path) -> set[str]:
    """Every function of a module that a test of a rung names, by its full name."""
    trees = [ast.parse(p.read_text(encoding="utf-8")) for p in folder.glob("*/test_*.py")]
    return {
        f"{modules[node.value.id]}.{node.attr}"
        for tree in trees
        for modules in [imported(tree)]
        for test in ast.walk(tree)
        if isinstance(test, ast.FunctionDef) and test.name.startswith("test_")
        for node in ast.walk(test)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        if node.value.id in modules
    }


def imported(tree: ast.Module) -> dict[str, str]:
    """What a file imports from somewhere: its name there, by its name here."""
    return {
        name.asname or name.name: f"{node.module}.{name.name}"
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for name in node.names
    }


def idle(folder: Path) -> list[str]:
    """The checks that no rung runs; `registry.waive` is about the findings of others."""
    run = REGISTERED | called(folder) | {"verification.checks.registry.waive"}
    return [name for name in written(folder / "checks") if name not in run]


def test_every_check_is_run() -> None:
    """Each function that gives findings is registered for a rung, or a test of one calls it."""
    assert len(list(written(VERIFICATION / "checks"))) > 80
    assert idle(VERIFICATION) == [], (
        "No rung runs these: name their module in verification/checks/__init__.py, "
        "or call them in a test of a rung."
    )


@pytest.mark.parametrize("file", ["stack/queues.py", "smoke/queues.py", "stack/tables.py"])
def test_idle_check_is_found(tmp_path: Path, file: str) -> None:
    """A new file, and a new function of an old one that nothing marks as a check, are noticed."""
    copy = Path(copytree(VERIFICATION / "checks", tmp_path / "checks"))
    text = (copy / file).read_text(encoding="utf-8") if (copy / file).exists() else ""
    (copy / file).write_text(text + CHECK.format(name="are_drained"), encoding="utf-8")
    for path in VERIFICATION.glob("*/test_*.py"):
        (tmp_path / path.parent.name).mkdir(exist_ok=True)
        (tmp_path / path.parent.name / path.name).write_bytes(path.read_bytes())
    module = file.removesuffix(".py").replace("/", ".")
    assert idle(tmp_path) == [f"verification.checks.{module}.are_drained"]


def test_smoke_check_that_lost_its_test_is_found(tmp_path: Path) -> None:
    """What only a deleted file called is named."""
    copytree(VERIFICATION, tmp_path / "v")
    (tmp_path / "v" / "smoke" / "test_backup.py").unlink()
    assert {name.rpartition(".")[0] for name in idle(tmp_path / "v")} == {
        "verification.checks.smoke.backup"
    }
