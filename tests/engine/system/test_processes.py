"""Commands end in time, all of them, and how they ended is never lost."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.kit import HANG, REPOSITORY, wait_for
from verification.engine.errors import EnvironmentUnavailable, ToolError
from verification.engine.system.processes import CommandFailed, Completed, Processes

pytestmark = pytest.mark.slow

# Starts a grandchild that ignores SIGINT, writes both their ids, and waits with it.
FAMILY = 'sh -c "trap : INT; while :; do sleep 0.1; done" & echo $! > pids; echo $$ >> pids; wait'
Runner = Callable[..., Completed]
# Runs such a family in a folder, until it is killed.
OWNER = """
import os, sys
from pathlib import Path
from verification.engine.system.processes import Processes
folder, script = Path(sys.argv[1]), sys.argv[2]
command = ["sh", "-c", script]
given = {"name": "it", "directory": folder, "environ": dict(os.environ), "timeout": 1000}
Processes(folder / "logs").run(command, **given)
"""


@pytest.fixture(name="processes")
def _processes(tmp_path: Path) -> Processes:
    return Processes(tmp_path / "logs")


@pytest.fixture(name="run")
def _run(processes: Processes, tmp_path: Path) -> Runner:
    """Runs a line of shell in the test's folder."""

    def run(script: str, timeout: float = HANG, **more: Any) -> Completed:
        given = {"environ": {"PATH": os.environ["PATH"]}} | more
        command = given.pop("command", ["sh", "-c", script])
        return processes.run(command, name="it", directory=tmp_path, timeout=timeout, **given)

    return run


def await_end(family: list[int]) -> None:
    """Wait until each of these processes has ended."""
    wait_for(lambda: all(map(gone, family)))


def gone(pid: int) -> bool:
    """Say whether a process has ended."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2]
    except OSError:
        return True
    # A zombie has ended; that whoever adopted it has not asked is not our doing.
    return state.split()[0] == "Z"


def pids(folder: Path) -> list[int]:
    """Return the ids that a family wrote, once both are there."""
    wait_for(lambda: len(written(folder)) == 2)
    return written(folder)


def written(folder: Path) -> list[int]:
    """Return the ids that a family has written so far."""
    file = folder / "pids"
    return [int(pid) for pid in file.read_text(encoding="utf-8").split()] if file.exists() else []


def in_background(run: Runner, script: str) -> tuple[threading.Thread, list[Exception]]:
    """Run a script in a thread, and collect what it raises."""
    raised: list[Exception] = []

    def work() -> None:
        try:
            run(script)
        except Exception as error:
            raised.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread, raised


def test_signal_is_an_error_that_names_it(run: Runner) -> None:
    """A command that was killed is an error even where its signal's number would be accepted."""
    with pytest.raises(ToolError, match="it was ended by SIGKILL"):
        run("kill -9 $$", accept=frozenset({0, 9, -9, 137}))


@pytest.mark.parametrize("code", [1, 2, 11, 137])
def test_exit_code_is_an_error(run: Runner, code: int) -> None:
    """Any exit code but those that are accepted is an error with the command's last words."""
    with pytest.raises(
        CommandFailed, match=f"it failed with exit code {code}: last words"
    ) as caught:
        run(f"echo before; echo last words >&2; exit {code}")
    assert caught.value.completed == Completed(code, "before\n", "last words\n")


def test_accepted_exit_code_is_a_result(run: Runner) -> None:
    """An exit code that means something is a result."""
    assert run("exit 3", accept=frozenset({0, 3})).code == 3


@pytest.mark.parametrize(
    ("script", "message"),
    [("exit 1", "exit code 1: nothing"), ("echo only out; exit 1", "exit code 1: only out")],
    ids=["silent", "only on standard output"],
)
def test_failure_says_what_there_is(run: Runner, script: str, message: str) -> None:
    """A failing command's message holds the best that it printed, and its log."""
    with pytest.raises(CommandFailed, match=rf"{message} \(log: .*it\.out\)"):
        run(script)


def test_missing_program(run: Runner) -> None:
    """A program that is not there is something that this machine lacks."""
    with pytest.raises(EnvironmentUnavailable, match="/nowhere/terraform cannot be started"):
        run("", command=["/nowhere/terraform", "version"])


def test_timeout_ends_the_whole_family(run: Runner, tmp_path: Path) -> None:
    """A command that takes too long is ended with its children and theirs."""
    for seconds in (1, 10, 100):  # until the machine is quick enough to start it meanwhile
        with pytest.raises(ToolError, match=f"it timed out after {seconds} s and was stopped"):
            run(FAMILY, timeout=seconds)
        if len(written(tmp_path)) == 2:
            break
    await_end(pids(tmp_path))


def test_killed_command_leaves_no_children(run: Runner, tmp_path: Path) -> None:
    """What a killed command had started, such as Terraform's providers, ends as well."""
    with pytest.raises(ToolError, match="SIGKILL"):
        run(FAMILY.replace("wait", "kill -9 $$"))
    await_end(pids(tmp_path))


def test_stop_ends_what_runs(processes: Processes, run: Runner, tmp_path: Path) -> None:
    """Stopping ends every command with its children; whoever waits for one gets an error."""
    thread, raised = in_background(run, FAMILY)
    family = pids(tmp_path)
    processes.stop()
    thread.join(HANG)
    await_end(family)
    assert [type(error) for error in raised] == [ToolError]


def test_killed_owner_leaves_no_family(tmp_path: Path) -> None:
    """Where this process is killed, its commands end, and what those had started."""
    command = [sys.executable, "-c", OWNER, str(tmp_path), FAMILY]
    with subprocess.Popen(command, cwd=REPOSITORY) as owner:
        family = pids(tmp_path)
        owner.kill()
    await_end(family)


def test_nothing_starts_after_stop(processes: Processes, run: Runner, tmp_path: Path) -> None:
    """A command that was about to start when the run was stopped does not start."""
    processes.stop()
    with pytest.raises(ToolError, match="sh was not started, because the run is ending"):
        run("touch started")
    assert not (tmp_path / "started").exists()


def test_chatter_does_not_stall(run: Runner) -> None:
    """10 MB on standard error, with nobody reading, neither stall the command nor get lost."""
    script = "import sys; sys.stderr.write('x' * 10**7); print('end')"
    completed = run("", command=[sys.executable, "-c", script])
    assert (len(completed.err), completed.out) == (10**7, "end\n")


def test_environment_is_exactly_what_was_given(
    run: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of our own environment reaches a command."""
    monkeypatch.setenv("AWS_PROFILE", "prod")
    given = {"PATH": os.environ["PATH"], "ONLY": "this"}
    out = run("", command=["env"], environ=given).out
    assert dict(line.split("=", 1) for line in out.splitlines()) == given


def test_command_has_no_input(run: Runner) -> None:
    """A command that asks something gets no answer, and does not wait for one."""
    assert run("read answer || echo nobody").out == "nobody\n"


def test_output_that_is_not_text(run: Runner) -> None:
    """Bytes that are no text are shown as such, and are not an error."""
    assert run(r"printf '\377ok'").out == "\ufffdok"


def test_logs_survive(run: Runner, tmp_path: Path) -> None:
    """What a killed command printed can be read afterwards."""
    with pytest.raises(ToolError, match="its output is in "):
        run("echo so far; kill -9 $$")
    assert (tmp_path / "logs/it.out").read_text(encoding="utf-8") == "so far\n"


def test_commands_of_one_name_do_not_mix(run: Runner) -> None:
    """Two commands of one name that run at a time each give what they themselves printed."""
    met = "until [ -e 0 ] && [ -e 1 ] && [ -e 2 ] && [ -e 3 ]; do sleep 0.02; done"
    with ThreadPoolExecutor(4) as pool:
        outs = pool.map(lambda n: run(f"touch {n}; {met}; echo {n}").out, range(4))
        assert list(outs) == [f"{n}\n" for n in range(4)]
