"""No secrets in a task's variables, which are visible in the console, in plans and in the state.

A variable is judged by its name, by the references in its value, and, if the value is known, by its
format. A value that refers to something harmless, such as a bucket's name, is harmless.
"""

import re
from collections.abc import Mapping
from typing import Any

from fsp.policy import Answer, Policy, fail, hold, unknown
from fsp.resources import Resource
from fsp.values import UNKNOWN, as_list, decoded, known

ID = "CKV_FSP_15"
NAME = "A container gets no secret as a plain variable"
SEVERITY = "CRITICAL"
CRITERION = "security-rules"
GUIDELINE = (
    "A container's `environment` can be read by everyone who may describe tasks, and is in "
    "plans and state. Put the secret into Secrets Manager or a SecureString parameter and add it "
    "to `secrets`, with valueFrom."
)

_WORDS = r"password|passwd|secret|token|api_?key|private_?key|access_?key|credential|auth_?key"
# COGNITO_TOKEN_URL or SECRET_ARN refer to a secret, but are not one.
_NAME = re.compile(rf"({_WORDS})", re.IGNORECASE)
_POINTER = re.compile(r"_(ARN|NAME|ID|URL|PATH|FILE|TTL|SECONDS|ENABLED)$", re.IGNORECASE)
# References to secrets.
_ORIGIN = re.compile(
    rf"\b(?:var|local|module)\.[\w.]*({_WORDS})|random_password\.|\.secret_string\b"
    r"|data\.aws_ssm_parameter\.[\w\[\]]+\.(value|insecure_value)\b|\.(password|private_key_pem|secret)\b",
    re.IGNORECASE,
)
_LOOKS = re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{16}\b|-----BEGIN |://[^/\s:@]+:[^/\s@]+@")
# checkov does not evaluate `for name, value in map : {name = name, value = value}`.
_FOR = re.compile(
    r"\[for (\w+) ?, ?(\w+) in (local\.\w+|\{.*\}) ?: "
    r"\{'name': '(?:\$\{)?\1\}?', 'value': '(?:\$\{)?\2\}?'\}\]"
)


def judge(definition: Resource) -> list[Answer]:
    """No variable of any container is a secret."""
    containers = decoded(definition.raw("container_definitions"))
    containers = [containers] if isinstance(containers, Mapping) else containers
    if not isinstance(containers, list) or not all(isinstance(c, Mapping) for c in containers):
        return [unknown("the containers are not known yet")]
    return [
        answer
        for container in containers
        for answer in _of_container(definition, container.get("environment"))
    ]


def _of_container(definition: Resource, environment: Any) -> list[Answer]:
    if isinstance(environment, str):
        environment = _generated(definition, environment)
    if environment is UNKNOWN:
        return [unknown("the variables are not known yet")]
    return [_of_variable(one) for one in as_list(environment)] or [hold("it has no variables")]


def _generated(definition: Resource, text: str) -> Any:
    """The variables made by a `for` over a map."""
    match = _FOR.search(text)
    if not match:
        return UNKNOWN
    found = definition.local(match[3]) if match[3].startswith("local.") else decoded(match[3])
    if not isinstance(found, Mapping):
        return UNKNOWN
    return [{"name": name, "value": value} for name, value in found.items()]


def _of_variable(variable: Any) -> Answer:
    name = variable.get("name") if isinstance(variable, Mapping) else None
    if not isinstance(name, str) or known(name) is UNKNOWN:
        return unknown("the name of a variable is not known yet")
    value = str(variable.get("value"))
    if _NAME.search(name) and not _POINTER.search(name):
        return fail(f"{name} is a secret by its name")
    if _LOOKS.search(value):
        return fail(f"the value of {name} looks like a secret")
    if known(value) is UNKNOWN and _ORIGIN.search(value):
        return fail(f"the value of {name} comes from a secret")
    return hold(f"{name} is not a secret")


check = Policy(ID, NAME, GUIDELINE, ["aws_ecs_task_definition"], judge)
