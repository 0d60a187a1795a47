"""Checks of the SSM parameters that the deploy workflow turns into environment variables."""

from __future__ import annotations

from verification.checks.registry import proves
from verification.model.contract import Contract
from verification.model.findings import Finding, expect, judge, missing
from verification.model.stack import Stack
from verification.model.ternary import contains

_AWS_KEY = "alias/aws/ssm"


@proves("parameters-populated")
def hold_planned_values(stack: Stack, contract: Contract) -> list[Finding]:
    """Each planned parameter exists with type String and its planned value.

    A parameter that is a secret has type SecureString, if it is there: it may be made by hand. Its
    key is AWS's own: the execution role, as which ECS reads it, may use no other.
    """
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
    secrets = contract.secret_names(stack)
    for found in stack.parameters:
        if found.name in secrets:
            findings.append(expect(found, f"the type of {found.name}", found.type, "SecureString"))
        if found.type == "SecureString":
            what = f"the KMS key of {found.name}"
            findings.append(expect(found, what, found.key or _AWS_KEY, _AWS_KEY, "Remove key_id."))
    return findings


@proves("parameters-populated")
def are_no_others(stack: Stack, contract: Contract) -> list[Finding]:
    """The path has no other parameters: the workflow passes all of them to the containers."""
    path = contract.text(contract.parameter_path, stack)
    planned = [*contract.parameter_values(stack), *contract.secret_names(stack)]
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
