"""The resource to judge, and the others in checkov's graph."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any

from checkov.common.graph.graph_builder import CustomAttributes as Key
from fsp.values import GAP, UNKNOWN, Block, gapped

Vertex = Mapping[str, Any]
# data.type.name or type.name, with the instance's index or key, and an attribute.
_REFERENCE = re.compile(r"^(data\.)?(\w+)\.([\w-]+)(\[[^\]]*\])?\.[\w-]+")
# Only plans have actions.
_PLANNED = "__change_actions__"


class Resource(Block):
    """A resource or data source, which can find others in its root module.

    Args:
        content: its configuration as in checkov.
        graph: checkov's graph of everything that is scanned.
        kind: its type, such as aws_iam_role.
        vertex: its vertex in the graph; searched if it is not given.
    """

    def __init__(
        self, content: Mapping[str, Any], graph: Any, kind: str, vertex: Vertex | None = None
    ) -> None:
        super().__init__(content, _PLANNED in content)
        self.kind = kind
        self.address = str(content[Key.TF_RESOURCE_ADDRESS])
        module, _, self._name = self.address.rpartition(f"{kind}.")
        # checkov omits `data.` in addresses in source.
        self._module = module.removesuffix("data.")
        self._graph = graph
        self._vertex = vertex or self._own_vertex()

    def others(self, kind: str) -> list[Resource]:
        """All resources of a type in the same root module, at any depth."""
        return list(self._all("resource", kind, kind))

    def referred(self, text: Any, kind: str) -> Resource | None:
        """The resource or data source of a type that a reference names, if it is known."""
        match = _REFERENCE.match(text.removeprefix("${")) if isinstance(text, str) else None
        if not match or match[2] != kind:
            return None
        data, _, name, index = match.groups()
        # In source, data sources have no index in checkov.
        wanted = {name, f"{name}{index or '[0]'}"}
        block, typed = ("data", f"data.{kind}") if data else ("resource", kind)
        found = [one for one in self._all(block, typed, kind) if one._name in wanted]
        own = [one for one in found if one._module == self._module]
        # checkov writes another module's output as if it were of the same module.
        return own[0] if own else found[0] if len(found) == 1 else None

    def local(self, reference: str) -> Any:
        """The value of a `local.name` of the same module, UNKNOWN if it is absent."""
        name = reference.removeprefix("local.")
        for _, vertex in self._graph.nodes():
            is_local = vertex.get(Key.BLOCK_TYPE) == "locals" and vertex[Key.BLOCK_NAME] == name
            if is_local and _module_of(vertex) == _module_of(self._vertex):
                return vertex[Key.CONFIG][name][0]
        return UNKNOWN

    def is_same(self, other: Resource) -> bool:
        """Whether the other, of the same root module, is the same resource."""
        return other.address == self.address

    def _all(self, block: str, typed: str, kind: str) -> Iterator[Resource]:
        root = _root(self._vertex)
        for _, vertex in self._graph.nodes():
            if (vertex.get(Key.BLOCK_TYPE), vertex.get(Key.RESOURCE_TYPE)) == (block, typed):
                content = next(iter(vertex[Key.CONFIG][kind].values()))
                if content.get("count") != [0] and _root(vertex) == root:
                    yield Resource(content, self._graph, kind, vertex)

    def _own_vertex(self) -> Vertex:
        """Two root modules may have the same address, so the content decides if possible."""
        nodes: Iterator[Vertex] = (vertex for _, vertex in self._graph.nodes())
        same = [vertex for vertex in nodes if vertex.get(Key.TF_RESOURCE_ADDRESS) == self.address]
        for vertex in same:
            contents = vertex[Key.CONFIG].get(self.kind, {}).values()
            if any(content is self.content for content in contents):
                return vertex
        return same[0]


def same_text(one: Any, other: Any) -> Any:
    """Whether two strings are equal: True, False, or UNKNOWN if unknown parts decide.

    Strings with the same unknown parts are equal within a root module: `${var.project_name}-users`
    is the same table everywhere.
    """
    if not isinstance(one, str) or not isinstance(other, str):
        return UNKNOWN
    if one == other:
        return UNKNOWN if gapped(one) == GAP else True
    known, unknown = sorted((gapped(one), gapped(other)), key=lambda text: GAP in text)
    if GAP in known:
        return UNKNOWN
    if GAP not in unknown:
        return False
    may_be = re.fullmatch(".*".join(map(re.escape, unknown.split(GAP))), known)
    return UNKNOWN if may_be else False


def _module_of(vertex: Vertex) -> tuple[Any, PurePath]:
    """The module instance of a vertex."""
    return vertex.get(Key.SOURCE_MODULE_OBJECT), PurePath(vertex[Key.FILE_PATH]).parent


def _root(vertex: Vertex) -> PurePath:
    """The folder of the root module; in a plan, the same for all."""
    module, folder = _module_of(vertex)
    while module:
        module, folder = module.nested_tf_module, PurePath(module.path).parent
    return folder
