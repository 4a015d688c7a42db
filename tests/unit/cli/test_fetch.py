"""`capflow fetch` against simulated OpenDs, as a process: figures, formats, exit statuses, and no Qt."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from tests.forked import COMMAND

ROOT = Path(__file__).parents[3]
posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals and pipes")


def environment(home: Path) -> dict[str, str]:
    """Nothing of the user's: the quota file is every process' of a user."""
    home.mkdir(exist_ok=True)
    return os.environ | {
        "HOME": str(home),
        "XDG_STATE_HOME": str(home / "state"),
        "LOCALAPPDATA": str(home),
        "PYTHONPATH": str(ROOT),
    }


def command(home: Path, *arguments: str) -> list[str]:
    folders = ["--data-dir", str(home / "data"), "--config-dir", str(home / "config")]
    return [*COMMAND, arguments[0], *folders, *arguments[1:]]


Simulate = Callable[..., str]


@pytest.fixture(scope="module")
def simulate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulate]:
    """`simulate("--scenario", …)`: start one, and give its SRC; the same arguments give the same one."""
    home = tmp_path_factory.mktemp("simulators")
    known: dict[tuple[str, ...], str] = {}
    with ExitStack() as stack:

        def start(*arguments: str) -> str:
            if arguments not in known:
                known[arguments] = stack.enter_context(_simulator(home, *arguments))
            return known[arguments]

        yield start


@contextmanager
def _simulator(home: Path, *arguments: str) -> Iterator[str]:
    process = subprocess.Popen(
        command(home, "simulate", *arguments), stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment(home)
    )
    try:
        assert process.stdout is not None
        yield "opend://" + json.loads(process.stdout.readline())["opend"]
    finally:
        process.kill()
        process.communicate(timeout=20)


@pytest.fixture
def seed_day(simulate: Simulate) -> str:
    """HK.00700 on 2022-06-08 as the API page prints it."""
    return simulate("--scenario", "seed-day", "--speed", "0", "--rate-limit", "off")


def fetch(home: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(home, "fetch", *arguments),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        cwd=ROOT,
        env=environment(home) | variables,
        check=False,
    )


def test_the_api_pages_figures(tmp_path: Path, seed_day: str) -> None:
    done = fetch(tmp_path, "hk.00700", "--source", seed_day, "--format", "json")
    assert done.returncode == 0, done.stderr
    (facts,) = json.loads(done.stdout)
    assert list(facts) == [
        "symbol", "source", "period", "currency", "cumulative", "session", "last_valid", "flags", "lines",
        "simulated",
    ]  # fmt: skip
    assert (facts["symbol"], facts["source"], facts["period"], facts["currency"]) == (
        "700.HK", "opend", "intraday", "HKD",
    )  # fmt: skip
    assert (facts["cumulative"], facts["session"]) == (True, "2022-06-08")
    lines = facts["lines"]
    assert lines[1] == {
        "time": "2022-06-08T09:31:00+08:00",
        "timestamp": 1654651860,
        "net": -4960940.0,
        "main": -4857400.0,
        "extra_large": 0.0,
        "large": -4857400.0,
        "medium": -10049040.0,
        "small": 9945500.0,
        "provisional": False,
    }
    net = [line["net"] for line in lines]
    assert [b - a for a, b in pairwise(net[:4])] == [-4960940.0, 1700600.0, 60418280.0]
    # Minutes the page does not print are missing, not invented.
    assert [line["time"][11:16] for line in lines] == [
        "09:30", "09:31", "09:32", "09:33", "09:34", "09:35", "10:46", "10:47",
    ]  # fmt: skip
    assert facts["flags"] == ["gap"]
    assert (facts["last_valid"], net[-1], lines[-1]["provisional"]) == (
        "2022-06-08T10:47:25+08:00", 1380497320.0, True,
    )  # fmt: skip


def test_the_day_sample(tmp_path: Path, seed_day: str) -> None:
    asked = ("700.HK", "--source", seed_day, "--period", "day", "--end", "2022-06-08")
    (facts,) = json.loads(fetch(tmp_path, *asked, "--format", "json").stdout)
    first, last = facts["lines"][0], facts["lines"][-1]
    assert (first["time"], first["net"], first["provisional"]) == ("2021-06-08T00:00:00+08:00", -185791500.0, False)
    assert (last["time"], last["net"], last["provisional"]) == ("2022-06-08T00:00:00+08:00", 2179240320.0, True)
    assert last["small"] is None
    assert (facts["session"], facts["last_valid"], facts["cumulative"]) == (None, None, False)


def test_dates_follow_the_vendors_table(tmp_path: Path, simulate: Simulate) -> None:
    source = simulate("--clock", "2026-11-20T10:00:00+08:00", "--speed", "0", "--rate-limit", "off")

    def span(*dates: str) -> tuple[str, str]:
        done = fetch(tmp_path, "700.HK", "--source", source, "--period", "day", "--format", "csv", *dates)
        times = [row["time"][:10] for row in csv.DictReader(io.StringIO(done.stdout))]
        return times[0], times[-1]

    # The simulator has a year's days, as OpenD has.
    assert span() == ("2025-11-20", "2026-11-20")
    assert span("--start", "2026-11-02", "--end", "2026-11-04") == ("2026-11-02", "2026-11-04")
    assert span("--end", "2026-11-18") == ("2025-11-19", "2026-11-18")
    assert span("--start", "2025-12-01") == ("2025-12-01", "2026-11-20")


def test_what_fails_for_one_symbol_is_a_line_and_no_more(tmp_path: Path, seed_day: str) -> None:
    done = fetch(tmp_path, "700.HK", "99999.HK", "--source", seed_day, "--format", "json")
    assert done.returncode == 0
    good, bad = json.loads(done.stdout)
    assert good["symbol"] == "700.HK"
    assert list(bad) == ["symbol", "source", "error"]
    assert bad["error"]["kind"] == "UnknownSymbol"
    assert bad["error"]["code"] == -1
    assert "99999" in bad["error"]["message"]
    told = [line for line in done.stderr.splitlines() if "99999.HK" in line]
    assert len(told) == 1
    assert bad["error"]["message"] in told[0]


def test_a_symbol_given_twice_is_asked_once(tmp_path: Path, seed_day: str) -> None:
    done = fetch(tmp_path, "700.HK", "HK.00700", "\ufeff00700。HK,700.HK", "--source", seed_day, "--format", "json")
    assert [answer["symbol"] for answer in json.loads(done.stdout)] == ["700.HK"]


TWELVE = ["700", "9988", "3690", "981", "1810", "9618", "941", "2015", "2318", "388", "5", "1211"]


def test_a_lost_connection_is_waited_for_and_every_symbol_asked_again(tmp_path: Path, simulate: Simulate) -> None:
    source = simulate("--fault", "drop:7", "--rate-limit", "off")
    symbols = [f"{code}.HK" for code in TWELVE]
    done = fetch(tmp_path, *symbols, "--source", source, "--format", "json")
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)
    assert [answer["symbol"] for answer in answers] == symbols
    assert all("lines" in answer for answer in answers)


def test_a_symbol_that_is_never_answered_makes_the_result_incomplete(tmp_path: Path, simulate: Simulate) -> None:
    source = simulate("--fault", "unknown-serial:every=2,interface=3211")
    done = fetch(tmp_path, "700.HK", "9988.HK", "--source", source, "--format", "json")
    kinds = [answer.get("error", {}).get("kind", "") for answer in json.loads(done.stdout)]
    assert sorted(kinds) == ["", "RequestTimeout"]
    assert done.returncode == 3


@pytest.mark.parametrize("style", ["table", "csv", "json"])
def test_a_period_without_lines_is_said(tmp_path: Path, simulate: Simulate, style: str) -> None:
    source = simulate("--clock", "2026-11-20T10:00:00+08:00", "--speed", "0", "--rate-limit", "off")
    weekend = ("--period", "day", "--start", "2026-11-14", "--end", "2026-11-15")
    done = fetch(tmp_path, "700.HK", *weekend, "--source", source, "--format", style)
    assert done.returncode == 4
    assert done.stderr.splitlines()[-1] == "700.HK: OpenD sent no lines: try other dates."
    if style == "json":
        assert json.loads(done.stdout)[0]["lines"] == []
    elif style == "table":
        assert done.stdout == ""


def test_csv_and_table(tmp_path: Path, seed_day: str) -> None:
    done = fetch(tmp_path, "700.HK", "99999.HK", "--source", seed_day, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["net"] for row in rows][:2] == ["0.0", "-4960940.0"]
    assert {row["symbol"] for row in rows} == {"700.HK"}
    table = fetch(tmp_path, "700.HK", "--source", seed_day, PYTHONIOENCODING="ascii")  # it is UTF-8 all the same
    assert table.returncode == 0
    assert "SIMULATED" in table.stdout.splitlines()[0]
    assert "−4,960,940" in table.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["7oo.HK"], "7oo.HK"),
        (["920748.BJ"], "Beijing's exchange is not covered"),
        (["000001.SH"], "is an index"),
        (["600519"], "write it as 600519.SH"),
        (["700.HK", "--start", "2022-02-30"], "2022-02-30"),
        (["700.HK", "--period", "day", "--start", "2022-06-09", "--end", "2022-06-08"], "2022-06-09"),
        (["700.HK", "--end", "2022-06-08"], "intraday"),
        (["700.HK", "--source", "sina:"], "sina:"),
        (["700.HK"], "no source is configured"),
        ([], "SYMBOL"),
    ],
)
def test_bad_usage(tmp_path: Path, arguments: list[str], words: str) -> None:
    done = fetch(tmp_path, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr


def test_every_symbol_rejected(tmp_path: Path, seed_day: str) -> None:
    done = fetch(tmp_path, "99999.HK", "88888.HK", "--source", seed_day, "--format", "json")
    assert done.returncode == 4
    assert [facts["error"]["kind"] for facts in json.loads(done.stdout)] == ["UnknownSymbol", "UnknownSymbol"]


def test_nobody_there(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        done = fetch(tmp_path, "700.HK", "--source", f"opend://127.0.0.1:{taken.getsockname()[1]}")
    assert (done.returncode, done.stdout) == (3, "")
    assert "OpenD cannot be reached" in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_answer_that_cannot_be_read(tmp_path: Path, simulate: Simulate) -> None:
    source = simulate("--fault", "unparsable:every=1,interface=3211")
    done = fetch(tmp_path, "700.HK", "--source", source, "--format", "json")
    assert done.returncode == 5
    assert json.loads(done.stdout)[0]["error"]["kind"] == "RemoteProtocolError"


@posix
def test_ctrl_c(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(30)
        source = f"opend://127.0.0.1:{silent.getsockname()[1]}"
        line = command(tmp_path, "fetch", "700.HK", "--source", source)
        with subprocess.Popen(line, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=environment(tmp_path)) as process:
            accepted, _ = silent.accept()
            process.send_signal(signal.SIGINT)
            assert process.stderr is not None
            assert (process.wait(timeout=60), process.stderr.read()) == (130, "")
            accepted.close()


@pytest.fixture
def without_qt(tmp_path: Path) -> dict[str, str]:
    """An environment in which PySide6, pyqtgraph and qasync cannot be imported."""
    stubs = tmp_path / "stubs"
    for name in ("PySide6", "pyqtgraph", "qasync"):
        (stubs / name).mkdir(parents=True)
        (stubs / name / "__init__.py").write_text(f"raise ImportError('{name} is not to be loaded')\n")
    env = environment(tmp_path / "home")
    return env | {"PYTHONPATH": os.pathsep.join([str(stubs), str(ROOT)])}


@pytest.mark.parametrize("verb", ["fetch", "watch", "serve"])
def test_no_qt_is_needed(tmp_path: Path, seed_day: str, without_qt: dict[str, str], verb: str) -> None:
    check = subprocess.run(
        [sys.executable, "-c", "import PySide6"], env=without_qt, capture_output=True, text=True, check=False
    )
    assert "not to be loaded" in check.stderr
    more = {
        "fetch": ["700.HK", "--format", "json"],
        "watch": ["700.HK", "--for", "2", "--format", "jsonl"],
        "serve": [],
    }
    asked = {"jsonrpc": "2.0", "id": 1, "method": "flow.get", "params": {"symbols": ["700.HK"]}}
    done = subprocess.run(
        command(tmp_path, verb, "--source", seed_day, *more[verb]),
        input=json.dumps(asked),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        cwd=ROOT,
        env=without_qt,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "1380497320.0" in done.stdout
