"""Checks of the wiring: the settings that Terraform and the workflow provide and the backend reads.

Decided from the source alone: Terraform, the backend's Python and the deploy workflow, with paths
relative to the repository's root.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from verification.checks.registry import proves
from verification.model.contract import Contract
from verification.model.findings import Finding, expect, judge, missing
from verification.model.stack import Resource
from verification.model.wiring import (
    BACKEND,
    CONFIG,
    LOCAL,
    WORKFLOW,
    Place,
    Value,
    Wiring,
    stacks,
)


@proves("pipeline-wiring")
def every_variable_is_provided(wiring: Wiring, contract: Contract) -> list[Finding]:
    """Each variable that the backend reads is provided, or has an explicit default."""
    tables = {f"DYNAMODB_{table.key}_TABLE_NAME".upper() for table in contract.tables}
    findings = []
    for read in wiring.configuration:
        if not read.address:
            unnamed = replace(read, address="a variable")
            text = "the variable's name is not a constant"
            findings.append(judge(unnamed, False, text, "Read it by a constant name."))
            continue
        if read.address in tables and not read.required:
            text = "has a default, which hides a missing table name"
            findings.append(judge(read, False, text, "Read it without a default."))
            continue
        by = ", ".join(place.address for place in wiring.provided.get(read.address, ()))
        text = f"is provided by {by}" if by else "has a default" if not read.required else ""
        remedy = f"Add a parameter {read.address.lower()}, or the variable to {LOCAL}."
        findings.append(judge(read, bool(text), text or "is read but not provided", remedy))
    return findings or [missing(CONFIG, "a variable that the backend reads")]


@proves("pipeline-wiring")
def every_provided_variable_is_read(wiring: Wiring, contract: Contract) -> list[Finding]:
    """Each parameter and each variable of Terraform is read, or declared informational."""
    names = {read.address for read in wiring.configuration}
    told = {name.upper() for name in contract.informational_parameters}
    findings = [
        missing(name.lower(), "the parameter declared informational", "Remove the declaration.")
        for name in sorted(told - wiring.provided.keys())
    ]
    for name, places in sorted(wiring.provided.items()):
        state = {(True, False): "is read", (False, True): "is informational"}
        text = state.get((name in names, name in told))
        wrong = "is read, though declared informational" if name in told else "is not read"
        remedy = "Correct its name, or informational_parameters in contract.toml."
        findings += [judge(p, bool(text), f"{name} {text or wrong}", remedy) for p in places]
    return findings


@proves("pipeline-wiring")
def every_variable_has_one_source(wiring: Wiring, contract: Contract) -> list[Finding]:
    """No variable is provided twice; the deployment would fail."""
    return [
        judge(
            places[-1],
            len(places) == 1,
            f"{name} is provided by {' and by '.join(place.address for place in places)}",
            "Keep one: the parameter if it must change without an apply.",
        )
        for name, places in sorted(wiring.provided.items())
    ]


@proves("pipeline-wiring")
def the_environment_is_read_in_one_place(wiring: Wiring, _: Contract) -> list[Finding]:
    """Only the configuration reads the environment; the deployment code is exempt."""
    findings = []
    for file in wiring.files:
        if file.deploys:
            continue
        uses = file.environment
        text = "reads the environment" if uses else "does not read the environment"
        place = next(iter(uses), file)
        findings.append(judge(place, not uses, text, f"Read it in {CONFIG}."))
    return findings


@proves("pipeline-wiring")
def no_name_is_written_out(wiring: Wiring, contract: Contract) -> list[Finding]:
    """No string in the backend contains a table name or the project name."""
    names = {contract.text(t.name, s) for t in contract.tables for s in stacks(contract)}
    names.add(contract.project)
    findings = []
    for file in wiring.files:
        # deploys_what_the_contract_names judges the deployment's default project.
        own = contract.project if file.deploys else None
        found = [
            string
            for string in file.strings
            if any(name in str(string.value) for name in names) and string.value != own
        ]
        text = f"contains {str(found[0].value)!r}" if found else "contains no name of the stack"
        place = next(iter(found), file)
        findings.append(judge(place, not found, text, f"Read it from {CONFIG}."))
    return findings


@proves("pipeline-wiring")
def the_workflow_reads_the_parameters(wiring: Wiring, contract: Contract) -> list[Finding]:
    """The deploy workflow runs backend.deploy for its environment, with the contract's path."""
    place, options = wiring.deploy, wiring.options
    if place is None:
        return [missing(WORKFLOW, "python -m backend.deploy", "Deploy with this command.")]
    path = options.get("--parameter-path")
    written = re.sub(r"\$\{?ENVIRONMENT\}?", "{environment}", path) if path else None
    return [
        expect(place, "the parameter path", written, contract.parameter_path),
        expect(place, "the environment", options.get("--environment"), "$ENVIRONMENT"),
    ]


@proves("pipeline-wiring")
def deploys_what_the_contract_names(wiring: Wiring, contract: Contract) -> list[Finding]:
    """The deployment's constants equal the names of Terraform and the contract."""
    wanted = {
        "PROJECT": contract.project,
        "PARAMETER_PATH": contract.parameter_path,
        "CONTAINER": contract.service.container,
        "BOOTSTRAP_TAG": wiring.image_tag,
    }
    findings = []
    for name, value in wanted.items():
        found = wiring.constants.get(name)
        thing = found or Resource(address=f"{BACKEND}/deploy.py")
        findings.append(expect(thing, name, found.value if found else None, value))
    return findings


@proves("pipeline-wiring")
def health_checks_ask_what_is_answered(wiring: Wiring, contract: Contract) -> list[Finding]:
    """The health checks of load balancer and container use paths that the backend serves."""
    wanted = contract.service.health_check_path
    findings = []
    for asked in wiring.health_checks:
        findings.append(expect(asked, "the health check path", asked.value, wanted))
        findings.append(_answered(asked, wiring.routes))
    if not findings:
        return [missing("aws_lb_target_group", "the health check")]
    return findings + [_answered(asked, wiring.routes) for asked in wiring.probes]


@proves("pipeline-wiring")
def the_port_is_one(wiring: Wiring, _: Contract) -> list[Finding]:
    """Container, load balancer, image and configuration use the same port."""
    if not wiring.ports:
        return [missing("containerPort", "the container's port")]
    first, remedy = wiring.ports[0].value, "Use the same port in all of them."
    return [expect(port, "the port", port.value, first, remedy) for port in wiring.ports]


@proves("zero-downtime")
def stops_wait_for_requests(wiring: Wiring, _: Contract) -> list[Finding]:
    """A task that stops can finish its requests: neither ECS nor the load balancer cuts them off.

    ECS deregisters the task from its target group, which waits for the deregistration delay, and
    sends SIGTERM; after stopTimeout it sends SIGKILL. On SIGTERM, gunicorn waits for
    graceful_timeout: both must be at least as long. (Amazon ECS Developer Guide, "Optimize load
    balancer connection draining parameters",
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/load-balancer-connection-draining.html;
    API Reference, stopTimeout,
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html.)
    """
    grace = wiring.grace
    if grace is None:
        return [missing(f"{BACKEND}/gunicorn.conf.py", "gunicorn's configuration")]
    named = {"stopTimeout": wiring.stops, "deregistration_delay": wiring.drains}
    findings = [missing(what, "a value") for what, values in named.items() if not values]
    for what, values in named.items():
        for value in values:
            text = f"{what} is {value.value} s, graceful_timeout {grace.value} s ({grace.source})"
            remedy = f"Set it to at least {grace.value}, or lower graceful_timeout."
            findings.append(judge(value, _at_least(value.value, grace.value), text, remedy))
    return findings


def _at_least(value: object, least: object) -> bool | None:
    """Unknown if one of them is an expression that is not evaluated."""
    if not (str(value).isdigit() and str(least).isdigit()):
        return None
    return int(str(value)) >= int(str(least))


def _answered(asked: Value, answered: Mapping[str, Place]) -> Finding:
    path = str(asked.value)
    at = f"by {answered[path].source}" if path in answered else "by no route of the backend"
    return judge(asked, path in answered, f"{path} is served {at}", "Use an existing route.")
