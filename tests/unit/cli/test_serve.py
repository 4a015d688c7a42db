"""`capflow serve` as a process: what it answers, how it ends, and what it listens on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from capflow_gui.cli.main import main
from tests.forked import COMMAND, STARTED

ROOT = Path(__file__).parents[3]
posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to send")


def command(home: Path, *arguments: str, start: list[str] = COMMAND) -> list[str]:
    folders = ["--data-dir", str(home / "data"), "--config-dir", str(home / "config")]
    return [*start, "serve", *folders, "--source", "demo:", *arguments]


@contextmanager
def serving(
    home: Path, *arguments: str, stdout: int | IO[bytes] = subprocess.PIPE
) -> Iterator[subprocess.Popen[bytes]]:
    environment = os.environ | {"XDG_STATE_HOME": str(home / "state")}
    process = subprocess.Popen(
        command(home, *arguments), stdin=subprocess.PIPE, stdout=stdout, stderr=subprocess.PIPE, bufsize=0, cwd=ROOT,
        env=environment,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def ask(process: subprocess.Popen[bytes], number: int, method: str, **params: object) -> None:
    assert process.stdin is not None
    request = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
    process.stdin.write(json.dumps(request).encode() + b"\n")


def read(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    assert process.stdout is not None
    return json.loads(process.stdout.readline())


def test_what_is_piped_in_is_answered_and_the_end_ends_it(tmp_path: Path) -> None:
    asked = {"jsonrpc": "2.0", "id": 1, "method": "flow.get", "params": {"symbols": ["700.HK"], "newest": 1}}
    done = subprocess.run(
        command(tmp_path, start=STARTED), input=json.dumps(asked).encode(), capture_output=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0
    (line,) = done.stdout.splitlines()
    (flow,) = json.loads(line)["result"]["flows"]
    assert (flow["symbol"], flow["simulated"]) == ("700.HK", True)
    assert done.stderr == b"SIMULATED: these figures come from a simulator.\n"


@posix
@pytest.mark.parametrize(("name", "status"), [("SIGTERM", 0), ("SIGINT", 130)])
def test_a_signal_ends_it(tmp_path: Path, name: str, status: int) -> None:
    with serving(tmp_path) as process:
        ask(process, 1, "subscribe", topics=["flow", "link"])
        while read(process).get("id") != 1:
            pass  # a notification was quicker
        process.send_signal(signal.Signals[name])
        _, err = process.communicate(timeout=20)
        assert process.returncode == status
        assert b"Traceback" not in err


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/dev/full is Linux'")
def test_a_full_disk_and_a_closed_pipe_are_one_sentence_and_status_1(tmp_path: Path) -> None:
    for words in ("No space left", "has closed it"):
        with Path("/dev/full").open("wb") as full:
            stdout: int | IO[bytes] = full if words == "No space left" else subprocess.PIPE
            with serving(tmp_path, stdout=stdout) as process:
                if process.stdout is not None:
                    process.stdout.close()
                ask(process, 1, "quota.get")
                assert process.wait(timeout=20) == 1
                assert process.stderr is not None
                said = [line for line in process.stderr.read().decode().splitlines() if "SIMULATED" not in line]
                assert len(said) == 1
                assert words in said[0]


def test_http_says_where_it_listens_and_who_holds_the_token_may_ask(tmp_path: Path) -> None:
    with serving(tmp_path, "--http", "127.0.0.1:0") as process:
        ready = read(process)
        assert list(ready) == ["type", "http", "token_file"]
        token = Path(ready["token_file"]).read_text("ascii").strip()
        address = ready["http"]
        assert address.startswith("http://127.0.0.1:")
        asked = Request(f"{address}/widgets.json", headers={"Authorization": f"Bearer {token}"})  # noqa: S310 - loopback
        with build_opener(ProxyHandler({})).open(asked, timeout=20) as answer:
            assert "capflow_flow" in json.load(answer)
        assert process.stderr is not None
        assert process.stderr.readline() == b"SIMULATED: these figures come from a simulator.\n"
        process.send_signal(signal.SIGTERM if os.name == "posix" else signal.CTRL_BREAK_EVENT)
        _, err = process.communicate(timeout=20)
        assert (process.returncode, err) == (0, b"")
    written = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file() and "token" not in file.name)
    assert token.encode() not in written


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--http", "0.0.0.0:8765"], "only programs on this computer are served"),
        (["--http", "192.168.1.5:8765"], "only programs on this computer are served"),
        (["--http", "example.com:80"], "write it as 127.0.0.1:PORT"),
        (["--http", "127.0.0.1"], "write it as 127.0.0.1:PORT"),
        (["--http", "127.0.0.1:99999"], "write it as 127.0.0.1:PORT"),
        (["--http", ":8765"], "write it as 127.0.0.1:PORT"),
        (["--http", "127.0.0.1:0", "--mcp"], "start two of them"),
    ],
)
def test_nothing_but_this_computer_is_served(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    folders = ["--data-dir", str(tmp_path), "--config-dir", str(tmp_path)]
    try:
        status = main(["serve", "--source", "demo:", *arguments, *folders])
    except SystemExit as left:
        status = int(str(left.code))
    assert status == 2
    assert words in capsys.readouterr().err


def test_without_the_library_mcp_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("capflow_gui.cli.serve.find_spec", lambda _name: None)
    folders = ["--data-dir", str(tmp_path), "--config-dir", str(tmp_path)]
    assert main(["serve", "--source", "demo:", "--mcp", *folders]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "pip install 'capflow-gui[mcp]'" in err


def test_a_source_is_needed(tmp_path: Path) -> None:
    folders = ["--data-dir", str(tmp_path), "--config-dir", str(tmp_path)]
    done = subprocess.run([*COMMAND, "serve", *folders], capture_output=True, text=True, cwd=ROOT, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
