"""One verdict for each policy and block, from the results for source and all plans.

Plans have values, source has references and lifecycles. So in each environment the plan decides if
it can; otherwise the source does. The project's policies say themselves if a plan is not
sufficient. checkov's own rules cannot: they treat a value known only after apply as absent, and
fail good code, or as present. So they run on both variants of a plan; if the results differ, the
verdict depends on that value. Their "unknown" means "not applicable"; checkov leaves it out of its
reports, and so does this module.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from verification.engine.checkov import PlanScans, Result, Scanned
from verification.model.policies import Policy, PolicyResult
from verification.model.source import Block, Source, block_address
from verification.model.verdict import Verdict, worst

_MODULES = re.compile(r"(?:module\.[\w-]+\.)*")
_Answer = Verdict | None
"""A verdict; None if a policy has none."""


@dataclass
class _Said:
    """All results of one policy for one block.

    In a plan, each instance of the block has two: with unknown values marked, and absent.
    """

    source: list[Result] = field(default_factory=list)
    plans: dict[str, list[tuple[_Answer, _Answer]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    details: list[str] = field(default_factory=list)


def join(
    source: Scanned, plans: Mapping[str, PlanScans], tree: Source, policies: Mapping[str, Policy]
) -> list[PolicyResult]:
    """The verdict of each policy on each block, sorted by place.

    Args:
        source: the scan of the source.
        plans: each environment's plan and its scans.
        tree: the source as the suite reads it.
        policies: every loaded policy, by id.
    """
    places = _Places(tree, source)
    said: dict[tuple[str, str], _Said] = defaultdict(_Said)
    for environment, scans in sorted(plans.items()):
        absent = {(r.rule, r.address): r for r in scans.absent.results}
        for result in scans.marked.results:
            policy, one = policies[result.rule], said[result.rule, block_address(result.address)]
            other = result if policy.ours else absent.get((result.rule, result.address))
            one.plans[environment].append((_answer(policy, result), _answer(policy, other)))
            one.details += result.details
    for result in source.results:
        one = said[result.rule, places.address(result)]
        one.source.append(result)
        one.details += result.details
    joined = (
        _joined(policies[rule], address, one, bool(plans)) for (rule, address), one in said.items()
    )
    results = [places.placed(result) for result in joined if result]
    return sorted(results, key=lambda r: (r.file, r.line, r.address, r.policy.id))


def _joined(policy: Policy, address: str, said: _Said, planned_too: bool) -> PolicyResult | None:
    """The verdict on a block; None if the policy has none."""
    skips = [result.comment for result in said.source if result.verdict == "skip"]
    if skips:
        message = f"{policy.id} is skipped by an inline comment, “{skips[0].strip()}”"
        return PolicyResult(policy, address, Verdict.FAIL, message, tuple(said.plans))
    from_source = worst(_answer(policy, result) for result in said.source)
    if from_source is Verdict.UNKNOWN and planned_too and not said.plans:
        # Plans decide what source cannot; here no plan has the block, or the policy does not apply.
        return None
    planned = {
        environment: worst(_decide(*answers, from_source) for answers in instances)
        for environment, instances in said.plans.items()
    }
    verdict = worst(planned.values()) or from_source
    if verdict is None:
        return None
    failing = tuple(environment for environment, v in planned.items() if v is Verdict.FAIL)
    where = f" (in {', '.join(failing)})" if 0 < len(failing) < len(planned) else ""
    details = f"; {'; '.join(dict.fromkeys(said.details))}" if said.details else ""
    message = f"{policy.id}: {policy.name}{where}{details}"
    return PolicyResult(policy, address, verdict, message, tuple(planned), failing)


def _decide(marked: _Answer, absent: _Answer, from_source: _Answer) -> _Answer:
    """A plan's verdict on an instance, or the source's if the plan cannot decide."""
    if marked is None or absent is None:
        return from_source
    if marked is absent and marked is not Verdict.UNKNOWN:
        return marked
    return from_source or Verdict.UNKNOWN


def _answer(policy: Policy, result: Result | None) -> _Answer:
    """The verdict of a result; None for a checkov rule that does not apply."""
    if result is None or (result.verdict == "unknown" and not policy.ours):
        return None
    return Verdict(result.verdict)


class _Places:
    """Finds the place of each block."""

    def __init__(self, tree: Source, source: Scanned) -> None:
        self._tree = tree
        self._blocks = {(block.file, block.line): block for block in tree.blocks}
        # checkov reports file and address of what it reads, which gives each module's folder. The
        # root module has one folder per environment.
        self._folders: dict[str, set[str]] = defaultdict(set)
        for resource in source.resources:
            file, _, address = resource.partition(":")
            self._folders[_modules(block_address(address))].add(str(Path(self._name(file)).parent))

    def address(self, result: Result) -> str:
        """The address of a result from source, as in a plan."""
        address = block_address(result.address)
        block = self._blocks.get((self._name(result.file), result.lines[0]))
        return f"{_modules(address)}{block.address}" if block else address

    def placed(self, result: PolicyResult) -> PolicyResult:
        """The result with file and line: of the block, or of the nearest module call around it."""
        found = (self._block(address) for address in _outwards(result.address))
        block = next((block for block in found if block), None)
        file, line = (block.file, block.line) if block else (self._root_file(result), 1)
        return replace(result, file=file, line=line)

    def _root_file(self, result: PolicyResult) -> str:
        """A file of an environment that has the resource, or else of the tree."""
        root = self._tree.root.name
        folders = tuple(
            f"{root}/{folder}{name}/"
            for name in result.environments
            for folder in ("environments/", "")
        )
        mine = [file for file in self._tree.files if file.startswith(folders)]
        return next(iter([*mine, *self._tree.files]), self._tree.root.name)

    def _block(self, address: str) -> Block | None:
        modules = _modules(address)
        labels = address.removeprefix(modules).split(".")
        kind = labels.pop(0) if labels[0] in ("data", "module", "provider") else "resource"
        found = (
            block
            for folder in sorted(self._folders[modules])
            for block in self._tree.find(kind, *labels, directory=folder)
        )
        return next(found, None)

    def _name(self, file: str) -> str:
        path, base = Path(file), self._tree.base.resolve()
        return str(path.relative_to(base)) if path.is_relative_to(base) else file


def _modules(address: str) -> str:
    """The module part of an address; none for `module.network` itself."""
    found = _MODULES.match(address)
    return found[0] if found else ""


def _outwards(address: str) -> Iterator[str]:
    """An address, then those of its module, of the parent module, and so on."""
    yield address
    names = _modules(address).split(".")[1::2]
    for depth in range(len(names), 0, -1):
        yield ".".join(f"module.{name}" for name in names[:depth])
