"""`capflow desk`: collect for many windows, serve a small desk from one command, and look at how it is."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AsyncExitStack, closing
from functools import partial
from pathlib import Path
from typing import Any

from capflow_gui.cli.output import Output, logging_through, say_simulated, write_out
from capflow_gui.cli.status import DONE, INTERRUPTED, NO_CONNECTION
from capflow_gui.clock import Clock, SystemClock
from capflow_gui.credentials import Conceal
from capflow_gui.desk.bus import Bus, BusAccess
from capflow_gui.desk.collector import Collector
from capflow_gui.desk.opening import Asked, open_access, open_collector, read_bus
from capflow_gui.desk.serving.certificates import now_utc, renew_certificate
from capflow_gui.desk.serving.configuration import COLLECTOR
from capflow_gui.desk.serving.folder import DeskFolder, locked, prepare
from capflow_gui.desk.serving.renewal import keep_renewed
from capflow_gui.desk.serving.server import BusServer, end_orphan, find_server
from capflow_gui.desk.status import DeskStatus, look
from capflow_gui.errors import InvalidInput, SettingsError
from capflow_gui.paths import Paths, disk_words, policy_files, shown
from capflow_gui.present.desk import status_lines
from capflow_gui.present.language.texts import _
from capflow_gui.reason import Code, Reason
from capflow_gui.settings import Settings, read_policy
from capflow_gui.settings.file import advice
from capflow_gui.sources import Address
from capflow_gui.stop_signals import stop_on_signals

_FOLDER = "desk"


def run(arguments: argparse.Namespace, settings: Settings, conceal: Conceal) -> int:
    """Do what is asked, until a signal comes; the exit status.

    Raises InvalidInput, SettingsError (also where nobody declared that a desk may have a source), AuthFailed.
    """
    match arguments.action:
        case "serve":
            return asyncio.run(_until_signal(_serve(arguments, settings, SystemClock(), conceal)))
        case "collect":
            return asyncio.run(_until_signal(_collect(arguments, settings, SystemClock(), conceal)))
        case _:
            return asyncio.run(_status(arguments, SystemClock(), conceal))


async def _until_signal(work: Coroutine[Any, Any, None]) -> int:
    """Do some work until a signal comes, while it is being set up, too: a server that was started is ended with it."""
    stopped = asyncio.Event()
    working = asyncio.create_task(work, name="desk")
    stopping = asyncio.create_task(_set(stopped), name="stop")
    status = DONE
    with stop_on_signals(stopped.set, interrupt=False):  # the runner answers to Ctrl-C
        try:
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            status = INTERRUPTED
        for task in (working, stopping):
            task.cancel()
        await asyncio.wait({working, stopping})
    if not working.cancelled():
        working.result()
    return status


async def _set(stopped: asyncio.Event) -> None:
    await stopped.wait()


def _asked(arguments: argparse.Namespace) -> Asked:
    return Asked(arguments.sources, arguments.symbols, arguments.rules, arguments.shards)


def _bus(arguments: argparse.Namespace) -> Address:
    if arguments.bus is None:
        raise InvalidInput("--bus", Reason.of(Code.SETTING_MISSING), Reason.of(Code.WRITE_AS, form="nats://HOST:4222"))
    return read_bus(arguments.bus, arguments.user or COLLECTOR, arguments.ca, arguments.secret)


async def _collect(arguments: argparse.Namespace, settings: Settings, clock: Clock, conceal: Conceal) -> None:
    async with AsyncExitStack() as stack:
        told = stack.enter_context(closing(Output(sys.stderr)))
        stack.enter_context(logging_through(told))
        access = await stack.enter_async_context(open_access(_bus(arguments), clock, conceal))
        collector = await stack.enter_async_context(_opened(arguments, settings, access, clock, conceal))
        told.put(_("Collecting for the desk at {address}.").format(address=access.config.address) + "\n")
        await _run_collector(collector, told)


@contextlib.asynccontextmanager
async def _opened(
    arguments: argparse.Namespace, settings: Settings, access: BusAccess, clock: Clock, conceal: Conceal
) -> AsyncIterator[Collector]:
    folders, real = (arguments.config_dir, arguments.data_dir), arguments.main_folders[1] is None
    policy = read_policy(policy_files())
    async with open_collector(
        _asked(arguments), access, folders, settings, policy, real=real, clock=clock, conceal=conceal
    ) as collector:
        yield collector


async def _run_collector(collector: Collector, told: Output, *others: asyncio.Task[None]) -> None:
    """Collect until cancelled, or until something ends: its error is raised."""
    collecting = asyncio.create_task(collector.run(), name="collector")
    saying = asyncio.create_task(say_simulated(collector.monitor, told), name="simulated")
    try:
        done, _pending = await asyncio.wait({collecting, *others}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (collecting, saying):
            task.cancel()
        await asyncio.wait({collecting, saying})
    for task in done:
        task.result()


# --- serve


async def _serve(arguments: argparse.Namespace, settings: Settings, clock: Clock, conceal: Conceal) -> None:
    program = find_server(arguments.server or settings.desk_server.program)
    host, port = arguments.listen
    paths = Paths.resolve(config_dir=arguments.config_dir, data_dir=arguments.data_dir)
    windows = arguments.window or [f"ws{number:02}" for number in range(1, arguments.windows + 1)]
    async with AsyncExitStack() as stack:
        told = stack.enter_context(closing(Output(sys.stderr)))
        stack.enter_context(logging_through(told))
        make = partial(prepare, paths.data / _FOLDER, host, windows=windows, now=now_utc(clock.wall()))
        with _naming_files(paths.data / _FOLDER):
            stack.enter_context(locked(paths.data / _FOLDER))
            desk = await asyncio.to_thread(make, port)
            await asyncio.to_thread(end_orphan, desk.server_file)
        server = BusServer(program, desk.server_file, clock)
        running = asyncio.create_task(server.run(), name="server")
        stack.push_async_callback(_end, running)
        await server.started()
        if port == 0:
            with _naming_files(paths.data / _FOLDER):
                await asyncio.to_thread(make, server.port)  # started again, it keeps the port that windows know
        access = await stack.enter_async_context(open_access(_own(desk, server), clock, conceal))
        collector = await stack.enter_async_context(_opened(arguments, settings, access, clock, conceal))
        renew = partial(_renew, desk, clock)
        renewing = keep_renewed(renew, server.read_again, partial(setattr, collector, "server_trouble"), clock)
        stack.push_async_callback(_end, asyncio.create_task(renewing, name="certificate"))
        write_out(status_lines.addresses(_shown_host(host), server.port, desk))
        await _run_collector(collector, told, running)


@contextlib.contextmanager
def _naming_files(folder: Path) -> Iterator[None]:
    """Raises SettingsError for an OSError: it names the file, or the folder where none is known."""
    try:
        yield
    except OSError as error:
        reason = Reason.of(Code.CANNOT_BE_WRITTEN, why=disk_words(error))
        named = error.filename if isinstance(error.filename, str) else folder
        raise SettingsError(shown(Path(named)), reason, advice(error)) from error


def _renew(desk: DeskFolder, clock: Clock) -> bool:
    return renew_certificate(desk.folder, desk.host, now_utc(clock.wall()))


def _own(desk: DeskFolder, server: BusServer) -> Address:
    """The way of the collector beside the server."""
    return Address(
        "desk",
        _shown_host(desk.host, own=True),
        server.port,
        user=COLLECTOR,
        ca=desk.authority,
        secret=desk.secret_file(COLLECTOR),
    )


def _shown_host(host: str, *, own: bool = False) -> str:
    """What a window is told where the server listens on every address of this computer."""
    if host not in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        return host
    return "127.0.0.1" if own else "HOST"


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})


# --- status


async def _status(arguments: argparse.Namespace, clock: Clock, conceal: Conceal) -> int:
    async with AsyncExitStack() as stack:
        access = await stack.enter_async_context(open_access(_status_bus(arguments), clock, conceal))
        found: list[DeskStatus] = []
        bus = Bus(access, clock, lambda client: look(client, clock, found.append))
        await bus.use_once()
        write = status_lines.to_json if arguments.format == "json" else status_lines.to_table
        write_out(write(found[0], bus.expires))
    return NO_CONNECTION if found[0].missing is None else DONE


def _status_bus(arguments: argparse.Namespace) -> Address:
    """The one that is named; else the desk that is served from this profile."""
    if arguments.bus is not None:
        return _bus(arguments)
    paths = Paths.resolve(config_dir=arguments.config_dir, data_dir=arguments.data_dir)
    listen: tuple[str, int] = arguments.listen
    desk = DeskFolder(paths.data / _FOLDER, listen[0], listen[1], ())
    if not desk.authority.exists():
        return _bus(arguments)
    host = _shown_host(desk.host, own=True)
    secret = desk.secret_file(COLLECTOR)
    return Address("desk", host, desk.port, user=COLLECTOR, ca=desk.authority, secret=secret)
