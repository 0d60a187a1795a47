"""The backend's Python for the wiring checks: variables, routes, strings, constants."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from verification.engine.source import python_files as python
from verification.engine.source.python_files import Module
from verification.model.wiring import BACKEND, CONFIG, Place, PythonFile, Read, Value

_DOCKERFILE = f"{BACKEND}/Dockerfile"
_GUNICORN = f"{BACKEND}/gunicorn.conf.py"
_DEPLOY = (f"{BACKEND}/deploy.py", f"{BACKEND}/deployment/")
_ENVIRON = {"environ", "environb", "getenv", "getenvb"}
_IMAGE_PORT = re.compile(r"(?:^EXPOSE |\bPORT=)(\d+)")
_VERBS = {"route", "get", "post", "put", "patch", "delete"}


def modules(base: Path) -> list[Module]:
    """Every Python file of the backend.

    Raises:
        ToolError: one of them is not Python; the message has file and line.
    """
    return [python.read(base, path) for path in sorted((base / BACKEND).rglob("*.py"))]


def files(every: list[Module]) -> tuple[PythonFile, ...]:
    """The facts of each file for the wiring."""
    return tuple(_file(module) for module in every)


def configuration(every: list[Module]) -> tuple[Read, ...]:
    """Every variable that the configuration reads."""
    return tuple(read for module in every if module.file == CONFIG for read in reads(module))


def environment_uses(module: Module) -> list[ast.AST]:
    """Every place that touches the process's environment: os.environ, os.getenv and their like."""
    return [node for node in python.nodes(module.tree) if _touches_environment(node)]


def reads(module: Module) -> list[Read]:
    """Every variable that the configuration reads, by the class that takes os.environ."""
    reader = _reader_class(module.tree)
    if reader is None:
        return []
    methods = {part.name: part for part in reader.body if isinstance(part, ast.FunctionDef)}
    inside = {id(node) for node in ast.walk(reader)}
    found = []
    for call in python.calls(module.tree):
        method = methods.get(call.func.attr) if isinstance(call.func, ast.Attribute) else None
        if method is None or id(call) in inside or "name" not in _parameters(method):
            continue
        first = _argument(call, method, "name")
        name = first.value if isinstance(first, ast.Constant) else ""
        default = _argument(call, method, "default")
        value = default.value if isinstance(default, ast.Constant) else None
        place = module.place(str(name), call)
        found.append(Read(place.address, place.source, _required(call, method, methods), value))
    return found


def stray_uses(module: Module) -> list[ast.AST]:
    """Uses of the environment in the configuration outside of its reader class."""
    reader = _reader_class(module.tree)
    handed = {
        id(node)
        for call in python.calls(module.tree)
        if reader and isinstance(call.func, ast.Name) and call.func.id == reader.name
        for node in ast.walk(call)
    }
    return [node for node in environment_uses(module) if id(node) not in handed]


def routes(every: list[Module]) -> dict[str, Place]:
    """Every path that the application serves, with its place."""
    found = {}
    for module in every:
        prefix = next(iter(_prefixes(module.tree)), "")
        for node in python.nodes(module.tree):
            for decorator in getattr(node, "decorator_list", ()):
                path = _path(decorator)
                if path is not None:
                    found[prefix + path] = module.place(prefix + path, decorator)
    return found


def literals(module: Module) -> Iterator[ast.Constant]:
    """Every string in the code except docstrings."""
    documentation = {
        id(node.body[0].value)
        for node in python.nodes(module.tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in python.nodes(module.tree):
        if isinstance(node, ast.Constant) and python.text(node) and id(node) not in documentation:
            yield node


def ports(base: Path, configuration: tuple[Read, ...]) -> Iterator[Value]:
    """The configuration's default port, and the ports in the image."""
    for read in configuration:
        if read.address == "PORT":
            yield Value("PORT", read.source, str(read.default))
    path = base / _DOCKERFILE
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    for number, line in enumerate(lines, 1):
        for port in _IMAGE_PORT.findall(line):
            yield Value("the image's port", f"{_DOCKERFILE}:{number}", port)


def constants(every: list[Module]) -> dict[str, Value]:
    """The constants of the deployment by name; the first of each name."""
    found: dict[str, Value] = {}
    for module in every:
        for name, value in _assigned(module) if _deploys(module) else ():
            found.setdefault(name, value)
    return found


def _assigned(module: Module) -> Iterator[tuple[str, Value]]:
    """Every constant of a module, by name."""
    for node in module.tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            for target in node.targets:
                name = getattr(target, "id", "")
                yield name, Value(name, module.place(name, node).source, node.value.value)


def grace(every: list[Module]) -> Value | None:
    """gunicorn's graceful_timeout in seconds; 30 by default.

    https://docs.gunicorn.org/en/stable/settings.html#graceful-timeout
    """
    for module in every:
        if module.file == _GUNICORN:
            found = dict(_assigned(module))
            default = Value(module.file, f"{module.file}:1", 30)
            return found.get("graceful_timeout", default)
    return None


def _file(module: Module) -> PythonFile:
    start = module.place(module.file, module.tree)
    uses = (stray_uses if module.file == CONFIG else environment_uses)(module)
    strings = (
        Value(module.file, module.place(module.file, node).source, node.value)
        for node in literals(module)
    )
    return PythonFile(
        start.address,
        start.source,
        _deploys(module),
        tuple(module.place(module.file, node) for node in uses),
        tuple(strings),
    )


def _deploys(module: Module) -> bool:
    """Whether the file belongs to the deployment, which does not run in the container."""
    return module.file.startswith(_DEPLOY)


def _touches_environment(node: ast.AST) -> bool:
    if isinstance(node, ast.Import):
        return any(alias.name == "os" and alias.asname for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        return node.module == "os" and bool(_ENVIRON & {alias.name for alias in node.names})
    return (
        isinstance(node, ast.Attribute)
        and node.attr in _ENVIRON
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
    )


def _reader_class(tree: ast.Module) -> ast.ClassDef | None:
    given = {
        call.func.id
        for call in python.calls(tree)
        if isinstance(call.func, ast.Name)
        and any(isinstance(n, ast.Attribute) and n.attr == "environ" for n in ast.walk(call))
    }
    classes = [n for n in tree.body if isinstance(n, ast.ClassDef) and n.name in given]
    return classes[0] if classes else None


def _parameters(method: ast.FunctionDef) -> list[str]:
    return [argument.arg for argument in method.args.args[1:]]


def _argument(call: ast.Call, method: ast.FunctionDef, name: str) -> ast.expr | None:
    given = dict(zip(_parameters(method), call.args, strict=False))
    return (given | python.keywords(call)).get(name)


def _required(call: ast.Call, method: ast.FunctionDef, methods: dict[str, ast.FunctionDef]) -> bool:
    """Whether a read requires the variable: no default, or a default of None."""
    if "default" in _parameters(method):
        default = _argument(call, method, "default")
        nodes = list(ast.walk(default)) if default is not None else []
        return not nodes or any(isinstance(n, ast.Constant) and n.value is None for n in nodes)
    inner = [
        _required(part, methods[part.func.attr], methods)
        for part in python.calls(method)
        if isinstance(part.func, ast.Attribute)
        and isinstance(part.func.value, ast.Name)
        and part.func.value.id == "self"
        and part.func.attr in methods
    ]
    return not inner or any(inner)


def _prefixes(tree: ast.Module) -> Iterator[str]:
    for call in python.calls(tree):
        if prefix := python.text(python.keywords(call).get("url_prefix")):
            yield prefix


def _path(decorator: ast.expr) -> str | None:
    if not (isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute)):
        return None
    first = decorator.args[0] if decorator.args else None
    # "" is the path of a blueprint's prefix.
    is_text = isinstance(first, ast.Constant) and isinstance(first.value, str)
    return python.text(first) if is_text and decorator.func.attr in _VERBS else None
