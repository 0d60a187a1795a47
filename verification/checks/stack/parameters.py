"""Checks of the SSM parameters that the deploy workflow turns into environment variables."""

from __future__ import annotations

from verification.checks.registry import proves
from verification.model.contract import Contract
from verification.model.findings import Finding, expect, judge, missing
from verification.model.stack import Stack
from verification.model.ternary import contains


@proves("parameters-populated")
def hold_planned_values(stack: Stack, contract: Contract) -> list[Finding]:
    """Each planned parameter exists with type String and its planned value."""
    names = [parameter.name for parameter in stack.parameters]
    remedy = "Add the aws_ssm_parameter, or correct its name, in modules/dynamodb."
    findings: list[Finding] = []
    for name, value in contract.parameter_values(stack).items():
        if name not in names:
            findings.append(missing(name, "the parameter", remedy, names))
        for found in stack.parameters:
            if found.name == name:
                findings.append(expect(found, f"the value of {name}", found.value, value))
                findings.append(expect(found, f"the type of {name}", found.type, "String"))
    return findings


@proves("parameters-populated")
def are_no_others(stack: Stack, contract: Contract) -> list[Finding]:
    """The path has no other parameters: the workflow passes all of them to the containers."""
    path = contract.text(contract.parameter_path, stack)
    planned = list(contract.parameter_values(stack))
    said = {True: "is planned", False: "is not planned", None: "may be planned"}
    return [
        judge(
            parameter,
            answer,
            f"{parameter.name} {said[answer]}",
            f"Add it to contract.toml, or remove it; parameters must be under {path}.",
        )
        for parameter in stack.parameters
        for answer in [contains(planned, parameter.name)]
    ]
