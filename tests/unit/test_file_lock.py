"""A lock ends with its process, and nobody waits for it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from capflow_gui.file_lock import try_lock, unlock

HOLDER = """
import sys
from capflow_gui.file_lock import try_lock
file = open(sys.argv[1], "r+b")
print(try_lock(file.fileno()), flush=True)
sys.stdin.read()
"""


@contextmanager
def held_elsewhere(path: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        yield holder
        holder.kill()


def test_one_process_holds_it_until_it_ends(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.write_bytes(b"x")
    with path.open("r+b") as file:
        with held_elsewhere(path):
            assert not try_lock(file.fileno())
        assert try_lock(file.fileno())  # killed, and nothing was given back


def test_what_is_given_back_can_be_taken_again(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.write_bytes(b"x")
    with path.open("r+b") as file, path.open("r+b") as other:
        assert try_lock(file.fileno())
        assert not try_lock(other.fileno())
        unlock(file.fileno())
        assert try_lock(other.fileno())
