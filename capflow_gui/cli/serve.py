"""`capflow serve`: what the profile watches, for other programs."""

from __future__ import annotations

import argparse
import asyncio
import sys
from contextlib import AsyncExitStack, closing

from capflow_gui.cli.output import SIMULATED, Output, logging_through
from capflow_gui.cli.status import DONE, INTERRUPTED
from capflow_gui.clock import SystemClock
from capflow_gui.credentials import Conceal
from capflow_gui.paths import policy_files
from capflow_gui.present.language.texts import _
from capflow_gui.serve.opening import open_service
from capflow_gui.serve.service import Service, give_up
from capflow_gui.serve.stdio import read_lines, serve_lines
from capflow_gui.settings import Settings, read_policy
from capflow_gui.stop_signals import stop_on_signals

_STDIN = 0


def run(arguments: argparse.Namespace, settings: Settings, conceal: Conceal) -> int:
    """Serve until stdin ends or a signal comes; the exit status.

    Raises InvalidInput and what keeps a source from being opened, and OutputFailed where stdout cannot be written.
    """
    return asyncio.run(_serve(arguments, settings, conceal))


async def _serve(arguments: argparse.Namespace, settings: Settings, conceal: Conceal) -> int:
    folders = arguments.config_dir, arguments.data_dir
    async with AsyncExitStack() as stack:
        output, told = (stack.enter_context(closing(Output(stream))) for stream in (sys.stdout, sys.stderr))
        stack.enter_context(logging_through(told))
        policy = read_policy(policy_files())
        service = await stack.enter_async_context(
            open_service(arguments.sources, folders, settings, policy, clock=SystemClock(), conceal=conceal)
        )
        saying = asyncio.create_task(_say_simulated(service, told), name="simulated")
        stack.push_async_callback(give_up, [saying])
        stopped = asyncio.Event()
        serving = asyncio.create_task(serve_lines(service, read_lines(_STDIN), output.write), name="serving")
        stack.push_async_callback(give_up, [serving])
        stopping = asyncio.create_task(stopped.wait(), name="stop")
        stack.push_async_callback(give_up, [stopping])
        try:
            with stop_on_signals(stopped.set, interrupt=False):  # the runner answers to Ctrl-C
                await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            return INTERRUPTED
        if serving.done():
            serving.result()
    return DONE


async def _say_simulated(service: Service, told: Output) -> None:
    """Say it once, on stderr, as soon as a source has said that it is a simulator."""
    events = service.monitor.subscribe("simulated", events=True)
    with closing(events):
        async for _event in events:
            if service.monitor.simulated:
                told.put(f"{_(SIMULATED)}\n")
                return
