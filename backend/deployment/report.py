"""The result of a deployment: one sentence, and a page for the workflow's summary."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from backend.deployment.rollout import Ended, Outcome, Started
from backend.deployment.target import Target


@dataclass(frozen=True)
class Report:
    """A deployment that was started, and how it went.

    `previous` is the image that ran before, "" if none did; `smoke` is None where it was not run.
    """

    target: Target
    image: str
    variables: tuple[str, ...]
    started: Started
    ended: Ended
    previous: str = ""
    trouble: tuple[str, ...] = ()
    smoke: str | None = None

    def sentence(self) -> str:
        """The result, and after a failure what runs now and what to do."""
        outcome, service = self.ended.outcome, self.target.service
        if outcome is Outcome.COMPLETED:
            return f"{service} runs {self.image}, {_tasks(self.ended)}."
        first = f"The deployment of {self.image} to {service} {_PREDICATES[outcome]}"
        reason = f" ({self.ended.reason.rstrip('.')})" if self.ended.reason else ""
        return f"{first}{reason}: {self._remedy()}"

    def _remedy(self) -> str:
        if self.ended.outcome is Outcome.REPLACED:
            return "run only one deployment at a time, and check the other one."
        if self.ended.outcome is Outcome.TIMED_OUT:
            return "ECS continues; check the tasks' logs, or wait longer with --timeout."
        if self.started.has_fallback:
            return "the previous revision is running; fix the cause below and deploy again."
        return (
            "there was no completed deployment to roll back to, so no tasks are running; fix the "
            "cause below and deploy again."
        )

    def way_back(self) -> str:
        """What a failed smoke command leaves, and how to go back."""
        serves = f"{self.target.service} serves {self.image} all the same"
        if self.previous in ("", self.image):
            return f"{serves}: correct what the smoke command found, and deploy again."
        return (
            f"{serves}. If it must not, deploy what ran before: python -m backend.deploy "
            f"--environment {self.target.environment} --image {self.previous}"
        )

    def markdown(self) -> str:
        """The report as a page for $GITHUB_STEP_SUMMARY."""
        rows = {
            "Outcome": self.ended.outcome.value,
            "Image": f"`{self.image}`",
            "Ran before": f"`{self.previous}`" if self.previous else "none",
            "Revision": f"`{self.started.revision.rpartition('/')[2]}`",
            "Deployment": f"`{self.started.id}`",
            "Seconds": f"{self.ended.seconds:.0f}",
            "Variables from parameters": ", ".join(f"`{name}`" for name in self.variables),
            "Smoke": self.smoke or "not run",
        }
        table = "\n".join(f"| {name} | {text} |" for name, text in rows.items())
        page = f"## {self.target.service}\n\n{self.sentence()}\n\n| | |\n|---|---|\n{table}\n"
        if self.smoke not in (None, "passed"):
            page += f"\n{self.way_back()}\n"
        lines = "\n".join(line.replace("`", "'") for line in self.trouble)
        return page + (f"\n```\n{lines}\n```\n" if lines else "")


_PREDICATES = {
    Outcome.ROLLED_BACK: "was rolled back",
    Outcome.FAILED: "failed",
    Outcome.REPLACED: "was replaced by another one",
    Outcome.TIMED_OUT: "did not complete in time",
}


def append_summary(path: str, report: Report) -> None:
    """Append the page to the file that GitHub shows as the job's summary.

    https://docs.github.com/actions/using-workflows/workflow-commands-for-github-actions
    """
    with Path(path).open("a", encoding="utf-8") as file:
        file.write(report.markdown() + "\n")


def _tasks(ended: Ended) -> str:
    wanted = ended.service.get("desiredCount", 0)
    if wanted == 0:
        return "but its desired count is 0: raise it to start tasks"
    return f"{wanted} {'task' if wanted == 1 else 'tasks'} after {ended.seconds:.0f} s"
