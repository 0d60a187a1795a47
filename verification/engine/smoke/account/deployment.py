"""A deployment in an account: its tasks run where ECS has put them, beside users of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from verification.engine.errors import ToolError
from verification.engine.smoke.account.cloudwatch import read_lines, read_table_use
from verification.engine.smoke.account.temporary_users import Guests
from verification.engine.smoke.deployment import ServiceDeployment
from verification.engine.smoke.http_session import Session
from verification.model.load_observations import TableUse

# Seconds. A task of Fargate takes minutes until it takes requests, and then minutes to drain.
PAUSE, PATIENCE = 1.0, 900.0
_METRICS_PATIENCE = 300.0
# Until CloudWatch has what tasks printed.
_LINES_DELAY = 5.0


class AwsDeployment(ServiceDeployment):
    """One deployment for the whole run.

    Args:
        client: makes a boto3 client of a service's name.
        outputs: Terraform's.
        base_url: where the application answers.
        began: when the run began; logs are read from then on.
    """

    def __init__(
        self,
        client: Callable[[str], Any],
        outputs: Mapping[str, Any],
        base_url: str,
        began: datetime,
    ) -> None:
        super().__init__(client, outputs, PAUSE, PATIENCE)
        self._base_url, self._began = base_url, began
        self._guests = Guests(client, outputs)
        self._wanted: int | None = None

    @property
    def base_url(self) -> str:
        """Where the application answers, without a slash at the end."""
        return self._base_url

    def user(self, name: str) -> Session:
        """Create a user for this run, and sign in as them."""
        return self.session(self._guests.invite(name))

    def kill_task(self) -> str:
        """Have ECS stop a task; return its ARN when ECS lists it as running no longer."""
        running = sorted(self.service.running())
        if not running:
            raise ToolError(f"{self.outputs['service_name']} has no task to stop")
        self.service.stop_task(running[0], "verification: a task must be replaced")
        self.service.wait_stopped(running[0], self.patience)
        return running[0]

    def scale(self, tasks: int) -> None:
        """Want so many tasks, and wait until they take requests."""
        if self._wanted is None:
            self._wanted = self.service.describe()["desiredCount"]
        super().scale(tasks)
        if tasks == self._wanted:
            self._wanted = None

    def logs(self) -> list[str]:
        """Every line that tasks printed since the run began."""
        time.sleep(_LINES_DELAY)
        return read_lines(self.client("logs"), self.outputs["log_group_name"], self._began)

    def printed(self, task: str) -> list[str]:
        """The lines that a task printed since the run began, as far as CloudWatch tells them."""
        group = self.outputs["log_group_name"]
        try:
            return read_lines(self.client("logs"), group, self._began, task.rpartition("/")[2])
        except (BotoCoreError, ClientError):
            # Why the task stopped is told without them, too.
            return []

    def table_use(self, since: datetime) -> tuple[TableUse, ...]:
        """What each table bore from then on, by its metrics."""
        tables = [str(self.outputs[f"{key}_table_name"]) for key in ("users", "urls")]
        return read_table_use(
            self.client("cloudwatch"), tables, since, _METRICS_PATIENCE, self.service.pause
        )

    def close(self) -> None:
        """Close all sessions, remove their users, set the count back; `leave` tells what failed."""
        for session in self.sessions:
            session.close()
        self._guests.dismiss()
        self._set_back()

    def leave(self) -> list[str]:
        """Close for good; gives what could not be removed or set back, by name."""
        for session in self.sessions:
            session.end()
        return self._guests.leave() + self._set_back()

    def _set_back(self) -> list[str]:
        """Want as many tasks as before the first `scale`; gives what failed."""
        if self._wanted is None:
            return []
        try:
            self.service.update(desiredCount=self._wanted)
        except (BotoCoreError, ClientError) as error:
            name = self.outputs["service_name"]
            return [f"the desired count of {name}, which was {self._wanted}: {error}"]
        self._wanted = None
        return []
