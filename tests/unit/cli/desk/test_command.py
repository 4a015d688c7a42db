"""`capflow desk` as a process: a desk from one command, a window on it, how it is, and what is refused."""

from __future__ import annotations

import asyncio
import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from nats.aio.msg import Msg

from capflow_gui.desk.serving.configuration import COLLECTOR, PID_FILE
from capflow_gui.desk.shards import STANDBY
from capflow_gui.wire.desk import subjects
from capflow_gui.wire.desk.messages import decode_beat
from tests.desk_bus import WITHIN_S, Bus, bus, client_of
from tests.forked import COMMAND
from tests.full_disk import fill, small_disk

__all__ = ["bus"]
ROOT = Path(__file__).parents[4]
SIMULATED = "SIMULATED: these figures come from a simulator.\n"
posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to send")


def folders(home: Path, name: str) -> list[str]:
    return ["--data-dir", str(home / name / "data"), "--config-dir", str(home / name / "config")]


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False, timeout=60)


def watched(command: list[str], symbols: set[str]) -> tuple[str, str]:
    """What `watch` writes on stdout and stderr until each of these symbols has had figures."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        assert process.stdout is not None
        lines, missing = [], set(symbols)
        while missing:
            line = process.stdout.readline()
            assert line, (missing, lines)
            lines.append(line)
            told: dict[str, Any] = json.loads(line)
            if told["type"] == "flow":
                assert told["symbol"] in symbols
                missing.discard(told["symbol"])
        process.send_signal(signal.SIGTERM)
        rest, said = process.communicate(timeout=20)
        return "".join([*lines, rest]), said
    finally:
        process.kill()
        process.communicate()


@posix
def test_one_command_serves_a_desk_and_a_window_follows_it(tmp_path: Path) -> None:
    serve = [*COMMAND, "desk", "serve", "700.HK", "5.HK", *folders(tmp_path, "desk"), "--source", "demo:"]
    process = subprocess.Popen(
        [*serve, "--listen", "127.0.0.1:0", "--windows", "2"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT,
        text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        said = [process.stdout.readline() for _ in range(4)]
        (address,) = re.findall(r"desk://ws01@127\.0\.0\.1:\d+\?\S+", "".join(said))
        window = [*COMMAND, "watch", "388.HK", "700.HK", *folders(tmp_path, "window"), "--source", address]
        # A symbol that the collector had, and one that this window alone wants.
        seen = watched([*window, "--for", "30", "--format", "jsonl"], {"700.HK", "388.HK"})
        summary = json.loads(seen[0].splitlines()[-1])
        assert summary["type"] == "summary"
        assert summary["cycle_s"] is None or summary["cycle_s"] > 0.8, "what the desk had is of no cycle"
        port = address.partition("?")[0].rpartition(":")[2]
        status = [*COMMAND, "desk", "status", "--format", "json", "--listen", f"127.0.0.1:{port}"]
        told = json.loads(run(*status, *folders(tmp_path, "desk")).stdout)
        (shard,) = told["shards"]
        assert (shard["symbols"], shard["sources"][0]["refused"], told["without_holder"]) == (3, 0, [])
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert process.stderr.read() == SIMULATED
        server = run("ps", "-eo", "args").stdout
        assert str(tmp_path) not in server
    finally:
        process.kill()
        process.communicate()
    secrets = [path.read_text().strip() for path in (tmp_path / "desk" / "data" / "desk" / "secrets").iterdir()]
    logs = [path.read_text() for path in tmp_path.glob("*/data/log/*.log")]
    assert len(secrets) == 3
    assert logs
    assert not [secret for secret in secrets for text in (*said, *logs, *seen) if secret in text]


SIGNALS = pytest.mark.parametrize(("name", "status"), [("SIGTERM", 0), ("SIGINT", 130)])


@posix
@SIGNALS
def test_a_signal_while_a_desk_starts_leaves_no_server_behind(tmp_path: Path, name: str, status: int) -> None:
    """The server is there before sources are opened, and a signal may come in between."""
    serve = [*COMMAND, "desk", "serve", *folders(tmp_path, "desk"), "--source", "demo:", "--listen", "127.0.0.1:0"]
    process = subprocess.Popen(serve, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=ROOT, text=True)
    file = tmp_path / "desk" / "data" / "desk" / PID_FILE
    try:
        give_up_at = time.monotonic() + WITHIN_S
        while not (file.exists() and file.read_text()):
            assert process.poll() is None
            assert time.monotonic() < give_up_at
            select.select([], [], [], 0.002)
        server = int(file.read_text())
        process.send_signal(signal.Signals[name])
        _, said = process.communicate(timeout=WITHIN_S)
        assert (process.returncode, said.replace(SIMULATED, "")) == (status, "")
        with pytest.raises(ProcessLookupError):
            os.kill(server, 0)
    finally:
        process.kill()
        process.communicate()


@posix
@SIGNALS
async def test_a_collector_that_a_signal_ends_gives_its_shards_back(
    bus: Bus, tmp_path: Path, name: str, status: int
) -> None:
    """Within seconds: a service is killed where it takes longer."""
    secret = tmp_path / "secret"
    secret.write_text(bus.secrets[COLLECTOR])
    secret.chmod(0o600)
    collect = [*COMMAND, "desk", "collect", "700.HK", "--bus", bus.url, "--secret", str(secret), "--source", "demo:"]
    held, left = asyncio.Event(), asyncio.Event()

    async def hear(message: Msg) -> None:
        beat = decode_beat(message.data)
        if beat.shard != STANDBY:
            (held if beat.epoch else left).set()

    async with client_of(bus, COLLECTOR) as client:
        await client.subscribe(subjects.LIVE_BEATS, cb=hear)
        await client.flush()
        command = [*collect, "--shards", "2", *folders(tmp_path, "collector")]
        process = await asyncio.create_subprocess_exec(*command, stderr=subprocess.PIPE, cwd=ROOT)
        try:
            await asyncio.wait_for(held.wait(), WITHIN_S)
            assert not left.is_set()
            process.send_signal(signal.Signals[name])
            await asyncio.wait_for(process.wait(), 10)
            assert process.returncode == status
            await asyncio.wait_for(left.wait(), WITHIN_S)
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()


def test_a_broker_that_nobody_declared_is_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    secret.chmod(0o600)
    collect = [*COMMAND, "desk", "collect", "--bus", "nats://127.0.0.1:9", "--secret", str(secret)]
    done = run(*collect, "--source", "opend://127.0.0.1:9", *folders(tmp_path, "desk"))
    assert done.returncode == 2
    assert "several terminals" in done.stderr
    assert "[sources.opend.entitlement]" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["collect"], "nats://HOST:4222"),
        (["collect", "--bus", "127.0.0.1:4222"], "address of a desk's server"),
        (["serve", "--server", "/nowhere"], "capflow-gui[desk-server]"),
        (["serve", "--listen", "4222"], "HOST:PORT"),
        (["serve", "--window", "a.b"], "is no name"),
        (["serve", "--shards", "0"], "1 to 64"),
    ],
)
def test_what_is_typed_wrong_is_said(tmp_path: Path, arguments: list[str], words: str) -> None:
    done = run(*COMMAND, "desk", *arguments, *folders(tmp_path, "desk"))
    assert done.returncode == 2
    assert words in done.stderr


def test_the_settings_name_the_servers_program(tmp_path: Path) -> None:
    config = tmp_path / "desk" / "config"
    config.mkdir(parents=True)
    (config / "settings.toml").write_text('[desk_server]\nprogram = "~/no/nats-server"\n', encoding="utf-8")
    done = run(*COMMAND, "desk", "serve", *folders(tmp_path, "desk"), "--source", "demo:")
    assert done.returncode == 2
    assert "/no/nats-server" in done.stderr
    assert "[desk_server]" in done.stderr


def test_a_server_that_is_not_there_is_said(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    secret.chmod(0o600)
    done = run(
        *COMMAND, "desk", "status", "--bus", "nats://127.0.0.1:9", "--secret", str(secret), *folders(tmp_path, "desk")
    )
    assert done.returncode == 3
    assert "nothing listens at 127.0.0.1:9" in done.stderr.lower()


def test_a_desk_without_a_collector_ends_with_a_status_of_its_own(bus: Bus, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(bus.secrets["ws01"])
    secret.chmod(0o600)
    status = [*COMMAND, "desk", "status", "--bus", bus.url, "--user", "ws01", "--secret", str(secret)]
    done = run(*status, "--format", "json", *folders(tmp_path, "desk"))
    assert done.returncode == 3, done.stderr
    assert json.loads(done.stdout)["without_holder"] is None


def test_nothing_of_a_desk_is_imported_by_any_other_verb() -> None:
    code = (
        "import sys; from capflow_gui.cli.main import _MODULES; from importlib import import_module\n"
        "from capflow_gui.cli.options import build_parser; build_parser()\n"
        "[import_module(name) for verb, name in _MODULES.items() if verb != 'desk']\n"
        "print([name for name in sys.modules if name == 'nats' or name.startswith(('nats.', 'capflow_gui.desk',"
        " 'capflow_gui.providers.desk'))])"
    )
    done = run(*COMMAND, "-c", code)
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


def test_on_a_full_disk_a_desk_asks_for_room(tmp_path: Path) -> None:
    with small_disk(tmp_path / "desk" / "data" / "desk") as filler:
        fill(filler)
        done = run(
            *COMMAND, "desk", "serve", *folders(tmp_path, "desk"), "--source", "demo:", "--listen", "127.0.0.1:0"
        )
    assert done.returncode == 2
    assert "make room there" in done.stderr
