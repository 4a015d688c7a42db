"""`capflow fetch` and `watch` with `--source longport:` against `capflow simulate`, as processes."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.forked import COMMAND

ROOT = Path(__file__).parents[2]
FIVE = [
    (1655106960, -310255860.0),
    (1655107020, -314011220.0),
    (1655107080, -314011220.0),
    (1655107140, -314011220.0),
    (1655107200, -314011220.0),
]


def environment(home: Path, **more: str) -> dict[str, str]:
    """Nothing of the user's, and no keyring."""
    home.mkdir(exist_ok=True)
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("LONGPORT_", "LONGBRIDGE_"))}
    own = {"HOME": str(home), "XDG_STATE_HOME": str(home / "state"), "LOCALAPPDATA": str(home)}
    keyring = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    return clean | own | keyring | {"PYTHONPATH": str(ROOT)} | more


def command(home: Path, *arguments: str) -> list[str]:
    folders = ["--data-dir", str(home / "data"), "--config-dir", str(home / "config")]
    return [*COMMAND, arguments[0], *folders, *arguments[1:]]


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment in which `longport:` is a simulator on the evening of the docs' own sample.

    Nobody names the day: both brokers' pages print one of their own.
    """
    home = tmp_path_factory.mktemp("simulator")
    words = ["--scenario", "seed-day", "--speed", "0", "--rate-limit", "off"]
    process = subprocess.Popen(
        command(home, "simulate", *words), stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment(home)
    )
    try:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        places = {"LONGBRIDGE_QUOTE_URL": f"tcp://{ready['longport_tcp']}", "OPEND": f"opend://{ready['opend']}"}
        yield ready["longport_environment"] | places
    finally:
        process.kill()
        process.communicate(timeout=20)


def run(home: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(home, *arguments),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        cwd=ROOT,
        env=environment(home, **more),
        check=False,
    )


@pytest.mark.parametrize("source", ["longport:", "longport:?transport=tcp", "longport:?transport=http"])
def test_the_docs_five_lines_come_through(tmp_path: Path, simulated: dict[str, str], source: str) -> None:
    done = run(tmp_path, "fetch", "700.HK", "--source", source, "--format", "json", **simulated)
    assert done.returncode == 0, done.stderr
    facts: dict[str, Any] = json.loads(done.stdout)[0]
    assert [(line["timestamp"], line["net"]) for line in facts["lines"]] == FIVE
    assert facts["lines"][0]["time"] == "2022-06-13T15:56:00+08:00"
    assert (facts["source"], facts["session"], facts["simulated"]) == ("longport", "2022-06-13", True)
    assert {facts["lines"][0][name] for name in ("main", "extra_large", "large", "medium", "small")} == {None}
    assert facts["last_valid"] is None


def test_watch(tmp_path: Path, simulated: dict[str, str]) -> None:
    words = ["700.HK", "--source", "longport:", "--for", "2", "--format", "jsonl", "--ignore-calendar"]
    done = run(tmp_path, "watch", *words, **simulated)
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    flow = next(event for event in events if event["type"] == "flow")
    assert (flow["source"], flow["lines"], flow["net"]) == ("longport", 5, FIVE[-1][1])
    assert events[-1]["type"] == "summary"
    assert events[-1]["refused"] == 0


def test_each_brokers_page_is_served_on_its_own_day(tmp_path: Path, simulated: dict[str, str]) -> None:
    sessions = {}
    for name, source in (("opend", simulated["OPEND"]), ("longport", "longport:")):
        done = run(tmp_path, "fetch", "700.HK", "--source", source, "--format", "json", **simulated)
        sessions[name] = json.loads(done.stdout)[0]["session"]
    assert sessions == {"opend": "2022-06-08", "longport": "2022-06-13"}


def test_each_of_two_sources_keeps_its_own_pace(tmp_path: Path, simulated: dict[str, str]) -> None:
    words = ["700.HK", "--for", "4", "--format", "jsonl", "--ignore-calendar"]
    both = ["--source", simulated["OPEND"], "--source", "longport:"]
    done = run(tmp_path, "watch", *words, *both, **simulated)
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    flows = [event["source"] for event in events if event["type"] == "flow"]
    # One call a second on OpenD, ten on Longport.
    assert 1 <= flows.count("opend") <= 6
    assert flows.count("longport") > 12


def test_a_symbol_nobody_knows(tmp_path: Path, simulated: dict[str, str]) -> None:
    done = run(tmp_path, "fetch", "12345.HK", "--source", "longport:", "--format", "json", **simulated)
    assert done.returncode == 4
    error = json.loads(done.stdout)[0]["error"]
    assert (error["kind"], error["code"]) == ("UnknownSymbol", 301600)


def test_a_wrong_secret_is_said_at_once_and_never_shown(tmp_path: Path, simulated: dict[str, str]) -> None:
    secrets = {"LONGBRIDGE_APP_SECRET": "a-secret-of-mine", "LONGBRIDGE_ACCESS_TOKEN": "a-token-of-mine"}
    for verb, words in (("fetch", []), ("watch", ["--for", "1"])):
        done = run(
            tmp_path, verb, "700.HK", "--source", "longport:", "--log-level", "debug", *words, **simulated | secrets
        )
        assert "signature invalid" in done.stderr
        logs = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "data").rglob("*.log"))
        assert "signature invalid" in logs
        key = simulated["LONGBRIDGE_APP_KEY"]
        for text in (done.stdout, done.stderr, logs):
            assert not any(secret in text for secret in (*secrets.values(), key))


def test_without_credentials(tmp_path: Path) -> None:
    done = run(tmp_path, "fetch", "700.HK", "--source", "longport:")
    assert done.returncode == 2
    assert "no keyring" in done.stderr
    assert "LONGBRIDGE_APP_KEY" in done.stderr


def test_nothing_there(tmp_path: Path, simulated: dict[str, str]) -> None:
    gone = simulated | {"LONGBRIDGE_HTTP_URL": "http://127.0.0.1:1"}
    done = run(tmp_path, "fetch", "700.HK", "--source", "longport:", **gone)
    assert done.returncode == 3
    assert "cannot be reached" in done.stderr
