"""The smaller policy is enough: with it in force scenarios go as before, and none is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.engine.smoke.scenarios.small import CONTRACT, Base, SmallRun
from tests.kit import REPOSITORY
from verification.checks.smoke import links as smoke_links
from verification.checks.smoke import trial as smoke_trial
from verification.engine.aws.emulator import EmbeddedAws
from verification.engine.aws.fargate import Images, repository_image
from verification.engine.aws.iam import Policies, Request, Ruling, decide
from verification.engine.aws.iam.analysis.minimal_policy import smaller_policy
from verification.engine.aws.iam.analysis.role_privileges import source_needs
from verification.engine.smoke.call_recording import Recording
from verification.engine.smoke.scenarios import links, trial
from verification.engine.smoke.stage import EmbeddedStage
from verification.engine.source.backend_calls import source_calls
from verification.model.stack import Stack
from verification.model.verdict import Verdict

pytestmark = pytest.mark.slow

STACK = Stack(environment="dev", account="123456789012", region="us-east-1", partition="aws")
# The small world's tables are called so.
SMALL = replace(CONTRACT, project="app")


class Recorded(SmallRun):
    """A small run whose stages are recorded, as a run's are."""

    recording = Recording()

    @contextmanager
    def embedded(
        self, environment: str, scenario: str, images: Images = repository_image
    ) -> Iterator[EmbeddedStage]:
        """The backend in a fork of its own, whose calls are kept."""
        with super().embedded(environment, scenario, images) as stage:
            yield stage
            self.recording.add(environment, stage.world.calls())

    stage = embedded


def document() -> str:
    """The smaller policy, of what the source calls."""
    needs = source_needs(source_calls(REPOSITORY), STACK, SMALL)
    return smaller_policy(needs, STACK, SMALL).json


def granting(text: str) -> Callable[[EmbeddedAws], object]:
    """Put a policy in the place of the task role's."""

    def change(world: EmbeddedAws) -> None:
        iam = world.client("iam")
        iam.put_role_policy(RoleName="task", PolicyName="access", PolicyDocument=text)

    return change


def test_it_is_enough(base: Base, tmp_path: Path) -> None:
    """Trials and links work, nothing is refused, and all that was asked for stands in it."""
    run = Recorded(*base, tmp_path, change=granting(document()))
    trials, shortened = trial.trial(run, "dev"), links.links(run, "dev")
    assert trials.refused == shortened.refused == ()
    assert {f.verdict for f in smoke_trial.runs_thirty_days(trials)} == {Verdict.PASS}
    assert {f.verdict for f in smoke_links.are_answered(shortened)} == {Verdict.PASS}
    asked = run.recording.of("dev", {"arn:aws:iam::123456789012:role/task"})
    assert {need.action for need in asked} == {
        f"dynamodb:{name}" for name in ("DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem")
    }
    policies = Policies((json.loads(document()),))
    for need in asked:
        assert decide(policies, Request(need.action, need.resource)).verdict is Ruling.ALLOWED


def test_less_is_too_little(base: Base, tmp_path: Path) -> None:
    """Without one action of it a call is refused: nothing in it is idle."""
    less = document().replace("dynamodb:UpdateItem", "dynamodb:Scan")
    seen = trial.trial(SmallRun(*base, tmp_path, change=granting(less)), "dev")
    assert any(call.startswith("dynamodb:UpdateItem on") for call in seen.refused or ())
