"""A deployment in an account, with the run's own users."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from verification.engine.errors import ToolError
from verification.engine.smoke.account.cloudwatch import read_lines, read_table_use
from verification.engine.smoke.account.temporary_users import Guests
from verification.engine.smoke.deployment import ServiceDeployment
from verification.engine.smoke.http_session import Session
from verification.model.smoke.load import TableUse

# Seconds. A Fargate task needs minutes to become healthy, and minutes to drain.
PAUSE, PATIENCE = 1.0, 900.0
_METRICS_PATIENCE = 300.0
# Delay until CloudWatch has the tasks' output.
_LINES_DELAY = 5.0


class AwsDeployment(ServiceDeployment):
    """One deployment for the whole run.

    Args:
        client: creates a boto3 client by service name.
        outputs: Terraform's outputs.
        base_url: the application's URL.
        began: the start of the run; logs are read from then on.
        folders: the prefixes of users' prefixes in the bucket for uploads.
    """

    def __init__(
        self,
        client: Callable[[str], Any],
        outputs: Mapping[str, Any],
        base_url: str,
        began: datetime,
        folders: Sequence[str],
    ) -> None:
        super().__init__(client, outputs, PAUSE, PATIENCE)
        self._base_url, self._began = base_url, began
        self._guests = Guests(client, outputs, folders)
        self._wanted: int | None = None

    @property
    def base_url(self) -> str:
        """The application's URL, without a trailing slash."""
        return self._base_url

    def user(self, name: str) -> Session:
        """Create a user for this run, and sign in."""
        return self.session(self._guests.invite(name))

    def kill_task(self) -> str:
        """Stop a task through ECS; return its ARN when ECS no longer lists it as running."""
        running = sorted(self.service.running())
        if not running:
            raise ToolError(f"{self.outputs['service_name']} has no running task")
        self.service.stop_task(running[0], "verification: a task must be replaced")
        self.service.wait_stopped(running[0], self.patience)
        return running[0]

    def scale(self, tasks: int) -> None:
        """Set the desired count, and wait until the tasks are healthy."""
        if self._wanted is None:
            self._wanted = self.service.describe()["desiredCount"]
        super().scale(tasks)
        if tasks == self._wanted:
            self._wanted = None

    def logs(self) -> list[str]:
        """Every log line of the tasks since the run began."""
        time.sleep(_LINES_DELAY)
        return read_lines(self.client("logs"), self.outputs["log_group_name"], self._began)

    def printed(self, task: str) -> list[str]:
        """The log lines of a task since the run began, as far as CloudWatch has them."""
        group = self.outputs["log_group_name"]
        try:
            return read_lines(self.client("logs"), group, self._began, task.rpartition("/")[2])
        except (BotoCoreError, ClientError):
            # The reason of the stop is reported without them, too.
            return []

    def table_use(self, since: datetime) -> tuple[TableUse, ...]:
        """The use of each table since then, by its metrics."""
        tables = [str(self.outputs[f"{key}_table_name"]) for key in ("users", "urls")]
        return read_table_use(
            self.client("cloudwatch"), tables, since, _METRICS_PATIENCE, self.service.pause
        )

    def close(self) -> None:
        """Close all sessions, remove their users, restore the count; `leave` returns errors."""
        for session in self.sessions:
            session.close()
        self._guests.dismiss()
        self._set_back()

    def leave(self) -> list[str]:
        """Close for good; returns what could not be removed or restored, by name."""
        for session in self.sessions:
            session.end()
        return self._guests.leave() + self._set_back()

    def _set_back(self) -> list[str]:
        """Restore the desired count from before the first `scale`; returns errors."""
        if self._wanted is None:
            return []
        try:
            self.service.update(desiredCount=self._wanted)
        except (BotoCoreError, ClientError) as error:
            name = self.outputs["service_name"]
            return [f"the desired count of {name}, which was {self._wanted}: {error}"]
        self._wanted = None
        return []
