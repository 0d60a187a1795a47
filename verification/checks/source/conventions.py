"""Checks of the Terraform source alone: pins, lifecycles, variables, equal environments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from verification.checks.registry import proves
from verification.model.contract import Contract
from verification.model.findings import Finding, expect, judge, missing
from verification.model.source import Block, Source
from verification.model.stack import Resource

_MODULE_FILES = ("README.md", "main.tf", "outputs.tf", "variables.tf", "versions.tf")
_PINNED = re.compile(r"(~>|=)?\s*\d+\.\d+(\.\d+)?")
_UPPER = re.compile(r"<|~>|=|\d")
_ACCOUNT = re.compile(r"(?<![\w-])\d{12}(?![\w-])")
_ANY = re.compile(r"\bany\b")
_LOCK = ".terraform.lock.hcl"


@proves("terraform-clean")
def has_no_hidden_files(source: Source, _: Contract) -> list[Finding]:
    """There are no override files, which Terraform merges, and no JSON files, which are not read.

    https://developer.hashicorp.com/terraform/language/files/override
    """
    return [
        judge(
            Resource(address=file),
            not _hidden(file),
            "changes the configuration, but the suite does not read it"
            if _hidden(file)
            else "is a plain .tf file",
            "Move its content to the .tf file that it overrides.",
        )
        for file in source.files
    ]


@proves("task-role-permissions")
def attaches_the_policy_as_planned(source: Source, _: Contract) -> list[Finding]:
    """The policy attachment is in the backend module, with the planned count, role and policy."""
    name = "flask_app_dynamodb_policy_attachment"
    blocks = source.find("resource", "aws_iam_role_policy_attachment", name)
    if not blocks:
        return [missing(f"aws_iam_role_policy_attachment.{name}", "the planned attachment")]
    wanted = {
        "count": "${var.dynamodb_policy_arn != null ? 1 : 0}",
        "policy_arn": "${var.dynamodb_policy_arn}",
        "role": "${aws_iam_role.flask_app_task.name}",
    }
    return [
        expect(_at(block, attribute), attribute, block.body.get(attribute), value)
        for block in blocks
        for attribute, value in wanted.items()
    ]


@proves("zero-downtime")
def leaves_deployed_revisions_alone(source: Source, _: Contract) -> list[Finding]:
    """terraform apply does not revert the task definition registered by the deploy workflow."""
    return [
        _ignores(block, "task_definition") for block in source.find("resource", "aws_ecs_service")
    ]


@proves("quick-rollback")
def leaves_the_switch_alone(source: Source, _: Contract) -> list[Finding]:
    """terraform apply does not revert a manual change of use_dynamodb."""
    switches = [
        block
        for block in source.find("resource", "aws_ssm_parameter")
        if str(block.body.get("name")).endswith("/use_dynamodb")
    ]
    return [_ignores(block, "value") for block in switches]


@proves("environments-alike")
def environments_share_their_code(source: Source, contract: Contract) -> list[Finding]:
    """All environments have the same .tf files, byte for byte."""
    folder = source.root / "environments"
    first, *others = (folder / name for name in contract.environments)
    return [finding for other in others for finding in _compare(first, other, source.base)]


@proves("module-pattern")
def modules_have_fixed_files(source: Source, _: Contract) -> list[Finding]:
    """Each module has the same five files."""
    return [
        judge(Resource(address=directory), not absent, text, "Add the missing files.")
        for directory in source.modules()
        for absent in [[f for f in _MODULE_FILES if not (source.base / directory / f).is_file()]]
        for text in [f"is missing {', '.join(absent)}" if absent else "has its five files"]
    ]


@proves("module-pattern")
def interfaces_are_described(source: Source, _: Contract) -> list[Finding]:
    """Each variable has a type and a description, and each output a description."""
    wanted = {"variable": ("type", "description"), "output": ("description",)}
    findings = []
    for block in source.blocks:
        absent = [name for name in wanted.get(block.kind, ()) if not block.body.get(name)]
        if _ANY.search(str(block.body.get("type", ""))):
            absent.append("type other than any")
        if block.kind in wanted:
            text = f"has no {' and no '.join(absent)}" if absent else "is typed and described"
            findings.append(judge(block, not absent, text))
    return findings


@proves("module-pattern")
def providers_are_pinned(source: Source, _: Contract) -> list[Finding]:
    """Each folder has an upper bound of Terraform's version and a pin of every provider.

    https://developer.hashicorp.com/terraform/language/expressions/version-constraints
    """
    findings = []
    for directory in source.directories():
        settings = source.find("terraform", directory=directory)
        findings += list(_pins(directory, settings))
    return findings


@proves("module-pattern")
def locks_are_committed(source: Source, contract: Contract) -> list[Finding]:
    """Each root module has a lock file with hashes for all platforms.

    https://developer.hashicorp.com/terraform/language/files/dependency-lock
    """
    findings = []
    folders = [source.root / "environments" / name for name in contract.environments]
    if contract.pipeline:
        folders.append(source.root / contract.pipeline.root)
    for folder in folders:
        path = folder / _LOCK
        place = Resource(address=str(path.relative_to(source.base)))
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        kinds = {kind for kind in ("h1:", "zh:") if f'"{kind}' in text}
        said = f"has {' and '.join(sorted(kinds)) or 'no'} hashes"
        remedy = "Run `terraform providers lock` for each platform and commit the file."
        findings.append(judge(place, kinds == {"h1:", "zh:"}, said, remedy))
    return findings


@proves("module-pattern")
def modules_are_local_and_general(source: Source, _: Contract) -> list[Finding]:
    """Modules are local and contain no provider, backend or account id."""
    findings = [
        judge(call, str(call.body.get("source", "")).startswith("."), f"its source is {where}")
        for call in source.find("module")
        for where in [call.body.get("source")]
    ]
    for directory in source.modules():
        configured = [block.address for block in source.find("provider", directory=directory)]
        settings = source.find("terraform", directory=directory)
        backends = [name for block in settings for part in block.nested("backend") for name in part]
        literals = sorted(set(_accounts(source.within(directory))))
        place = Resource(address=directory)
        findings.append(expect(place, "the provider blocks", configured, []))
        findings.append(expect(place, "the backends", backends, []))
        findings.append(expect(place, "the literal account ids", literals, []))
    return findings


def _hidden(file: str) -> bool:
    name = Path(file).name
    stem = name.removesuffix(".json").removesuffix(".tf")
    return name.endswith(".tf.json") or stem == "override" or stem.endswith("_override")


def _at(block: Block, attribute: str) -> Resource:
    return Resource(address=block.address, source=block.place(attribute))


def _ignores(block: Block, attribute: str) -> Finding:
    ignored = [
        str(name)
        for part in block.nested("lifecycle")
        for names in [part.get("ignore_changes", [])]
        # `all` is a keyword, not a list. It hides every drift, so it does not count.
        for name in (names if isinstance(names, list) else ["all"])
    ]
    said = f"ignores changes of {', '.join(ignored) or 'nothing'}"
    remedy = f"Add lifecycle {{ ignore_changes = [{attribute}] }}."
    return judge(_at(block, "lifecycle"), attribute in ignored, said, remedy)


def _compare(first: Path, other: Path, base: Path) -> Iterator[Finding]:
    names = {path.name for folder in (first, other) for path in _code(folder)}
    for name in sorted(names):
        left, right = first / name, other / name
        alike = left.is_file() and right.is_file() and left.read_bytes() == right.read_bytes()
        text = "is the same file as in" if alike else "differs from, or is missing in,"
        place = Resource(address=str(right.relative_to(base)))
        yield judge(place, alike, f"{text} {first.relative_to(base)}", "Move values to tfvars.")


def _code(folder: Path) -> list[Path]:
    """The files that must be equal: all but values, state and what init installs."""
    if not folder.is_dir():
        return []
    return [p for p in folder.iterdir() if p.suffix == ".tf" or p.name == _LOCK]


def _pins(directory: str, settings: list[Block]) -> Iterator[Finding]:
    versions = [block for block in settings if "required_version" in block.body]
    if not versions:
        yield missing(directory, "required_version", "Add it to versions.tf.")
    for block in versions:
        said, wanted = str(block.body["required_version"]), 'Set one, such as ">= 1.11, < 2.0".'
        bounded = any(_UPPER.match(part.strip()) for part in said.split(","))
        text = f"Terraform has version {said}, {'with' if bounded else 'without'} an upper bound"
        yield judge(_at(block, "required_version"), bounded, text, wanted)
    required = [
        (block, name, provider)
        for block in settings
        for part in block.nested("required_providers")
        for name, provider in part.items()
    ]
    if not required:
        yield missing(directory, "required_providers", "Add it to versions.tf.")
    for block, name, provider in required:
        version = provider.get("version") if isinstance(provider, Mapping) else None
        pinned = bool(version and _PINNED.fullmatch(str(version)))
        said = f"provider {name} has version {version or 'unbounded'}"
        yield judge(_at(block, "required_providers"), pinned, said, 'Pin it, such as "~> 5.100".')


def _accounts(blocks: tuple[Block, ...]) -> Iterator[str]:
    for block in blocks:
        yield from _ACCOUNT.findall(_text(block.body))


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return " ".join(_text(part) for part in value.values())
    if isinstance(value, list):
        return " ".join(map(_text, value))
    return str(value)
