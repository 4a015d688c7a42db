"""Programs under test that begin as forks of a server: they are as if they had been started."""

from __future__ import annotations

import asyncio
import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.forked import COMMAND, DESKTOP, ROOT, STARTED

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere all starts are true ones")
FACTS = """
import json, numpy, os, signal, sys, warnings
print(json.dumps({
    "arguments": sys.argv, "name": __name__, "folder": os.getcwd(), "path": sys.path, "flags": list(sys.flags),
    "environment": dict(os.environ), "strict": ("error", None, Warning) in [each[:3] for each in warnings.filters],
    "signals": [str(signal.getsignal(number)).partition(" at ")[0] for number in sorted(signal.valid_signals())],
    "umask": os.umask(0), "open": len(os.listdir("/proc/self/fd")), "ids": [os.getsid(0), os.getpgrp(), os.getppid()],
    "streams": [[each.encoding, each.errors, each.line_buffering, each.write_through, type(each.buffer).__name__,
        each.fileno(), each.seekable()] for each in (sys.stdin, sys.stdout, sys.stderr)],
}))
"""


def test_a_fork_sees_what_a_started_program_sees(tmp_path: Path) -> None:
    environment = os.environ | {"HOME": "\udce9", "PYTHONPATH": str(ROOT)}
    told = []
    for command in (COMMAND, STARTED):
        done = subprocess.run(
            [*command, "-c", FACTS, "é", ""], cwd=tmp_path, env=environment, capture_output=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, b"")
        told.append(json.loads(done.stdout))
    assert told[0] == told[1]
    assert (told[0]["folder"], told[0]["ids"][-1]) == (str(tmp_path), os.getpid())


def test_it_is_a_fork_unless_python_would_read_a_variable() -> None:
    begun = [*DESKTOP, "-c", "import sys; print('capflow_gui.app.run' in sys.modules)"]
    for variables, forked in (({}, b"True\n"), ({"PYTHONPATH": "/nowhere"}, b"False\n")):
        assert subprocess.run(begun, env=os.environ | variables, capture_output=True, check=True).stdout == forked


@pytest.mark.parametrize(
    ("code", "status", "said"),
    [
        ("import os; os._exit(7)", 7, b""),
        ("raise SystemExit('enough')", 1, b"enough\n"),
        ("raise KeyError(5)", 1, b"KeyError: 5\n"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGINT)", -signal.SIGINT, b"KeyboardInterrupt\n"),
        ("import warnings; warnings.warn('beware')", 1, b"UserWarning: beware\n"),
        ("import faulthandler; faulthandler._sigabrt()", -signal.SIGABRT, b""),
    ],
)
def test_how_it_ends(code: str, status: int, said: bytes) -> None:
    done = subprocess.run([*COMMAND, "-c", code], capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (status, b"")
    assert done.stderr.endswith(said)
    assert b"Fatal Python error: Aborted" in done.stderr or status != -signal.SIGABRT


async def test_asyncio_starts_and_kills_it() -> None:
    pipes = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE}
    process = await asyncio.create_subprocess_exec(*COMMAND, "-c", "print(input(), flush=True); input()", **pipes)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"heard\n")
    assert await process.stdout.readline() == b"heard\n"
    process.kill()
    assert await process.wait() == -signal.SIGKILL


def test_the_server_ends_with_the_tests_even_if_they_are_killed() -> None:
    code = (
        "import subprocess; from pathlib import Path; from tests.forked import COMMAND\n"
        "subprocess.run([*COMMAND, '-c', ''], check=True)\n"
        "print(Path('/proc/thread-self/children').read_text(), flush=True); input()"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, **pipes) as tests:
        assert tests.stdout is not None
        server = os.pidfd_open(int(tests.stdout.readline()))
        tests.kill()
    try:
        assert select.select([server], [], [], 60) == ([server], [], [])
    finally:
        os.close(server)
