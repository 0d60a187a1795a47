"""AWS's command line, loaded once and forked for each command: its start is most of its work.

`python -m tests.docs.runbooks.aws_cli SOCKET` serves; `command` is the program that asks it.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.kit import REPOSITORY, wait_for
from verification.engine.system import watchdog

MODULE = "tests.docs.runbooks.aws_cli"
# A program's arguments and environment; longer ones would be cut off.
_LONGEST = 1 << 17
_ASK = f"""#!{sys.executable} -IS
import json, os, socket, sys
with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as server:
    server.connect({{path!r}})
    asked = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
    socket.send_fds(server, [asked], [0, 1, 2])
    sys.exit(int(server.recv(16) or 255))
"""


def command(path: Path) -> str:
    """A program that is AWS's command line, for whoever starts it."""
    return _ASK.format(path=str(path))


@contextmanager
def serving(path: Path) -> Iterator[Path]:
    """Serve at this path; its folder must have a short name, as sockets demand."""
    with subprocess.Popen(
        [sys.executable, "-m", MODULE, str(path)],
        cwd=REPOSITORY,
        env=os.environ | {"AWS_CONFIG_FILE": os.devnull},
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        watchdog.watch(process.pid)
        try:
            wait_for(lambda: path.exists() or process.poll() is not None)
            assert process.poll() is None
            yield path
        finally:
            process.kill()
            process.wait()
            watchdog.forget(process.pid)


def _serve(path: str) -> None:
    from awscli.clidriver import create_clidriver

    create_clidriver()._get_command_table()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(path)
        listener.listen()
        while True:
            asking, _ = listener.accept()
            if os.fork() == 0:
                _answer(asking)
            asking.close()


def _answer(asking: socket.socket) -> None:
    """Be the command, in its folder and with its environment and files; then end."""
    from awscli.clidriver import main

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    asked, files, _, _ = socket.recv_fds(asking, _LONGEST, 3)
    arguments, folder, environ = json.loads(asked)
    for number, file in enumerate(files):
        os.dup2(file, number)
    os.chdir(folder)
    # Where its own data lie it told itself when it was loaded.
    data = os.environ["AWS_DATA_PATH"]
    os.environ.clear()
    os.environ.update(environ | {"AWS_DATA_PATH": data})
    sys.argv = ["aws", *arguments]
    code = 255
    try:
        code = main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 255
    except Exception:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        asking.send(str(code or 0).encode())
        os._exit(0)


if __name__ == "__main__":
    _serve(sys.argv[1])
