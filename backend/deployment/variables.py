"""The container's environment variables from the parameter store."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from backend.config import ConfigError, load_config
from backend.deployment.target import DeployError

SWITCH = "USE_DYNAMODB"
_SEPARATORS = re.compile(r"[^A-Za-z0-9]+")


@dataclass(frozen=True)
class Variables:
    """Environment variables by name: `plain` with values, `secret` with the parameters' ARNs."""

    plain: Mapping[str, str] = field(default_factory=dict)
    secret: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """Every variable, sorted."""
        return sorted({*self.plain, *self.secret})


def read_variables(ssm: Any, path: str) -> Variables:
    """Every parameter under `path`, as the variable with its name in upper case.

    A SecureString is not decrypted here: ECS passes its value to the container.

    Raises:
        DeployError: there are no parameters, one is empty, two have the same variable, or
            use_dynamodb is missing, because without it the backend would use SQLite.
    """
    plain, secret, origin = {}, {}, dict[str, str]()
    for parameter in _parameters(ssm, path):
        name = variable_of(parameter["Name"].removeprefix(path))
        if name in origin:
            both = " and ".join(sorted((origin[name], parameter["Name"])))
            raise DeployError(f"Both {both} would become {name}: remove or rename one of them.")
        origin[name] = parameter["Name"]
        if not parameter["Value"].strip():
            raise DeployError(f"Parameter {parameter['Name']} is empty: give it a value.")
        if parameter["Type"] == "SecureString":
            secret[name] = parameter["ARN"]
        else:
            plain[name] = parameter["Value"]
    _demand_switch(plain, origin, path)
    return Variables(plain, secret)


def variable_of(name: str) -> str:
    """The variable of a parameter: `use_dynamodb` is USE_DYNAMODB, `a/b-c` is A_B_C."""
    return _SEPARATORS.sub("_", name.strip("/")).upper()


def check_configuration(environ: Mapping[str, str], secrets: Mapping[str, str]) -> None:
    """Check that the backend's configuration accepts these variables.

    Raises:
        DeployError: it does not; the message has every variable that is missing or invalid.
    """
    try:
        load_config({**dict.fromkeys(secrets, "known-to-ecs-only"), **environ})
    except ConfigError as error:
        raise DeployError(
            f"The backend would not start: {error}. Correct the parameters, or apply the "
            "environment's Terraform and deploy again."
        ) from error


def _parameters(ssm: Any, path: str) -> Iterator[dict[str, Any]]:
    wanted = {"Path": path, "Recursive": True, "WithDecryption": False}
    answer = ssm.get_parameters_by_path(**wanted)
    yield from answer["Parameters"]
    while token := answer.get("NextToken"):
        answer = ssm.get_parameters_by_path(**wanted, NextToken=token)
        yield from answer["Parameters"]


def _demand_switch(plain: Mapping[str, str], origin: Mapping[str, str], path: str) -> None:
    if not origin:
        raise DeployError(
            f"There are no parameters under {path}: apply the environment's Terraform first, or "
            "correct --environment or --parameter-path."
        )
    if SWITCH not in plain:
        kind = "must be a String" if SWITCH in origin else "is missing"
        raise DeployError(f"Parameter {path}{SWITCH.lower()} {kind}: set it to true or false.")
