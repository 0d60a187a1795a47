"""Checks that parameters reach the running task as variables, and that IAM denied no call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from verification.model.contract import Contract
from verification.model.findings import Finding, expect, judge, missing
from verification.model.smoke.observations import WiringSeen
from verification.model.stack import Resource, Stack


def parameters_arrive(seen: WiringSeen, contract: Contract, stack: Stack) -> list[Finding]:
    """Each parameter of the contract is a variable of the running task, with its value."""
    remedy = "Deploy again: backend.deploy turns parameters into variables."
    wanted = dict(contract.parameter_values(stack))
    findings = [
        expect(Resource(address=name), "the parameter", seen.parameters.get(name), value)
        for name, value in wanted.items()
    ]
    for name, value in (dict(seen.parameters) | wanted).items():
        variable = name.removeprefix(seen.path).upper()
        actual = seen.variables.get(variable)
        findings.append(expect(Resource(address=variable), "the variable", actual, value, remedy))
    return findings


def terraforms_variables_stay(seen: WiringSeen) -> list[Finding]:
    """Each variable of Terraform's task definition is still set, with its value."""
    remedy = "Deploy a revision based on Terraform's newest task definition."
    return [
        expect(Resource(address=name), "the variable", seen.variables.get(name), value, remedy)
        for name, value in seen.terraform.items()
    ] or [missing("the first revision", "a variable set by Terraform")]


def needs_no_more_than_it_has(refused: Mapping[str, Sequence[str] | None]) -> list[Finding]:
    """IAM denied no AWS call of a task in any scenario."""
    remedy = "Allow the action in terraform/modules, or remove the call."
    findings = []
    for scenario, calls in refused.items():
        if calls is None:
            findings.append(missing(scenario, "a record of the tasks' calls"))
            continue
        text = f"IAM denied {len(calls)} kinds of call{': ' if calls else ''}{'; '.join(calls)}"
        findings.append(judge(Resource(address=scenario), not calls, text, remedy))
    return findings
