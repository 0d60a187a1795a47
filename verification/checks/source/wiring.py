"""From parameter to variable: what the pipeline hands over is what the backend reads.

Decided from source alone: Terraform, the backend's Python, and the deploy workflow, all found
from the repository's root.
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
    """Each variable that the backend reads is provided, or has a default that is meant."""
    tables = {f"DYNAMODB_{table.key}_TABLE_NAME".upper() for table in contract.tables}
    findings = []
    for read in wiring.configuration:
        if not read.address:
            unnamed = replace(read, address="a variable")
            text = "its name is known only to who runs it"
            findings.append(judge(unnamed, False, text, "Write it out as a constant."))
            continue
        if read.address in tables and not read.required:
            text = "has a default, so that a missing table name goes unnoticed"
            findings.append(judge(read, False, text, "Read it without a default."))
            continue
        by = ", ".join(place.address for place in wiring.provided.get(read.address, ()))
        text = f"is provided by {by}" if by else "has a default" if not read.required else ""
        remedy = f"Add a parameter {read.address.lower()}, or the variable to {LOCAL}."
        findings.append(judge(read, bool(text), text or "is read but nobody provides it", remedy))
    return findings or [missing(CONFIG, "a variable that the backend reads")]


@proves("pipeline-wiring")
def every_provided_variable_is_read(wiring: Wiring, contract: Contract) -> list[Finding]:
    """Each parameter and each variable of Terraform's is read, or declared informational."""
    names = {read.address for read in wiring.configuration}
    told = {name.upper() for name in contract.informational_parameters}
    findings = [
        missing(name.lower(), "the parameter declared informational", "Remove it there.")
        for name in sorted(told - wiring.provided.keys())
    ]
    for name, places in sorted(wiring.provided.items()):
        state = {(True, False): "is read", (False, True): "is informational"}
        text = state.get((name in names, name in told))
        wrong = "is read, though declared informational" if name in told else "is read by nobody"
        remedy = "Correct its name, or informational_parameters in contract.toml."
        findings += [judge(p, bool(text), f"{name} {text or wrong}", remedy) for p in places]
    return findings


@proves("pipeline-wiring")
def every_variable_has_one_source(wiring: Wiring, contract: Contract) -> list[Finding]:
    """No variable is provided twice: the deployment would refuse to choose."""
    return [
        judge(
            places[-1],
            len(places) == 1,
            f"{name} is provided by {' and by '.join(place.address for place in places)}",
            "Keep one of them: the parameter if it must change without an apply.",
        )
        for name, places in sorted(wiring.provided.items())
    ]


@proves("pipeline-wiring")
def the_environment_is_read_in_one_place(wiring: Wiring, _: Contract) -> list[Finding]:
    """Only the configuration looks at the environment; the deployment runs elsewhere."""
    findings = []
    for file in wiring.files:
        if file.deploys:
            continue
        uses = file.environment
        text = "reads the environment on its own" if uses else "leaves the environment alone"
        place = next(iter(uses), file)
        findings.append(judge(place, not uses, text, f"Read it in {CONFIG}, by its reader."))
    return findings


@proves("pipeline-wiring")
def no_name_is_written_out(wiring: Wiring, contract: Contract) -> list[Finding]:
    """No string of the backend names a table or the project: names come from outside."""
    names = {contract.text(t.name, s) for t in contract.tables for s in stacks(contract)}
    names.add(contract.project)
    findings = []
    for file in wiring.files:
        # The deployment's default project is judged by deploys_what_the_contract_names.
        own = contract.project if file.deploys else None
        found = [
            string
            for string in file.strings
            if any(name in str(string.value) for name in names) and string.value != own
        ]
        text = f"writes out {str(found[0].value)!r}" if found else "writes out no name of the stack"
        place = next(iter(found), file)
        findings.append(judge(place, not found, text, f"Take it from {CONFIG}."))
    return findings


@proves("pipeline-wiring")
def the_workflow_reads_the_parameters(wiring: Wiring, contract: Contract) -> list[Finding]:
    """The deploy workflow runs backend.deploy for its environment, with the contract's path."""
    place, options = wiring.deploy, wiring.options
    if place is None:
        return [missing(WORKFLOW, "python -m backend.deploy", "Deploy with it.")]
    path = options.get("--parameter-path")
    written = re.sub(r"\$\{?ENVIRONMENT\}?", "{environment}", path) if path else None
    return [
        expect(place, "the parameter path", written, contract.parameter_path),
        expect(place, "the environment", options.get("--environment"), "$ENVIRONMENT"),
    ]


@proves("pipeline-wiring")
def deploys_what_the_contract_names(wiring: Wiring, contract: Contract) -> list[Finding]:
    """The deployment's own constants are the names that Terraform and the contract have."""
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
    """Load balancer and container ask for addresses that the backend answers."""
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
    """Container, load balancer, image and configuration speak of one port."""
    if not wiring.ports:
        return [missing("containerPort", "the container's port")]
    first, remedy = wiring.ports[0].value, "Let all of them say the same."
    return [expect(port, "the port", port.value, first, remedy) for port in wiring.ports]


@proves("zero-downtime")
def stops_wait_for_requests(wiring: Wiring, _: Contract) -> list[Finding]:
    """A task that ends finishes its requests: neither ECS nor the load balancer cuts them off.

    ECS takes a task out of its target group, whose deregistration delay requests in flight have,
    and sends SIGTERM; what still runs after stopTimeout gets SIGKILL. On SIGTERM, gunicorn leaves
    requests graceful_timeout: both must be as long at least. (Amazon ECS Developer Guide, "Optimize
    load balancer connection draining parameters",
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
            text = f"{what} is {value.value} s, graceful_timeout at {grace.source} {grace.value} s"
            remedy = f"Write at least {grace.value}, or lower graceful_timeout."
            findings.append(judge(value, _at_least(value.value, grace.value), text, remedy))
    return findings


def _at_least(value: object, least: object) -> bool | None:
    """Unknown where one of them is not written down, but worked out."""
    if not (str(value).isdigit() and str(least).isdigit()):
        return None
    return int(str(value)) >= int(str(least))


def _answered(asked: Value, answered: Mapping[str, Place]) -> Finding:
    path = str(asked.value)
    at = f"by {answered[path].source}" if path in answered else "by no route of the backend"
    return judge(asked, path in answered, f"{path} is answered {at}", "Name a route that exists.")
