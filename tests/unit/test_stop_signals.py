from __future__ import annotations

import asyncio
import os
import signal

import pytest

from capflow_gui.stop_signals import stop_on_signals

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals are not sent like this on Windows")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
async def test_a_signal_stops_the_program_in_order(number: signal.Signals) -> None:
    stop = asyncio.Event()
    before = signal.getsignal(number)
    with stop_on_signals(stop.set):
        os.kill(os.getpid(), number)
        await asyncio.wait_for(stop.wait(), 20)
    assert signal.getsignal(number) in (before, signal.SIG_DFL, signal.default_int_handler)


async def test_ctrl_c_may_be_left_to_the_runner() -> None:
    before = signal.getsignal(signal.SIGINT)
    with stop_on_signals(lambda: None, interrupt=False):
        assert signal.getsignal(signal.SIGINT) is before


async def test_under_nohup_a_closed_terminal_stops_nothing() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stop_on_signals(lambda: None):
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
