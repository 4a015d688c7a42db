"""A full disk, a closed pipe, a reader that is slow or stops: a sentence, a status, and nothing half written."""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import signal
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from capflow_gui.simulator.market.universe import build_universe
from tests.forked import COMMAND

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/dev/full and pipe sizes are Linux'")
FORTY = [str(symbol) for symbol in build_universe(60) if not symbol.is_index and str(symbol) != "6666.HK"][:40]
THIRTY = FORTY[:30]


def command(home: Path, *arguments: str) -> list[str]:
    folders = ["--data-dir", str(home / "data"), "--config-dir", str(home / "config")]
    return [*COMMAND, arguments[0], *folders, *arguments[1:]] if arguments[0].isalpha() else [*COMMAND, *arguments]


def environment(home: Path) -> dict[str, str]:
    return os.environ | {"HOME": str(home), "XDG_STATE_HOME": str(home / "state"), "PYTHONPATH": str(ROOT)}


@contextmanager
def started(home: Path, *arguments: str, stdout: int | IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        command(home, *arguments), stdout=stdout, stderr=subprocess.PIPE, bufsize=0, cwd=ROOT, env=environment(home)
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def sentences(err: bytes) -> list[str]:
    told = [line for line in err.decode().splitlines() if not line.startswith("SIMULATED")]
    assert "Traceback" not in err.decode()
    return told


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["fetch", "--help"],
        ["fetch", "700.HK", "--source", "demo:"],
        ["fetch", "700.HK", "--source", "demo:", "--format", "json"],
        ["watch", "700.HK", "--source", "demo:", "--format", "jsonl"],
        ["watch", "700.HK", "--source", "demo:"],
        ["simulate"],
        ["simulate", "--list-faults"],
    ],
    ids=" ".join,
)
def test_a_full_disk_is_one_sentence(tmp_path: Path, arguments: list[str]) -> None:
    with (
        Path("/dev/full").open("wb") as full,
        started(tmp_path, *arguments, stdout=full) as process,
    ):
        _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    (said,) = sentences(err)
    assert said.endswith("error: The output cannot be written: No space left on device.")


@pytest.mark.parametrize("arguments", [["--version"], ["fetch", "700.HK", "--source", "demo:"]], ids=" ".join)
def test_no_output_at_all_is_one_sentence(tmp_path: Path, arguments: list[str]) -> None:
    closed = ["bash", "-c", 'exec "$@" >&-', "bash", *command(tmp_path, *arguments)]
    done = subprocess.run(closed, stderr=subprocess.PIPE, cwd=ROOT, env=environment(tmp_path), timeout=60, check=False)
    assert done.returncode == 1
    (said,) = sentences(done.stderr)
    assert "no standard output" in said


def test_a_disk_that_fills_up_keeps_no_half_line(tmp_path: Path) -> None:
    result = tmp_path / "result.json"
    limited = ["bash", "-c", 'ulimit -f 1; exec "$@"', "bash"]
    with result.open("wb") as file:
        done = subprocess.run(
            [*limited, *command(tmp_path, "fetch", "700.HK", "--source", "demo:", "--format", "json")],
            stdout=file, stderr=subprocess.PIPE, cwd=ROOT, env=environment(tmp_path), timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert "cannot be written" in sentences(done.stderr)[-1]
    assert result.read_bytes() == b""


@pytest.mark.parametrize(
    "arguments",
    [
        ["fetch", *THIRTY[:4], "--source", "demo:", "--period", "day", "--format", "json"],
        ["watch", "700.HK", "--source", "demo:", "--format", "jsonl"],
    ],
    ids=["fetch", "watch"],
)
def test_a_reader_that_has_enough(tmp_path: Path, arguments: list[str]) -> None:
    with started(tmp_path, *arguments, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(1)
        process.stdout.close()
        assert process.wait(timeout=60) == 1
        told = sentences(process.stderr.read())
        assert len(told) == 1, told
    assert told[0].endswith("Whoever read the output has closed it.")


@contextmanager
def narrow_pipe() -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    reading, writing = os.pipe()
    fcntl.fcntl(reading, fcntl.F_SETPIPE_SZ, 4096)
    with os.fdopen(reading, "rb") as reader, os.fdopen(writing, "wb") as writer:
        yield reader, writer


def wait_until_full(reader: IO[bytes], process: subprocess.Popen[bytes]) -> None:
    """Until the next line finds no room in the pipe; the program goes on meanwhile."""
    waiting = ctypes.c_int()
    for _ in range(300):
        fcntl.ioctl(reader, termios.FIONREAD, waiting)
        if waiting.value > 3500:
            return
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=0.1)
    pytest.fail("the pipe never filled")


WATCH = ["watch", *THIRTY, "--source", "demo:", "--format", "jsonl", "--ignore-calendar"]


def test_a_slow_reader_loses_no_alert_and_stops_no_poll(tmp_path: Path) -> None:
    arguments = [*WATCH, "--rule", "*: net <= 900B", "--rule", "*: net >= -900B", "--for", "9"]
    with narrow_pipe() as (reader, writer), started(tmp_path, *arguments, stdout=writer) as process:
        writer.close()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=10)  # it waits for its reader, and has asked all symbols meanwhile
        events = [json.loads(line) for line in reader]
        assert process.wait(timeout=30) == 0
    raised = [event["symbol"] for event in events if event["type"] == "alert"]
    assert sorted(raised) == sorted(THIRTY * 2)
    summary = events[-1]
    assert summary["type"] == "summary"
    assert (summary["reconnects"], summary["refused"], summary["alerts"]) == (0, 0, 60)


def test_the_first_ctrl_c_ends_it_though_nobody_reads(tmp_path: Path) -> None:
    with narrow_pipe() as (reader, writer), started(tmp_path, *WATCH, stdout=writer) as process:
        writer.close()
        wait_until_full(reader, process)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 1
        assert process.stderr is not None
        (said,) = sentences(process.stderr.read())
    assert "nobody reads the output" in said.lower()


def test_ctrl_c_keeps_what_a_fetch_has(tmp_path: Path) -> None:
    # More symbols than a window of the quota has calls: the last ones wait for half a minute.
    arguments = ["fetch", *FORTY, "--source", "demo:", "--format", "json"]
    with started(tmp_path, *arguments, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        rest, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in err.decode()
    answers = json.loads(first + rest)
    assert [answer["symbol"] for answer in answers] == FORTY[: len(answers)]
    assert 1 <= len(answers) < 40
