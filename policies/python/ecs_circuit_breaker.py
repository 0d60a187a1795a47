"""The circuit breaker: a release that never becomes healthy must be rolled back."""

from fsp.policy import Answer, Policy, expect, is_on, setting
from fsp.resources import Resource

ID = "CKV_FSP_14"
NAME = "A failed deployment is rolled back by the circuit breaker"
SEVERITY = "HIGH"
CRITERION = "zero-downtime"
GUIDELINE = (
    "Without the deployment circuit breaker, ECS retries a broken release indefinitely, and the "
    "old one is not restored. Write `deployment_circuit_breaker { enable = true, rollback = true "
    "}` in the service."
)


def judge(service: Resource) -> list[Answer]:
    """The breaker is on and rolls back."""
    return [
        expect(setting(service, "deployment_circuit_breaker", name), is_on, f"its {name}")
        for name in ("enable", "rollback")
    ]


check = Policy(ID, NAME, GUIDELINE, ["aws_ecs_service"], judge)
