"""`capflow simulate` as a process: its first line, its end, its statistics."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from capflow_gui.simulator.faults import FaultName
from capflow_gui.wire.opend.frame import encode_frame
from capflow_gui.wire.pb.opend import init_connect_pb2, qot_get_capital_flow_pb2
from tests.forked import COMMAND, STARTED

ROOT = Path(__file__).parents[3]
posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to send")


def command(tmp_path: Path, *arguments: str) -> list[str]:
    folders = ["--data-dir", str(tmp_path), "--config-dir", str(tmp_path)]
    return [*COMMAND, "simulate", *folders, *arguments]


@contextmanager
def running(tmp_path: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    process = subprocess.Popen(
        command(tmp_path, *arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    )
    try:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert ready["type"] == "ready"
        host, _, port = ready["opend"].rpartition(":")
        assert host == "127.0.0.1"
        yield process, int(port)
    finally:
        process.kill()
        process.communicate(timeout=20)


def poll(port: int) -> None:
    """One client that asks for 700.HK once."""
    init = init_connect_pb2.Request()
    init.c2s.clientVer, init.c2s.clientID = 300, "test"
    flow = qot_get_capital_flow_pb2.Request()
    flow.c2s.security.market, flow.c2s.security.code = 1, "00700"
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(encode_frame(1001, 1, init.SerializeToString()))
        assert client.recv(65536)
        client.sendall(encode_frame(3211, 2, flow.SerializeToString()))
        received = b""
        while len(received) < 15_000:
            piece = client.recv(65536)
            assert piece
            received += piece


@posix
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_signal_ends_it_with_status_0_and_writes_the_statistics(tmp_path: Path, name: str) -> None:
    stats = tmp_path / "stats.json"
    with running(tmp_path, "--stats", str(stats), "--speed", "0", "--clock", "2026-06-10T14:00:00+08:00") as (
        process,
        port,
    ):
        poll(port)
        process.send_signal(signal.Signals[name])
        out, err = process.communicate(timeout=20)
        assert (process.returncode, out, err) == (0, "", "")
    written = json.loads(stats.read_text(encoding="utf-8"))
    flow = written["interfaces"]["3211"]
    assert (flow["requests"], flow["refused"], flow["symbols"]["700.HK"]["requests"]) == (1, 0, 1)
    assert len(flow["arrivals"]) == 1
    assert written["connections"]["opened"] == 1
    assert written["refused"] == 0


def test_list_faults_prints_a_line_for_each() -> None:
    done = subprocess.run(
        [*STARTED, "simulate", "--list-faults"], capture_output=True, text=True, encoding="utf-8", cwd=ROOT, check=True
    )
    assert [line.split()[0] for line in done.stdout.splitlines()] == [name.value for name in FaultName]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--scenario", "nonsense"], "slow-bleed"),
        (["--fault", "nonsense"], "--list-faults"),
        (["--symbols", "700.XX"], "unknown market"),
        (["--rsa-key", "missing.pem"], "missing.pem"),
        (["--stats", str(Path("missing") / "stats.json")], "--stats"),
    ],
)
def test_a_bad_argument_is_a_usage_error_that_helps(tmp_path: Path, arguments: list[str], said: str) -> None:
    done = subprocess.run(
        command(tmp_path, *arguments),
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=ROOT,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            command(tmp_path, "--opend-port", port),
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            cwd=ROOT,
        )
    assert (done.returncode, done.stdout) == (2, "")
    assert port in done.stderr
