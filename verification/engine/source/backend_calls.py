"""The AWS calls in the backend's source, and their tables, by static analysis.

It finds calls of client methods (`client.get_item(...)`), and method names passed as strings
(`call(client, "get_item", ...)`). Only modules that the service imports count: an operator's
command, such as the migration, has the operator's permissions.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from verification.engine.errors import ToolError
from verification.engine.source import python_files as python
from verification.engine.source.python_files import Module

PACKAGE = "backend"
ENTRY = "backend.wsgi"
_CONFIG = "backend.config"
# boto3's convenience methods, and their operations.
_HIGHER = {
    "s3": {
        "upload_file": "PutObject",
        "upload_fileobj": "PutObject",
        "download_file": "GetObject",
        "download_fileobj": "GetObject",
    },
    "dynamodb": {"batch_writer": "BatchWriteItem"},
}


@dataclass(frozen=True)
class SourceCall:
    """A call of an operation; `place` is `file:line`.

    `variables` are the environment variables that may contain its table's name, none if the source
    does not show it; `index` is the table's index, "" for the table itself.
    """

    service: str
    operation: str
    place: str
    variables: tuple[str, ...] = ()
    index: str = ""


def source_calls(repository: Path) -> tuple[SourceCall, ...]:
    """Every AWS call that the service can make.

    Raises:
        ToolError: there is no such service, or one of its files is not Python.
    """
    modules = _imported(repository)
    config = modules.get(_CONFIG)
    variables = _variables(config.tree) if config else {}
    services = {name for module in modules.values() for name in _clients(module.tree)}
    return tuple(
        call
        for module in modules.values()
        for service in sorted(services)
        for call in _calls(module, service, variables)
    )


def _imported(repository: Path) -> dict[str, Module]:
    """The entry module, and every backend module that it imports, directly or not."""
    found: dict[str, Module] = {}
    waiting = [ENTRY]
    while waiting:
        name = waiting.pop()
        path = _path(repository, name)
        if name in found or path is None:
            continue
        found[name] = python.read(repository, path)
        waiting += [*python.imports(found[name].tree), name.rpartition(".")[0]]
    if ENTRY not in found:
        raise ToolError(f"{repository / PACKAGE}: {ENTRY}, which the service runs, does not exist.")
    return found


def _path(repository: Path, name: str) -> Path | None:
    if name.partition(".")[0] != PACKAGE:
        return None
    base = repository.joinpath(*name.split("."))
    paths = (base.with_suffix(".py"), base / "__init__.py")
    return next((path for path in paths if path.is_file()), None)


def _clients(tree: ast.Module) -> Iterator[str]:
    """The services of clients: the first string passed to a constructor of a client."""
    for call in python.calls(tree):
        if _called(call).lower().endswith(("client", "resource")) and call.args:
            name = python.text(call.args[0])
            if name and _operations(name):
                yield name


def _calls(module: Module, service: str, variables: dict[str, str]) -> Iterator[SourceCall]:
    operations = _operations(service) | _HIGHER.get(service, {})
    names = _Names(module.tree, variables)
    for call in python.calls(module.tree):
        named = [_called(call)] if isinstance(call.func, ast.Attribute) else []
        named += [text for argument in call.args if (text := python.text(argument))]
        for name in named:
            if name in operations:
                words = python.keywords(call)
                tables = names.of(words["TableName"], call) if "TableName" in words else set()
                index = names.text(words["IndexName"]) if "IndexName" in words else ""
                place = module.place(name, call).source
                yield SourceCall(service, operations[name], place, tuple(sorted(tables)), index)


class _Names:
    """The tables that a module's names may refer to."""

    def __init__(self, tree: ast.Module, variables: dict[str, str]) -> None:
        self._tree, self._variables = tree, variables
        self._functions = [n for n in python.nodes(tree) if isinstance(n, ast.FunctionDef)]

    def of(self, value: ast.expr, near: ast.AST) -> set[str]:
        """The environment variables that an expression may be."""
        if isinstance(value, ast.Attribute):
            own = isinstance(value.value, ast.Name) and value.value.id == "self"
            assigned = self._assigned(self._tree, value.attr, attribute=True) if own else []
            found = {v for one in assigned for v in self.of(one, one)}
            known = self._variables.get(value.attr)
            return found or ({known} if known else set())
        if isinstance(value, ast.Name):
            inside = next((f for f in self._functions if near in python.nodes(f)), self._tree)
            assigned = self._assigned(inside, value.id, attribute=False)
            return {v for one in assigned for v in self.of(one, near)}
        return set()

    def text(self, value: ast.expr) -> str:
        """A string literal or constant of the module; "" for other expressions."""
        if isinstance(value, ast.Name):
            found = self._assigned(self._tree, value.id, attribute=False)
            return python.text(found[0]) if len(found) == 1 else ""
        return python.text(value)

    def _assigned(self, tree: ast.AST, name: str, *, attribute: bool) -> list[ast.expr]:
        """All values assigned to a name, or to an attribute of self."""
        found: list[ast.expr] = []
        for node in python.nodes(tree):
            pairs: list[tuple[ast.expr, ast.expr]] = []
            if isinstance(node, ast.Assign):
                pairs = [(target, node.value) for target in node.targets]
            elif isinstance(node, ast.For):
                pairs = [(node.target, one) for one in getattr(node.iter, "elts", [])]
            for target, value in pairs:
                found += _given(target, value, name, attribute)
        return found


def _given(target: ast.expr, value: ast.expr, name: str, attribute: bool) -> Iterator[ast.expr]:
    """The value that an assignment gives to a name, also with several targets."""
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for part, of_part in zip(target.elts, value.elts, strict=False):
            yield from _given(part, of_part, name, attribute)
    elif isinstance(target, ast.Attribute if attribute else ast.Name):
        called = getattr(target, "attr" if attribute else "id", "")
        yield from [value] if called == name else []


def _variables(config: ast.Module) -> dict[str, str]:
    """The environment variable of each field of the settings."""
    return {
        field: name
        for call in python.calls(config)
        for field, value in python.keywords(call).items()
        if isinstance(value, ast.Call) and value.args
        for name in [python.text(value.args[0])]
        if name.isupper()
    }


@cache
def _operations(service: str) -> dict[str, str]:
    """A service's operations by the names that Python has for them; empty if it is none."""
    # Not every run reads calls, and this takes longer to import than all that is here.
    from botocore import xform_name
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    loader = Loader()
    if service not in loader.list_available_services("service-2"):
        return {}
    model = ServiceModel(loader.load_service_model(service, "service-2"), service)
    return {xform_name(name): name for name in model.operation_names}


def _called(call: ast.Call) -> str:
    return str(getattr(call.func, "attr", getattr(call.func, "id", "")))
