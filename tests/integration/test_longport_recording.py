"""A day recorded of Longport whose connection fails in its middle: what is shown meanwhile, and what is recorded."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from capflow_gui.archive.profile import ProfileArchive
from capflow_gui.credentials import AppKey
from capflow_gui.domain.link import LinkPhase
from capflow_gui.domain.session import Calendar
from capflow_gui.feed.source import Source
from capflow_gui.monitor import Monitor
from capflow_gui.present.row_sentence import row_sentence
from capflow_gui.providers.longport.config import LongportConfig
from capflow_gui.providers.longport.login import KeyLogin
from capflow_gui.providers.longport.provider import LongportProvider
from capflow_gui.quota.limiters import Limiters
from capflow_gui.quota.quota_file import QuotaFile
from capflow_gui.settings import ArchiveSettings
from capflow_gui.simulator.longport.server import LongportConfig as ServerConfig
from capflow_gui.simulator.longport.server import LongportSimulator
from capflow_gui.simulator.opend.server import OpendSimulator, SimulatorConfig
from tests.integration.hurried_clock import HurriedClock
from tests.integration.test_recording import LIST, TENCENT, Program, at, is_final, recorded, same_day

ZONE = "Asia/Hong_Kong"


@asynccontextmanager
async def recording(
    folder: Path, simulator: LongportSimulator, calendar: Calendar, clock: HurriedClock
) -> AsyncIterator[Program]:
    account = simulator.account
    config = LongportConfig(simulator.http_url, simulator.ws_url, simulator.tcp, transport="websocket")
    key = AppKey(account.app_key, account.app_secret, account.access_token)
    provider = LongportProvider(config, KeyLogin(key, clock), clock)
    limits = Limiters(str(folder), provider.capabilities.limits, clock=clock, file=QuotaFile(None), one_quota=True)
    archive = await asyncio.to_thread(ProfileArchive, folder, ArchiveSettings(), real=False)
    monitor = Monitor([Source("longport", provider, limits)], LIST, calendar=calendar, clock=clock, archive=archive)
    task = asyncio.create_task(monitor.run())
    try:
        yield Program(monitor, clock)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await asyncio.to_thread(archive.close)


def words(program: Program) -> str:
    """What is said of Tencent's row."""
    row, (link,) = program.monitor.row(TENCENT), program.monitor.links
    return str(row_sentence(row, link, program.monitor.market_now(), program.clock.monotonic(), ZONE))


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        (["drop:1"], "Longport lost"),
        (["refuse:8"], "Longport lost"),
        (["http-code:401003", "session-expiry"], "Longport needs you"),
        (["kicked"], "Longport lost"),
    ],
    ids=["dropped", "refused", "token expired", "right taken elsewhere"],
)
async def test_a_day_whose_connection_failed_is_the_day_of_a_run_without_faults(
    faults: list[str], said: str, sessions: Calendar, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Longport says no last valid time: after the close it is asked until two replies in a row say the same."""
    caplog.set_level(logging.ERROR, "capflow_gui")
    clock = HurriedClock(40.0)
    server = ServerConfig(calls=None)
    async with (
        OpendSimulator(SimulatorConfig(clock="2026-06-10T10:00:00+08:00"), clock=clock, calendar=sessions) as opend,
        LongportSimulator(server, market=opend.market, market_clock=opend.market_clock, clock=clock) as sound,
        LongportSimulator(server, market=opend.market, market_clock=opend.market_clock, clock=clock) as faulty,
        recording(tmp_path / "sound", sound, sessions, clock) as never_failed,
        recording(tmp_path / "faulty", faulty, sessions, clock) as failing,
    ):
        for program in (never_failed, failing):
            await program.until(program.has_polled)
        for fault in faults:
            faulty.faults.add(fault)
        opend.market_clock.set(at(11))
        await failing.until(lambda: said in words(failing) and "showing 10:00" in words(failing))
        faulty.faults.clear()
        if failing.monitor.links[0].phase is LinkPhase.FAILED:
            failing.monitor.reconnect("longport")
        opend.market_clock.set(at(16, 12))
        for program in (never_failed, failing):
            await program.until(lambda program=program: is_final(program))
            assert "331 lines confirmed" in words(program)
    healed, whole = recorded(tmp_path / "faulty"), recorded(tmp_path / "sound")
    assert healed.keys() == whole.keys() == set(LIST)
    assert all(same_day(healed[symbol], whole[symbol]) for symbol in LIST)
