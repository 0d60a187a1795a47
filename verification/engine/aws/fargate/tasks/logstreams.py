"""The tasks' output, sent to log streams in batches, as the awslogs driver does."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from typing import IO, Any

from verification.engine.aws.fargate.definitions import TaskDefinition

_EVERY_SECONDS = 0.5
_LONGEST_EVENT = 256 * 1024 - 26
_BATCH = 1000
# Seconds. The pipe of an ended task is read to its end.
_UNTIL_READ = 2.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Line:
    """One line of a task's output; `time` in epoch seconds."""

    time: float
    task: str
    text: str


@dataclass
class Stream:
    """The log stream of one task: all its lines, of which the first `sent` were sent."""

    group: str
    name: str
    definition: TaskDefinition
    task: str
    lines: list[Line] = field(default_factory=list)
    sent: int = 0
    reader: Thread | None = None

    def read(self, pipe: IO[bytes]) -> None:
        """Read lines from the pipe to its end, in a separate thread."""
        self.reader = Thread(target=self._read, args=(pipe,), daemon=True)
        self.reader.start()

    def _read(self, pipe: IO[bytes]) -> None:
        with pipe:
            for data in pipe:
                text = data[:_LONGEST_EVENT].decode(errors="replace").rstrip("\r\n")
                self.lines.append(Line(time.time(), self.task, text))


class LogStreams:
    """The streams of all tasks of one agent.

    Args:
        client: returns the boto3 client of a task definition's execution role.
    """

    def __init__(self, client: Callable[[TaskDefinition], Any]) -> None:
        self._client = client
        self._streams: list[Stream] = []
        self._sending = Lock()
        self._stopped = Event()

    def start(self) -> None:
        """Start sending."""
        threading.Thread(target=self._run, daemon=True).start()

    def stop(self) -> None:
        """Send the remaining lines, and stop."""
        self._stopped.set()
        for stream in self._streams:
            if stream.reader is not None:
                stream.reader.join(2)
        self._send_all()

    def open(self, definition: TaskDefinition, task: str) -> Stream:
        """Create a task's stream, `prefix/container/task`; botocore's ClientError on failure."""
        options = definition.log_options
        name = f"{options.get('awslogs-stream-prefix', 'ecs')}/{definition.container}/{task}"
        stream = Stream(options.get("awslogs-group", ""), name, definition, task)
        if stream.group:
            logs = self._client(definition)
            logs.create_log_stream(logGroupName=stream.group, logStreamName=name)
        self._streams.append(stream)
        return stream

    def lines(self) -> list[Line]:
        """Every line of every task, the oldest first."""
        found = [line for stream in tuple(self._streams) for line in tuple(stream.lines)]
        return sorted(found, key=lambda line: line.time)

    def of(self, task: str) -> list[str]:
        """Every line of an ended task; waits for its last output."""
        found = [stream for stream in tuple(self._streams) if stream.task == task]
        for stream in found:
            if stream.reader is not None:
                stream.reader.join(_UNTIL_READ)
        return [line.text for stream in found for line in tuple(stream.lines)]

    def _run(self) -> None:
        while not self._stopped.wait(_EVERY_SECONDS):
            self._send_all()

    def _send_all(self) -> None:
        with self._sending:
            for stream in tuple(self._streams):
                try:
                    while stream.group and stream.sent < len(stream.lines):
                        self._send(stream)
                except Exception as error:  # An error of the embedded AWS must not end the tasks.
                    log.warning("log stream %s: %s", stream.name, error)

    def _send(self, stream: Stream) -> None:
        batch = stream.lines[stream.sent : stream.sent + _BATCH]
        self._client(stream.definition).put_log_events(
            logGroupName=stream.group,
            logStreamName=stream.name,
            logEvents=[_event(line) for line in batch],
        )
        stream.sent += len(batch)


def _event(line: Line) -> Mapping[str, Any]:
    # CloudWatch refuses an empty message; the driver sends a space too.
    return {"timestamp": int(line.time * 1000), "message": line.text or " "}
