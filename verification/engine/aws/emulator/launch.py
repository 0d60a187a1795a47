"""Starting and stopping the emulator's process, with timeouts."""

import json
import os
import selectors
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from verification.engine.aws.emulator import isolation
from verification.engine.errors import EnvironmentUnavailable, ToolError
from verification.engine.system.yardstick import until

Process = subprocess.Popen[bytes]

ROOT = Path(__file__).resolve().parents[4]
MODULE = "verification.engine.aws.emulator.server.process"
SETTINGS = {
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
    # Larger objects go to temporary files, whose file position forks would share.
    "MOTO_S3_DEFAULT_KEY_BUFFER_SIZE": str(2**30),
}


def start(directory: Path, log: Path, timeout: float) -> tuple[Process, int]:
    """Start the server process; return it and its port."""
    # The server exits when its stdin is closed, however this process ends. It ignores Ctrl-C and
    # SIGHUP, because this process may need it while ending.
    with log.open("ab") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", MODULE],
            cwd=directory,
            env=_variables(directory),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
        )
    try:
        return process, _port(process, log, timeout)
    except BaseException:
        end(process)
        raise


def end(process: Process) -> None:
    """Terminate a process started by `start`, and wait for it."""
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(5)
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


def gone(pid: int, timeout: float) -> bool:
    """Whether the process has ended, after waiting at most `timeout` seconds."""
    return until(lambda: not alive(pid), timeout, pause=0.005)


def alive(pid: int) -> bool:
    """Whether the process is running."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # An orphan stays a zombie if PID 1 does not reap children, as in many containers.
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[-1].split()[0] != "Z"
    return True


def _variables(home: Path) -> dict[str, str]:
    """Return the server's environment, without the user's AWS_ and MOTO_ variables."""
    users = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    paths = [str(ROOT), *(str(Path(path).resolve()) for path in users)]
    variables = isolation.sealed(os.environ, "http://127.0.0.1", home)
    return variables | SETTINGS | {"PYTHONPATH": os.pathsep.join(paths)}


def _port(process: Process, log: Path, timeout: float) -> int:
    assert process.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        if not selector.select(timeout):
            raise ToolError(f"the embedded AWS did not start within {timeout:g} s\n{tail(log)}")
    line = process.stdout.readline()
    try:
        return int(json.loads(line)["port"])
    except ValueError:
        pass
    if "ModuleNotFoundError" in tail(log):
        raise EnvironmentUnavailable(
            f"the embedded AWS needs a package that is not installed for {sys.executable}: "
            f"install requirements/verification.txt\n{tail(log)}"
        )
    raise ToolError(f"the embedded AWS exited during startup\n{tail(log)}")


def tail(log: Path) -> str:
    """Return the end of a server's log."""
    return log.read_text(errors="replace")[-2000:]
