"""The whole desktop program at debug level, with everything going wrong: no secret shows anywhere.

Searched are its streams, what its window shows, the report it saves, every file it leaves, and the process list. Not
searched is /proc/PID/environ: it is open to the same user alone, and it is where the user put the credentials.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from capflow_gui.settings import OpendSettings, Settings, WatchSettings, save
from capflow_gui.simulator.longport.account import Grant
from capflow_gui.simulator.longport.server import LongportConfig, LongportSimulator
from capflow_gui.simulator.opend.server import OpendSimulator, SimulatorConfig
from tests.integration.test_longport_command import ROOT, environment
from tests.integration.test_longport_secrets import Talkative, files_below, leaks, recorded

LIMIT_S = 90.0
DRIVER = str(Path(__file__).with_name("driven_desktop.py"))
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the process list is read from /proc")


@dataclass(slots=True)
class Moody(Talkative):
    """Repeats what it was shown to whoever asks for groups, and to everybody once it is told to."""

    talks: bool = False
    renewals: int = 0

    def renew(self, client_id: str, refresh: str) -> Grant | None:
        self.renewals += 1
        return Talkative.renew(self, client_id, refresh)

    def check(self, method: str, path: str, query: str, body: bytes, headers: Mapping[str, str]) -> None:
        talks, self.talks = self.talks, self.talks or path.endswith("groups")
        try:
            Talkative.check(self, method, path, query, body, headers)
        finally:
            self.talks = talks


def family(pid: int) -> str:
    """The command lines of a process and of all it started."""
    lines, wanted = [], [pid]
    for each in wanted:
        try:
            lines.append(Path(f"/proc/{each}/cmdline").read_text())
            for thread in Path(f"/proc/{each}/task").iterdir():
                wanted += map(int, (thread / "children").read_text().split())
        except (FileNotFoundError, ProcessLookupError):
            continue  # it is gone
    return "\n".join(lines)


async def drive(folder: Path, simulator: LongportSimulator, *arguments: str, **more: str) -> dict[str, str]:
    """Run the program to its end; everything it said and left, and what the process list said of it."""
    temp = folder / "temp"
    temp.mkdir(exist_ok=True)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "default", DRIVER, str(folder), *arguments),
        cwd=ROOT,
        env=environment(folder, QT_QPA_PLATFORM="offscreen", TMPDIR=str(temp), **more),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=1 << 22,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    said, lines, listed = asyncio.ensure_future(process.stderr.read()), list[str](), set[str]()
    try:
        async with asyncio.timeout(LIMIT_S):
            while line := (await process.stdout.readline()).decode():
                lines.append(line)
                listed.add(family(process.pid))
                if line == "figures\n":
                    assert isinstance(simulator.account, Moody)
                    simulator.account.talks = True
                    simulator.account.sessions.clear()
                    simulator.drop_connections()
            await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        stderr = (await said).decode()
    texts = {"stdout": "".join(lines), "stderr": stderr, "the process list": "\n".join(listed)} | files_below(folder)
    report = folder / "report.zip"
    assert report.exists(), texts["stdout"][-3000:] + stderr
    with zipfile.ZipFile(report) as archive:
        texts |= {f"report.zip/{name}": archive.read(name).decode() for name in archive.namelist()}
    return texts


def assert_everything_went_wrong(texts: dict[str, str]) -> None:
    log = next(text for place, text in texts.items() if place.endswith("capflow.log"))
    for words in ("in a slot", "in a thread", "in the loop", "in a task", "while dying", "refused: this does not do"):
        assert words in log, words
    for place in ("stdout", "report.zip/state.txt"):
        assert re.search("this does not do: (Bearer )?‹hidden›", texts[place]), place
    assert "in a thread" in texts["report.zip/capflow.log"]


def own_settings(folder: Path, opend: OpendSimulator) -> None:
    settings = Settings(
        first_run_done=True,
        source="longport",
        second_source="opend",
        opend=OpendSettings(port=opend.port),
        watchlist=WatchSettings(["700.HK", "5.HK"]),
    )
    save(folder / "config" / "settings.toml", settings)


async def in_the_environment(folder: Path, *more: str) -> tuple[dict[str, str], set[str]]:
    async with (
        OpendSimulator(SimulatorConfig()) as opend,
        LongportSimulator(
            LongportConfig(calls=None), market=opend.market, market_clock=opend.market_clock
        ) as simulator,
    ):
        account = recorded(simulator, Moody)
        own_settings(folder, opend)
        texts = await drive(folder, simulator, "environment", "{}", *more, **simulator.environment)
    return texts, account.seen


async def test_with_credentials_from_the_environment_and_a_crash_at_the_end(tmp_path: Path) -> None:
    texts, seen = await in_the_environment(tmp_path)
    assert_everything_went_wrong(texts)
    assert "Segmentation fault" in next(text for place, text in texts.items() if place.endswith("crash.log"))
    assert len(seen) >= 7
    assert leaks(texts, seen) == []


async def test_with_a_sign_in_a_renewal_and_the_keyring(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    opend = OpendSimulator(SimulatorConfig())
    async with LongportSimulator(
        LongportConfig(calls=None), market=opend.market, market_clock=opend.market_clock
    ) as simulator:
        account = recorded(simulator, Moody)
        assert isinstance(account, Moody)
        account.seen.clear()  # the app key has no part in this
        account.oauth_s = 200.0  # so short that it is renewed before every request
        urls = {"http_url": simulator.http_url, "ws_url": simulator.ws_url, "port": port}
        texts = await drive(tmp_path, simulator, "keyring", json.dumps(urls))
    assert_everything_went_wrong(texts)
    assert account.renewals >= 2  # before the first request, and in the session after it
    assert "the keyring gave what it kept" in texts["stdout"]
    assert len(account.seen) >= 12
    assert leaks(texts, account.seen) == []
    (settings,) = (text for place, text in texts.items() if place.endswith("config/settings.toml"))
    assert simulator.http_url in settings


async def test_this_test_finds_what_is_not_hidden(tmp_path: Path) -> None:
    """Without redaction the same run shows secrets on screen, in the log, on stderr and in the report."""
    texts, seen = await in_the_environment(tmp_path, "naked")
    found = leaks(texts, seen)
    for place in ("stdout", "stderr", "report.zip/capflow.log", "report.zip/state.txt", "capflow.log"):
        assert any(each.endswith(place) for each in found), place
    assert "the process list" not in found
    assert "report.zip/settings.toml" not in found
