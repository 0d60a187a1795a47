"""Checks that checkov read, loaded and examined everything, because it exits 0 in any case."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from verification.engine.checkov import PlanScans, Scanned
from verification.engine.errors import ToolError
from verification.model.policies import Policy
from verification.model.source import Source, block_address


def demand_complete(
    source: Scanned,
    plans: Mapping[str, PlanScans],
    tree: Source,
    policies: Iterable[Policy],
) -> None:
    """Require that every file was parsed, every resource read, and every policy loaded.

    Args:
        source: the scan of the source.
        plans: each environment's plan and its scans.
        tree: the source as the suite reads it.
        policies: the project's policies, from their files.

    Raises:
        ToolError: something was left out; the message lists all of it.
    """
    faults = [*_faults(source, policies), *_unread_blocks(source, tree)]
    for one in plans.values():
        faults += [*_faults(one.marked, policies), *_faults(one.absent, ())]
        faults += _unread_resources(one.marked, one.plan)
    if faults:
        raise ToolError("\n".join(dict.fromkeys(faults)))


def _faults(scanned: Scanned, policies: Iterable[Policy]) -> Iterator[str]:
    if scanned.error:
        yield f"checkov could not scan {scanned.name}: {scanned.error}."
        return
    for file in scanned.unparsed:
        yield f"{file}: checkov could not parse this file, so it was not examined."
    for crash in scanned.crashes:
        yield f"a policy raised: {crash}."
    loaded = {rule.id for rule in scanned.rules if rule.ours}
    for policy in policies:
        if policy.id not in loaded:
            said = _said(scanned.log, Path(policy.file).stem, policy.id)
            yield f"{policy.file}: checkov did not load {policy.id}{said}"
    for stranger in sorted(loaded - {policy.id for policy in policies}):
        yield f"{stranger} was loaded, but has no file in policies/."


def _said(log: Iterable[str], *names: str) -> str:
    """checkov's message about a policy; without one, the usual reason."""
    lines = [line for line in log if any(name in line for name in names)]
    return f": {lines[0]}" if lines else ": check that __init__.py exists and the id is unique."


def _unread_blocks(scanned: Scanned, tree: Source) -> Iterator[str]:
    if scanned.error:
        return
    read = {block_address(resource) for resource in scanned.resources}
    for block in tree.find("resource"):
        file = str((tree.base / block.file).resolve())
        suffix = re.compile(rf"{re.escape(file)}:(module\.[\w-]+\.)*{re.escape(block.address)}")
        if not any(suffix.fullmatch(resource) for resource in read):
            yield f"{block.source}: checkov did not read {block.address}."


def _unread_resources(scanned: Scanned, plan: Mapping[str, Any]) -> Iterator[str]:
    if scanned.error:
        return
    read = {resource.partition(":")[2] for resource in scanned.resources}
    for change in plan.get("resource_changes", ()):
        managed = change["mode"] == "managed" and change["change"].get("after") is not None
        if managed and change["address"] not in read:
            yield f"{change['address']}: checkov did not read it in the plan of {scanned.name}."
