"""The metadata of the project's policies, read without running them."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from verification.engine.errors import ToolError
from verification.model.policies import SEVERITIES, Policy

FOLDERS = ("python", "yaml")
_FIELDS = ("id", "name", "severity", "guideline", "criterion")


def read_policies(folder: Path) -> list[Policy]:
    """Every policy in a folder's `python` and `yaml`, by id.

    Files whose names begin with "_", and folders, are helpers, not policies.

    Raises:
        ToolError: the folder has no policies, a file cannot be read, a policy lacks metadata, or
            two have the same id.
    """
    files = [path for name in FOLDERS for path in sorted((folder / name).glob("*"))]
    found: dict[str, Policy] = {}
    for path in files:
        if path.suffix not in (".py", ".yaml", ".yml") or path.name.startswith("_"):
            continue
        policy = _policy(path, path.relative_to(folder.parent).as_posix())
        if policy.id in found:
            raise ToolError(f"{policy.file}: {found[policy.id].file} has the id {policy.id}, too.")
        found[policy.id] = policy
    if not found:
        raise ToolError(f"{folder}: no policies found in {' or '.join(FOLDERS)}.")
    return [found[name] for name in sorted(found)]


def _policy(path: Path, name: str) -> Policy:
    said = _literals(path, name) if path.suffix == ".py" else _metadata(path, name)
    values = {field: said.get(field) for field in _FIELDS}
    for field, value in values.items():
        if not isinstance(value, str) or not value.strip():
            raise ToolError(f"{name}: the policy has no {field}; add it as a string.")
    texts = {field: str(value) for field, value in values.items()}
    # checkov writes severities in upper case.
    texts["severity"] = texts["severity"].lower()
    if texts["severity"] not in SEVERITIES:
        raise ToolError(
            f"{name}: severity is {values['severity']!r}; expected {', '.join(SEVERITIES)}."
        )
    return Policy(**texts, ours=True, file=name)


def _literals(path: Path, name: str) -> dict[str, Any]:
    """The module's constants such as ID and NAME."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, SyntaxError) as error:
        raise ToolError(f"{name}: the policy cannot be read: {error}.") from error
    wanted = {field.upper(): field for field in _FIELDS}
    return {
        wanted[target.id]: statement.value.value
        for statement in tree.body
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant)
        for target in statement.targets
        if isinstance(target, ast.Name) and target.id in wanted
    }


def _metadata(path: Path, name: str) -> Mapping[str, Any]:
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise ToolError(f"{name}: the policy cannot be read: {reason}.") from error
    metadata = said.get("metadata") if isinstance(said, Mapping) else None
    return metadata if isinstance(metadata, Mapping) else {}
