"""The settings in Terraform and in the deploy workflow."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from verification.model.contract import Contract
from verification.model.source import Block, Source
from verification.model.wiring import LOCAL, WORKFLOW, Place, Value, stacks

_COMMAND = "backend.deploy"
_VARIABLE = re.compile(r"\$\{(?:tostring\()?var\.(\w+)\)?\}")
_LOCAL = re.compile(r"\$\{local\.(\w+)\}")
_CONTAINER_PORT = re.compile(r"containerPort = ([\w.]+)")
_STOP_TIMEOUT = re.compile(r"stopTimeout\s*=\s*([\w.]+)")
_PROBED = re.compile(r"https?://(?:\$\{[^}]*\}|[^/'\"\s])+(/[\w/-]*)")


def provided(source: Source, contract: Contract) -> dict[str, list[Place]]:
    """Every variable of the container, with all its sources.

    Parameters are those of the contract and those in Terraform.
    """
    found: dict[str, list[Place]] = {}
    if not source.blocks:  # Without Terraform there are no settings.
        return found
    for name, place in sorted(_parameters(source, contract).items()):
        found.setdefault(name.upper(), []).append(place)
    for block in source.find("locals"):
        for name in block.body.get(LOCAL, ()):
            at = _line(source.base / block.file, name, block.lines[LOCAL])
            found.setdefault(name, []).append(Place(f"local.{LOCAL}", f"{block.file}:{at}"))
    return found


def deploy_command(base: Path) -> tuple[Place | None, dict[str, str]]:
    """The workflow's deploy command with its options; None without one."""
    path = base / WORKFLOW
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    for number, line in enumerate(lines, 1):
        if f"-m {_COMMAND}" not in line or line.lstrip().startswith("#"):
            continue
        text = line
        for more in lines[number:]:
            if not text.endswith("\\"):
                break
            text = text[:-1] + more
        words = shlex.split(text.partition(_COMMAND)[2])
        options = dict(pairwise(words))
        return Place(_COMMAND, f"{WORKFLOW}:{number}"), options
    return None, {}


def health_paths(source: Source) -> Iterator[Value]:
    """The health check paths of target groups."""
    for group in source.find("resource", "aws_lb_target_group"):
        for check in group.nested("health_check"):
            path = str(value_of(source, check.get("path"), group))
            yield Value(group.address, group.place("health_check"), path)


def probes(source: Source) -> Iterator[Value]:
    """The paths of container health checks."""
    for task in source.find("resource", "aws_ecs_task_definition"):
        for path in _PROBED.findall(str(task.body.get("container_definitions"))):
            yield Value(task.address, task.place("container_definitions"), path)


def stops(source: Source) -> Iterator[Value]:
    """stopTimeout of containers in seconds; ECS's default is 30.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
    """
    for task in source.find("resource", "aws_ecs_task_definition"):
        found = _STOP_TIMEOUT.findall(str(task.body.get("container_definitions"))) or ["30"]
        for said in found:
            value = value_of(source, _expression(said), task)
            yield Value(task.address, task.place("container_definitions"), value)


def drains(source: Source) -> Iterator[Value]:
    """Deregistration delays of target groups in seconds; the default is 300.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
    """
    for group in source.find("resource", "aws_lb_target_group"):
        said = value_of(source, group.body.get("deregistration_delay", 300), group)
        yield Value(group.address, group.place("deregistration_delay"), said)


def ports(source: Source) -> Iterator[Value]:
    """Every container port in Terraform, as text."""
    for task in source.find("resource", "aws_ecs_task_definition"):
        for port in _CONTAINER_PORT.findall(str(task.body.get("container_definitions"))):
            said = value_of(source, _expression(port), task)
            yield Value(task.address, task.place("container_definitions"), str(said))
    for group in source.find("resource", "aws_lb_target_group"):
        port = str(value_of(source, group.body.get("port"), group))
        yield Value(group.address, group.place("port"), port)
    for service in source.find("resource", "aws_ecs_service"):
        for part in service.nested("load_balancer"):
            port = str(value_of(source, part.get("container_port"), service))
            yield Value(service.address, service.place("load_balancer"), port)
    for block in source.find("locals"):
        if port := block.body.get(LOCAL, {}).get("PORT"):
            said = str(value_of(source, port, block))
            yield Value(f"local.{LOCAL}", block.place(LOCAL), said)


def _expression(text: str) -> str:
    """The argument of a function call, as a separate expression."""
    return text if text.isdigit() else f"${{{text}}}"


def value_of(
    source: Source,
    value: object,
    block: Block | None = None,
    seen: frozenset[str] = frozenset(),
) -> object:
    """A value in an environment: a variable is the module call's argument, or its default.

    A local of the same folder is its value, unless it is `seen` (a cycle). Other expressions stay
    as they are written.
    """
    directory = str(Path(block.file).parent) if block else None
    if (local := _LOCAL.fullmatch(str(value))) and local[1] not in seen:
        for found in source.find("locals", directory=directory):
            if local[1] in found.body:
                return value_of(source, found.body[local[1]], found, seen | {local[1]})
    match = _VARIABLE.fullmatch(str(value))
    if match is None:
        return value
    for call in source.find("module"):
        folder = source.base / Path(call.file).parent / str(call.body.get("source"))
        called = directory and folder.resolve() == (source.base / directory).resolve()
        if called and match[1] in call.body:
            return value_of(source, call.body[match[1]], call)
    for variable in source.find("variable", match[1], directory=directory):
        if "default" in variable.body:
            return variable.body["default"]
    return value


def _parameters(source: Source, contract: Contract) -> dict[str, Place]:
    names = {
        full.rpartition("/")[2]
        for stack in stacks(contract)
        for full in (*contract.parameter_values(stack), *contract.secret_names(stack))
    }
    found = {name: Place(f"parameter {name}", "") for name in names}
    for block in source.find("resource", "aws_ssm_parameter"):
        name = str(block.body.get("name")).rpartition("/")[2]
        if "${" not in name:  # What Terraform works out is for the plan to judge.
            found[name] = Place(f"parameter {name}", block.place("name"))
    return found


def _line(path: Path, name: str, start: int) -> int:
    """The line of an entry of a map, from the map's line on."""
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines[start - 1 :], start):
        if re.match(rf"\s*\"?{re.escape(name)}\"?\s*=", line):
            return number
    return start
