"""`capflow serve`: what the profile watches, for other programs."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Coroutine
from contextlib import AsyncExitStack, closing
from importlib.util import find_spec
from typing import Any

from capflow_gui.cli.output import Output, logging_through, say_simulated
from capflow_gui.cli.status import DONE, INTERRUPTED
from capflow_gui.clock import SystemClock
from capflow_gui.credentials import Conceal
from capflow_gui.errors import InvalidInput
from capflow_gui.paths import policy_files, shown
from capflow_gui.reason import Code, Reason
from capflow_gui.serve.opening import open_service
from capflow_gui.serve.service import Service, give_up
from capflow_gui.serve.stdio import read_lines, serve_lines
from capflow_gui.settings import Settings, read_policy
from capflow_gui.stop_signals import stop_on_signals

_STDIN = 0


def run(arguments: argparse.Namespace, settings: Settings, conceal: Conceal) -> int:
    """Serve until stdin ends, or with --http until a signal comes; the exit status.

    Raises InvalidInput and what keeps a source from being opened, and OutputFailed where stdout cannot be written.
    """
    _check(arguments)
    return asyncio.run(_serve(arguments, settings, conceal))


def _check(arguments: argparse.Namespace) -> None:
    if arguments.mcp and arguments.http is not None:
        host, port = arguments.http
        raise InvalidInput(f"--http {host}:{port}", Reason.of(Code.ONE_WAY_TO_ASK), Reason.of(Code.START_TWICE))
    if arguments.mcp and find_spec("mcp") is None:
        raise InvalidInput("--mcp", Reason.of(Code.NO_MCP), Reason.of(Code.INSTALL_MCP))


async def _serve(arguments: argparse.Namespace, settings: Settings, conceal: Conceal) -> int:
    folders = arguments.config_dir, arguments.data_dir
    async with AsyncExitStack() as stack:
        output, told = (stack.enter_context(closing(Output(stream))) for stream in (sys.stdout, sys.stderr))
        stack.enter_context(logging_through(told))
        policy = read_policy(policy_files())
        service = await stack.enter_async_context(
            open_service(arguments.sources, folders, settings, policy, clock=SystemClock(), conceal=conceal)
        )
        saying = asyncio.create_task(say_simulated(service.monitor, told), name="simulated")
        stack.push_async_callback(give_up, [saying])
        stopped = asyncio.Event()
        face = await _face(arguments, service, output, stack)
        serving = asyncio.create_task(face, name="serving")
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


async def _face(
    arguments: argparse.Namespace, service: Service, output: Output, stack: AsyncExitStack
) -> Coroutine[Any, Any, None]:
    """What is to be run until it ends."""
    if arguments.http is not None:
        from capflow_gui.serve.web.server import serving_http
        from capflow_gui.serve.web.token import FILE_NAME, token_in

        token = await asyncio.to_thread(token_in, service.paths.state, service.conceal)
        host, port = await stack.enter_async_context(serving_http(service, token, *arguments.http))
        address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        ready = {"type": "ready", "http": address, "token_file": shown(service.paths.state / FILE_NAME)}
        await output.write(json.dumps(ready, ensure_ascii=False) + "\n")
        return _for_ever()
    lines = read_lines(_STDIN)
    if arguments.mcp:
        from capflow_gui.serve.mcp import serve_mcp

        return serve_mcp(service, lines, output.write)
    return serve_lines(service, lines, output.write)


async def _for_ever() -> None:
    await asyncio.Event().wait()
