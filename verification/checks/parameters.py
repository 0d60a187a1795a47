"""The SSM parameters that the deploy workflow turns into environment variables."""

from __future__ import annotations

from verification.checks.registry import proves
from verification.model.contract import Contract
from verification.model.findings import Finding, expect, judge, missing
from verification.model.stack import Stack


@proves("parameters-populated")
def hold_planned_values(stack: Stack, contract: Contract) -> list[Finding]:
    """Each planned parameter exists, as a plain String, with its planned value."""
    found = {parameter.name: parameter for parameter in stack.parameters}
    findings: list[Finding] = []
    for name, value in contract.parameter_values(stack).items():
        if name not in found:
            remedy = "Add the aws_ssm_parameter, or correct its name, in modules/dynamodb."
            findings.append(missing(name, "the parameter", remedy))
            continue
        findings.append(expect(found[name], f"the value of {name}", found[name].value, value))
        findings.append(expect(found[name], f"the type of {name}", found[name].type, "String"))
    return findings


@proves("parameters-populated")
def are_no_others(stack: Stack, contract: Contract) -> list[Finding]:
    """Nothing else lies under the path, since the workflow hands all of it to the containers."""
    path = contract.text(contract.parameter_path, stack)
    planned = contract.parameter_values(stack)
    return [
        judge(
            parameter,
            parameter.name in planned,
            f"{parameter.name} is {'planned' if parameter.name in planned else 'not planned'}",
            f"Every parameter of the stack is in contract.toml and lies under {path}.",
        )
        for parameter in stack.parameters
    ]
