"""A parameter that does not reach the running task is noticed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.engine.smoke.scenarios import seen
from tests.kit import REPOSITORY
from verification.checks.smoke.deployed_config import parameters_arrive
from verification.model.contract import load_contract
from verification.model.smoke.observations import WiringSeen
from verification.model.stack import Stack
from verification.model.verdict import Verdict

STACK = Stack(environment="dev", account="123456789012", region="us-east-1", partition="aws")
CONTRACT = load_contract(REPOSITORY / "verification" / "contract.toml")
PARAMETERS = CONTRACT.parameter_values(STACK)
VARIABLES = {name.removeprefix(seen.PATH).upper(): text for name, text in PARAMETERS.items()}
GOOD = replace(seen.WIRING, parameters=PARAMETERS, variables=VARIABLES)


def failed(wiring: WiringSeen) -> list[str]:
    """What the check says against something seen."""
    found = parameters_arrive(wiring, CONTRACT, STACK)
    return [str(finding) for finding in found if finding.verdict is Verdict.FAIL]


def test_all_arrive() -> None:
    """Two findings for each parameter: it is there, and it arrives."""
    findings = parameters_arrive(GOOD, CONTRACT, STACK)
    assert [finding.verdict for finding in findings] == [Verdict.PASS] * 2 * len(PARAMETERS)


@pytest.mark.parametrize("variable", VARIABLES)
def test_a_dropped_parameter_is_named(variable: str) -> None:
    """A workflow that drops a parameter is caught, whichever it is."""
    kept = {name: text for name, text in VARIABLES.items() if name != variable}
    [said] = failed(replace(GOOD, variables=kept))
    assert said.startswith(f"{variable}: the variable is not set; expected ")


def test_an_old_value_is_named() -> None:
    """A value that was changed without a deploy is caught."""
    [said] = failed(replace(GOOD, variables=VARIABLES | {"USE_DYNAMODB": "false"}))
    assert said.startswith("USE_DYNAMODB: the variable is 'false'; expected 'true'.")


def test_a_missing_parameter_is_named() -> None:
    """A parameter that the contract asks for and the store lacks is caught."""
    name = f"{seen.PATH}use_dynamodb"
    kept = {other: text for other, text in PARAMETERS.items() if other != name}
    [said] = failed(replace(GOOD, parameters=kept))
    assert said.startswith(f"{name}: the parameter is not set; expected 'true'.")


def test_a_parameter_beyond_the_contract_must_arrive_too() -> None:
    """A parameter that somebody added is handed over like the others."""
    wiring = replace(GOOD, parameters={**PARAMETERS, f"{seen.PATH}added": "1"})
    assert failed(wiring)[0].startswith("ADDED: the variable is not set; expected '1'.")
