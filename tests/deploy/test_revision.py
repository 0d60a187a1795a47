"""What a deployment hands to the container: Terraform's newest revision, image, parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from backend import deploy
from backend.deployment import revision
from backend.deployment.variables import read_variables, variable_of
from tests.deploy.kit import (
    CLUSTER,
    COMPLETED,
    NEW,
    PARAMETERS,
    PATH,
    SERVICE,
    TERRAFORMS,
    Clock,
    ScriptedEcs,
    terraforms_revision,
)
from verification.engine.aws.emulator import EmbeddedAws

pytestmark = pytest.mark.slow

Run = Callable[..., int]
Scripted = Callable[..., ScriptedEcs]
OURS = {name.upper(): value for name, value in PARAMETERS.items()}


def put(world: EmbeddedAws, name: str, value: str, kind: str = "String") -> None:
    """Write a parameter of the environment."""
    world.client("ssm").put_parameter(Name=PATH + name, Value=value, Type=kind, Overwrite=True)


def newest(world: EmbeddedAws) -> dict[str, Any]:
    """The family's newest revision."""
    answer = world.client("ecs").describe_task_definition(taskDefinition=SERVICE)
    definition: dict[str, Any] = answer["taskDefinition"]
    return definition


def container(definition: dict[str, Any], name: str = "backend") -> dict[str, Any]:
    """A container of a revision."""
    found = [c for c in definition["containerDefinitions"] if c["name"] == name]
    return dict(found[0])


def variables(world: EmbeddedAws) -> dict[str, str]:
    """The variables of the newest revision's backend."""
    return {pair["name"]: pair["value"] for pair in container(newest(world))["environment"]}


def revisions(world: EmbeddedAws) -> list[str]:
    """Every revision of the family."""
    arns: list[str] = world.client("ecs").list_task_definitions()["taskDefinitionArns"]
    return arns


def test_revision_has_image_and_both_kinds_of_variables(world: EmbeddedAws, run: Run) -> None:
    """Parameters come on top of Terraform's variables; nothing else of the revision changes."""
    assert run() == deploy.EXIT_DEPLOYED
    made = newest(world)
    assert container(made)["image"] == NEW
    assert variables(world) == TERRAFORMS | OURS
    assert container(made, "sidecar")["image"] == "sidecar:1"
    assert (made["cpu"], container(made)["memory"]) == ("256", 512)


def test_service_gets_exactly_the_new_revision(
    world: EmbeddedAws, run: Run, scripted: Scripted
) -> None:
    """The service is updated to the revision just made, by a forced deployment."""
    ecs = scripted()
    run(ecs=ecs)
    [update] = ecs.updates
    assert update["taskDefinition"] == newest(world)["taskDefinitionArn"]
    assert update["forceNewDeployment"] is True


def test_same_again_is_a_new_deployment(world: EmbeddedAws, run: Run, scripted: Scripted) -> None:
    """Deploying what runs already makes a revision and a deployment all the same."""
    run()
    ecs = scripted()
    assert run(ecs=ecs) == deploy.EXIT_DEPLOYED
    assert len(ecs.updates) == 1
    assert variables(world) == TERRAFORMS | OURS


def test_terraforms_newest_revision_is_the_base(world: EmbeddedAws, run: Run) -> None:
    """What an apply changed arrives with the next deployment, though the service runs another."""
    run()
    edited = terraforms_revision("repository:bootstrap", LOG_LEVEL="DEBUG")
    world.client("ecs").register_task_definition(**edited)
    run()
    assert variables(world) == TERRAFORMS | {"LOG_LEVEL": "DEBUG"} | OURS


def test_removed_parameter_leaves_no_variable(world: EmbeddedAws, run: Run) -> None:
    """A deployment takes back the variables of the one before it, and only those."""
    put(world, "extra", "1")
    run()
    assert variables(world)["EXTRA"] == "1"
    world.client("ssm").delete_parameter(Name=f"{PATH}extra")
    run()
    assert variables(world) == TERRAFORMS | OURS


def test_without_image_the_running_one_is_deployed_again(world: EmbeddedAws) -> None:
    """Not the newest revision's: after an apply that one has Terraform's placeholder."""
    world.client("ecs").register_task_definition(**terraforms_revision("repository:bootstrap"))
    arguments = deploy.parse(["--environment", "dev"])
    ecs = ScriptedEcs(world.client("ecs"), [[]])
    service = ecs.describe_services(cluster="file-sharing-app-dev", services=[SERVICE])
    assert arguments.image is None
    assert revision.running_image(ecs, service["services"][0]) == "repository:running"


def test_without_image_a_service_that_never_had_one_is_refused(
    world: EmbeddedAws, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    """Terraform's placeholder is no image; no deployment of it can do anything but fail."""
    ecs = world.client("ecs")
    made = ecs.register_task_definition(**terraforms_revision("repository:bootstrap"))
    arn = made["taskDefinition"]["taskDefinitionArn"]
    ecs.update_service(cluster=CLUSTER, service=SERVICE, taskDefinition=arn)
    clients = {"ecs": ScriptedEcs(ecs, [COMPLETED]), "ssm": world.client("ssm")}
    words = ["--environment", "dev"]
    assert deploy.main(words, **clients, environ={}, patience=clock.patience()) == deploy.EXIT_AWS
    assert "name one with --image" in capsys.readouterr().err


def test_parameters_are_read_to_the_last_page(world: EmbeddedAws) -> None:
    """A page holds ten; all of them become variables."""
    for number in range(25):
        put(world, f"extra_{number}", str(number))
    found = read_variables(world.client("ssm"), PATH)
    assert len(found.names) == len(PARAMETERS) + 25


def test_names_become_variables() -> None:
    """Capitals, and an underscore for what a variable cannot have."""
    assert variable_of("use_dynamodb") == "USE_DYNAMODB"
    assert variable_of("nested/some-name.x") == "NESTED_SOME_NAME_X"


def delete_all(world: EmbeddedAws) -> None:
    """Remove every parameter."""
    names = [PATH + name for name in PARAMETERS]
    world.client("ssm").delete_parameters(Names=names)


def delete_switch(world: EmbeddedAws) -> None:
    """Remove the parameter that chooses the store."""
    world.client("ssm").delete_parameter(Name=f"{PATH}use_dynamodb")


def delete_table_name(world: EmbeddedAws) -> None:
    """Remove what the backend needs with DynamoDB."""
    world.client("ssm").delete_parameter(Name=f"{PATH}dynamodb_users_table_name")


REFUSED: dict[str, tuple[Callable[[EmbeddedAws], None], str]] = {
    "no parameters": (delete_all, f"There are no parameters under {PATH}: apply"),
    "no switch": (delete_switch, f"Parameter {PATH}use_dynamodb is missing"),
    "no table": (delete_table_name, "DYNAMODB_USERS_TABLE_NAME is not set"),
    "empty": (
        lambda world: put(world, "use_dynamodb", " "),
        f"Parameter {PATH}use_dynamodb is empty: give it a value.",
    ),
    "nonsense": (
        lambda world: put(world, "use_dynamodb", "yes"),
        "USE_DYNAMODB must be true or false, not 'yes'",
    ),
    "two alike": (
        lambda world: put(world, "use-dynamodb", "true"),
        f"Both {PATH}use-dynamodb and {PATH}use_dynamodb would become USE_DYNAMODB",
    ),
    "Terraform's": (
        lambda world: put(world, "log_level", "INFO"),
        "Both Terraform's task definition and the parameters set LOG_LEVEL",
    ),
}


@pytest.mark.parametrize(("change", "says"), REFUSED.values(), ids=REFUSED.keys())
def test_wrong_parameters_change_nothing(
    world: EmbeddedAws,
    run: Run,
    scripted: Scripted,
    capsys: Any,
    change: Callable[[EmbeddedAws], None],
    says: str,
) -> None:
    """What the backend could not start with is refused before anything is registered."""
    change(world)
    before, ecs = revisions(world), scripted()
    assert run(ecs=ecs) == deploy.EXIT_AWS
    assert says in capsys.readouterr().err
    assert (revisions(world), ecs.updates) == (before, [])


def test_secret_value_is_seen_by_nobody(
    world: EmbeddedAws, run: Run, clock: Any, capsys: Any, tmp_path: Any
) -> None:
    """A SecureString goes to the container by its ARN; its value is neither kept nor printed."""
    put(world, "api_key", "hunter2", kind="SecureString")
    page = tmp_path / "summary.md"
    assert run(environ={"GITHUB_STEP_SUMMARY": str(page)}) == deploy.EXIT_DEPLOYED
    [secret] = container(newest(world))["secrets"]
    assert secret["name"] == "API_KEY"
    assert secret["valueFrom"].endswith(f"parameter{PATH}api_key")
    told = [*clock.lines, *capsys.readouterr(), page.read_text(encoding="utf-8")]
    assert "hunter2" not in "\n".join([*told, str(newest(world))])
