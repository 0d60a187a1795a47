"""From parameter to variable: what the pipeline hands over is what the backend reads.

Decided from source alone: Terraform, the backend's Python, and the deploy workflow, all found
from the repository's root.
"""

from __future__ import annotations

import re
from dataclasses import replace

from verification.checks.registry import proves
from verification.engine.source import backend_config as code
from verification.engine.source import deploy_workflow
from verification.model.contract import Contract
from verification.model.findings import Finding, Subject, expect, judge, missing
from verification.model.source import Source
from verification.model.stack import Resource


@proves("pipeline-wiring")
def every_variable_is_provided(source: Source, contract: Contract) -> list[Finding]:
    """Each variable that the backend reads is provided, or has a default that is meant."""
    provided = deploy_workflow.provided(source, contract)
    tables = {f"DYNAMODB_{table.key}_TABLE_NAME".upper() for table in contract.tables}
    findings = []
    for read in code.configuration(source.base):
        if not read.address:
            unnamed = replace(read, address="a variable")
            text = "its name is known only to who runs it"
            findings.append(judge(unnamed, False, text, "Write it out as a constant."))
            continue
        if read.address in tables and not read.required:
            text = "has a default, so that a missing table name goes unnoticed"
            findings.append(judge(read, False, text, "Read it without a default."))
            continue
        by = ", ".join(place.address for place in provided.get(read.address, ()))
        text = f"is provided by {by}" if by else "has a default" if not read.required else ""
        remedy = (
            f"Add a parameter {read.address.lower()}, or the variable to {deploy_workflow.LOCAL}."
        )
        findings.append(judge(read, bool(text), text or "is read but nobody provides it", remedy))
    return findings or [missing(code.CONFIG, "a variable that the backend reads")]


@proves("pipeline-wiring")
def every_provided_variable_is_read(source: Source, contract: Contract) -> list[Finding]:
    """Each parameter and each variable of Terraform's is read, or declared informational."""
    names = {read.address for read in code.configuration(source.base)}
    told = {name.upper() for name in contract.informational_parameters}
    provided = deploy_workflow.provided(source, contract)
    findings = [
        missing(name.lower(), "the parameter declared informational", "Remove it there.")
        for name in sorted(told - provided.keys())
    ]
    for name, places in sorted(provided.items()):
        state = {(True, False): "is read", (False, True): "is informational"}
        text = state.get((name in names, name in told))
        wrong = "is read, though declared informational" if name in told else "is read by nobody"
        remedy = "Correct its name, or informational_parameters in contract.toml."
        findings += [judge(p, bool(text), f"{name} {text or wrong}", remedy) for p in places]
    return findings


@proves("pipeline-wiring")
def every_variable_has_one_source(source: Source, contract: Contract) -> list[Finding]:
    """No variable is provided twice: the deployment would refuse to choose."""
    return [
        judge(
            places[-1],
            len(places) == 1,
            f"{name} is provided by {' and by '.join(place.address for place in places)}",
            "Keep one of them: the parameter if it must change without an apply.",
        )
        for name, places in sorted(deploy_workflow.provided(source, contract).items())
    ]


@proves("pipeline-wiring")
def the_environment_is_read_in_one_place(source: Source, _: Contract) -> list[Finding]:
    """Only the configuration looks at the environment; the deployment runs elsewhere."""
    findings = []
    for module in code.modules(source.base):
        if module.deploys:
            continue
        configures = module.file == code.CONFIG
        uses = list((code.stray_uses if configures else code.environment_uses)(module))
        text = "reads the environment on its own" if uses else "leaves the environment alone"
        place = module.place(module.file, uses[0] if uses else module.tree)
        findings.append(judge(place, not uses, text, f"Read it in {code.CONFIG}, by its reader."))
    return findings


@proves("pipeline-wiring")
def no_name_is_written_out(source: Source, contract: Contract) -> list[Finding]:
    """No string of the backend names a table or the project: names come from outside."""
    names = {
        contract.text(t.name, s) for t in contract.tables for s in deploy_workflow.stacks(contract)
    }
    names.add(contract.project)
    findings = []
    for module in code.modules(source.base):
        # The deployment's default project is judged by deploys_what_the_contract_names.
        own = contract.project if module.deploys else None
        found = [
            node
            for node in code.literals(module)
            if any(name in str(node.value) for name in names) and node.value != own
        ]
        text = f"writes out {str(found[0].value)!r}" if found else "writes out no name of the stack"
        place = module.place(module.file, found[0] if found else module.tree)
        findings.append(judge(place, not found, text, f"Take it from {code.CONFIG}."))
    return findings


@proves("pipeline-wiring")
def the_workflow_reads_the_parameters(source: Source, contract: Contract) -> list[Finding]:
    """The deploy workflow runs backend.deploy for its environment, with the contract's path."""
    place, options = deploy_workflow.deploy_command(source.base)
    if place is None:
        return [missing(deploy_workflow.WORKFLOW, "python -m backend.deploy", "Deploy with it.")]
    path = options.get("--parameter-path")
    written = re.sub(r"\$\{?ENVIRONMENT\}?", "{environment}", path) if path else None
    return [
        expect(place, "the parameter path", written, contract.parameter_path),
        expect(place, "the environment", options.get("--environment"), "$ENVIRONMENT"),
    ]


@proves("pipeline-wiring")
def deploys_what_the_contract_names(source: Source, contract: Contract) -> list[Finding]:
    """The deployment's own constants are the names that Terraform and the contract have."""
    every = code.modules(source.base)
    tasks = source.find("resource", "aws_ecs_task_definition")
    wanted = {
        "PROJECT": contract.project,
        "PARAMETER_PATH": contract.parameter_path,
        "CONTAINER": contract.service.container,
        "BOOTSTRAP_TAG": deploy_workflow.value_of(source, "${var.image_tag}", *tasks[:1]),
    }
    findings = []
    for name, value in wanted.items():
        actual, place = code.constant(every, name)
        thing = place or Resource(address=f"{code.FOLDER}/deploy.py")
        findings.append(expect(thing, name, actual, value))
    return findings


@proves("pipeline-wiring")
def health_checks_ask_what_is_answered(source: Source, contract: Contract) -> list[Finding]:
    """Load balancer and container ask for addresses that the backend answers."""
    answered = code.routes(code.modules(source.base))
    wanted = contract.service.health_check_path
    findings = []
    for place, path in deploy_workflow.health_paths(source):
        findings.append(expect(place, "the health check path", path, wanted))
        findings.append(_answered(place, path, answered))
    if not findings:
        return [missing("aws_lb_target_group", "the health check")]
    return findings + [
        _answered(place, path, answered) for place, path in deploy_workflow.probes(source)
    ]


@proves("pipeline-wiring")
def the_port_is_one(source: Source, _: Contract) -> list[Finding]:
    """Container, load balancer, image and configuration speak of one port."""
    seen = [*deploy_workflow.ports(source), *code.ports(source.base)]
    if not seen:
        return [missing("containerPort", "the container's port")]
    remedy = "Let all of them say the same."
    return [expect(place, "the port", port, seen[0][1], remedy) for place, port in seen]


def _answered(place: Subject, path: str, answered: dict[str, code.Place]) -> Finding:
    at = f"by {answered[path].source}" if path in answered else "by no route of the backend"
    return judge(place, path in answered, f"{path} is answered {at}", "Name a route that exists.")
