"""What an unknown value will be: the resource attribute at the end of a chain of references.

The plan's JSON merges the references of a whole expression and omits locals, so the chain
(variable, module argument, output, local) is followed in the source instead.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from verification.model.source import Block, Source
from verification.model.ternary import Unknown

# A plain traversal such as aws_subnet.public["a"].id or var.names[0], without operators.
_TRAVERSAL = re.compile(r'[A-Za-z_][\w-]*(\.[\w-]+|\[(\d+|"[^"]*"|each\.key|\*)\])*')
_STEP = re.compile(r'\.?([A-Za-z_][\w-]*)|\[(\d+|"[^"]*"|each\.key|\*)\]')
_MODULE = re.compile(r"module\.([\w-]+)(\[[^\]]*\])?\.")
_ENCODED = re.compile(r"\$\{\s*jsonencode\((.*)\)\s*\}", re.DOTALL)
_PIECE = re.compile(r"\$\{([^{}]*)\}")
_DEPTH = 20


@dataclass(frozen=True)
class _Scope:
    """A module call: its address prefix, its folder, the call block and the caller's scope.

    `key` is the value of `each.key` in the call's arguments, "" without `for_each`.
    """

    prefix: str
    directory: str
    key: str = ""
    call: Block | None = None
    caller: _Scope | None = None


class References:
    """Finds the source of planned resources, and the references of their unknown values.

    Args:
        source: the Terraform tree.
        root: the root module's folder in it, relative to the source's base.
        variables: the root module's variables with their values.
    """

    def __init__(self, source: Source, root: str, variables: Mapping[str, Any]) -> None:
        self._source = source
        self._variables = variables
        self._root = _Scope("", root)

    def block(self, address: str) -> Block | None:
        """The block of a planned resource."""
        return self._find(address)[1]

    def value(self, address: str, path: Sequence[str | int]) -> Any:
        """An unknown value of a resource, as far as the source shows it.

        Literals are known; a reference to one attribute of one resource becomes an `Unknown` with
        that reference; an attribute that the source does not set is the resource's own.
        """
        scope, block = self._find(address)
        if block is None:
            return Unknown()
        found = self._reach(block.body, path, scope, _key(address), 0)
        return Unknown(".".join([address, *map(str, path)])) if found is None else found

    def written(self, address: str, name: str, read: Callable[[str], Any]) -> Any:
        """The source's expression for an attribute or nested block, with references followed.

        `read` parses the argument of a jsonencode() into a value of such expressions.
        """
        scope, block = self._find(address)
        value = block.body.get(name) if block else None
        encoded = _ENCODED.fullmatch(value) if isinstance(value, str) else None
        return self._resolve(read(encoded[1]) if encoded else value, scope, _key(address), 0)

    def _find(self, address: str) -> tuple[_Scope, Block | None]:
        scope, rest = self._root, address
        while match := _MODULE.match(rest):
            entered = self._enter(scope, match[1], match[2] or "")
            if entered is None:
                return scope, None
            scope, rest = entered, rest[match.end() :]
        kind = "data" if rest.startswith("data.") else "resource"
        labels = rest.removeprefix("data.").split("[")[0].split(".")[:2]
        found = self._source.find(kind, *labels, directory=scope.directory)
        return scope, found[0] if found else None

    def _enter(self, scope: _Scope, name: str, index: str) -> _Scope | None:
        calls = self._source.find("module", name, directory=scope.directory)
        if not calls or not isinstance(calls[0].body.get("source"), str):
            return None
        directory = os.path.normpath(f"{scope.directory}/{calls[0].body['source']}")
        prefix = f"{scope.prefix}module.{name}{index}."
        return _Scope(prefix, directory, _key(index), calls[0], scope)

    def _reach(
        self, value: Any, path: Sequence[str | int], scope: _Scope, key: str, depth: int
    ) -> Any:
        """Follow a path in a value, and resolve the result."""
        for number, step in enumerate(path):
            if isinstance(value, str):
                value = self._resolve(value, scope, key, depth)
            if isinstance(value, Unknown):
                return _extend(value, path[number:])
            value = _step(value, step)
        return self._resolve(value, scope, key, depth)

    def _resolve(self, value: Any, scope: _Scope, key: str, depth: int) -> Any:
        if isinstance(value, list):
            return [self._resolve(part, scope, key, depth) for part in value]
        if isinstance(value, Mapping):
            return {k: self._resolve(part, scope, key, depth) for k, part in value.items()}
        if not isinstance(value, str) or "${" not in value:
            return value
        expression = value[2:-1].strip() if value.startswith("${") and value.endswith("}") else ""
        if not expression or "${" in expression:
            return self._template(value, scope, key, depth)
        if depth > _DEPTH or not _TRAVERSAL.fullmatch(expression):
            return Unknown()
        if "each.key" in expression and not key:
            return Unknown()
        return self._follow(_steps(expression.replace("each.key", f'"{key}"')), scope, depth)

    def _template(self, text: str, scope: _Scope, key: str, depth: int) -> Any:
        """A string template; unknown parts stay in it as `${reference}`."""
        if "%{" in text or "$${" in text or depth > _DEPTH:
            return Unknown()
        parts = _PIECE.split(text)
        # Not supported: expressions that contain strings with expressions.
        if any("${" in literal for literal in parts[::2]):
            return Unknown()
        for place in range(1, len(parts), 2):
            found = self._resolve(f"${{{parts[place]}}}", scope, key, depth + 1)
            if isinstance(found, Unknown) and found.reference:
                plain = "${" not in found.reference
                found = f"${{{found.reference}}}" if plain else found.reference
            if not isinstance(found, str):
                return Unknown()
            parts[place] = found
        whole = "".join(parts)
        return Unknown(whole) if "${" in whole else whole

    def _follow(self, steps: list[str], scope: _Scope, depth: int) -> Any:
        head, *rest = steps
        if head in ("each", "count", "path", "self", "terraform") or len(steps) < 2:
            return Unknown()
        if head == "var":
            return self._argument(rest, scope, depth)
        if head == "local":
            return self._local(rest, scope, depth)
        if head == "module":
            return self._output(rest, scope, depth)
        return Unknown(scope.prefix + _join(steps))

    def _argument(self, steps: list[str], scope: _Scope, depth: int) -> Any:
        name, *rest = steps
        path = [step.strip('[]"') for step in rest]
        if scope.call is None or scope.caller is None:
            return self._reach(self._variables.get(name), path, scope, "", depth + 1)
        if name in scope.call.body:
            value = scope.call.body[name]
            return self._reach(value, path, scope.caller, scope.key, depth + 1)
        for block in self._source.find("variable", name, directory=scope.directory):
            if "default" in block.body:
                return self._reach(block.body["default"], path, scope, "", depth + 1)
        return Unknown()

    def _local(self, steps: list[str], scope: _Scope, depth: int) -> Any:
        for block in self._source.find("locals", directory=scope.directory):
            if steps[0] in block.body and len(steps) == 1:
                return self._resolve(block.body[steps[0]], scope, "", depth + 1)
        return Unknown()

    def _output(self, steps: list[str], scope: _Scope, depth: int) -> Any:
        name, *rest = steps
        inner = self._enter(scope, name, "")
        if inner is None or len(rest) != 1:
            return Unknown()
        for block in self._source.find("output", rest[0], directory=inner.directory):
            return self._resolve(block.body.get("value"), inner, "", depth + 1)
        return Unknown()


def _step(value: Any, step: str | int) -> Any:
    if step == "*":
        return Unknown()
    if isinstance(value, list) and str(step).isdigit():
        return value[int(step)] if int(step) < len(value) else None
    if not isinstance(value, Mapping):
        return None
    # The content of a dynamic block is an expression over its iterator.
    dynamic = value.get("dynamic")
    generated = isinstance(dynamic, list) and any(step in block for block in dynamic)
    return Unknown() if generated else value.get(step)


def _extend(value: Unknown, path: Sequence[str | int]) -> Unknown:
    """An attribute of an unknown value; the value itself for an empty path."""
    known = value.reference and "*" not in path
    return Unknown(".".join([value.reference, *map(str, path)])) if known else Unknown()


def _steps(expression: str) -> list[str]:
    return [m[1] or f"[{m[2]}]" for m in _STEP.finditer(expression)]


def _join(steps: Sequence[str]) -> str:
    return "".join(s if s.startswith("[") else f".{s}" for s in steps).removeprefix(".")


def _key(address: str) -> str:
    found = re.search(r'\["([^"]*)"\]$', address)
    return found[1] if found else ""
