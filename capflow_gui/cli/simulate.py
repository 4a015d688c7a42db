"""`capflow simulate`: a simulated OpenD and Longport on loopback, for scripts, tests and whoever has no account."""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path

from capflow_gui.cli.output import OutputFailed, write_out
from capflow_gui.cli.status import DONE
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.symbols import words_of
from capflow_gui.errors import InvalidInput
from capflow_gui.present.language.texts import _
from capflow_gui.reason import Code, Reason
from capflow_gui.simulator.faults import Fault, FaultName
from capflow_gui.simulator.longport.server import LongportConfig, LongportSimulator
from capflow_gui.simulator.market.clock import MarketClock
from capflow_gui.simulator.market.scenario import find_scenario
from capflow_gui.simulator.opend.server import OpendSimulator, SimulatorConfig
from capflow_gui.stop_signals import stop_on_signals


def run(arguments: argparse.Namespace) -> int:
    """Serve until a signal ends it; the exit status is 0 then. Raises InvalidInput for what cannot be simulated."""
    if arguments.list_faults:
        for name in FaultName:
            write_out(f"{name.value:17} {name.line}\n")
        return DONE
    simulator = OpendSimulator(_config(arguments))
    longport = LongportSimulator(
        _longport_config(arguments), market=simulator.market, market_clock=_longport_clock(simulator)
    )
    _check_stats(arguments.stats)
    asyncio.run(_serve(simulator, longport, arguments.stats))
    return DONE


def _config(arguments: argparse.Namespace) -> SimulatorConfig:
    default = SimulatorConfig()
    key: Path | None = arguments.rsa_key
    if key is not None and not key.is_file():
        raise InvalidInput(str(key), Reason.of(Code.NO_KEY_FILE), Reason.of(Code.MAKE_RSA_KEY))
    keep_alive = default.keep_alive if arguments.keep_alive is None else max(round(arguments.keep_alive), 1)
    return SimulatorConfig(
        scenario=arguments.scenario or default.scenario,
        symbols=_symbols(arguments.symbols),
        seed=default.seed if arguments.seed is None else arguments.seed,
        speed=default.speed if arguments.speed is None else arguments.speed,
        clock=arguments.clock.isoformat() if arguments.clock is not None else None,
        rsa_key=key,
        cipher=arguments.cipher,
        rate_limit=arguments.rate_limit,
        keep_alive=keep_alive,
        faults=tuple(text for text in arguments.faults if not Fault.parse(text).name.longport_alone),
        port=arguments.opend_port,
    )


def _longport_config(arguments: argparse.Namespace) -> LongportConfig:
    """Longport's quota is its own: --rate-limit off lifts both, numbers are OpenD's."""
    default = LongportConfig()
    return LongportConfig(
        port=arguments.longport_port,
        calls=None if arguments.rate_limit is None else default.calls,
        seed=default.seed if arguments.seed is None else arguments.seed,
        faults=tuple(arguments.faults),
    )


def _longport_clock(simulator: OpendSimulator) -> MarketClock:
    """The market's own clock, except where both brokers' figures are of different days and nobody named one."""
    start = find_scenario(simulator.config.scenario).longport_start
    if start is None or simulator.config.clock is not None:
        return simulator.market_clock
    return MarketClock(start, simulator.config.speed, simulator.clock)


def _symbols(text: str | None) -> int | list[Symbol] | None:
    if text is None:
        return None
    words = words_of(text)
    if len(words) == 1 and words[0].isdecimal() and len(words[0]) <= 5:
        return int(words[0])
    return [Symbol.parse(word) for word in words]


def _check_stats(path: Path | None) -> None:
    """A folder that isn't there should be said now, not after an hour of counting."""
    if path is not None and not path.absolute().parent.is_dir():
        raise InvalidInput(str(path), Reason.of(Code.NO_STATS_FOLDER))


async def _serve(simulator: OpendSimulator, longport: LongportSimulator, stats: Path | None) -> None:
    stop = asyncio.Event()
    with stop_on_signals(stop.set):
        try:
            async with simulator, longport:
                ready = {
                    "type": "ready",
                    "opend": f"{simulator.host}:{simulator.port}",
                    "longport_http": longport.http_url,
                    "longport_ws": longport.ws_url,
                    "longport_tcp": longport.tcp,
                    "longport_environment": longport.environment,
                }
                write_out(f"{json.dumps(ready)}\n")
                await stop.wait()
        except OSError as error:
            ports = f"{simulator.config.port}, {longport.config.port}"
            reason = Reason.of(Code.PORT_UNUSABLE, why=error.strerror or str(error))
            raise InvalidInput(ports, reason) from error
    if stats is not None:
        text = json.dumps({**simulator.stats.as_json(), "longport": longport.stats.as_json()}, indent=1)
        try:
            await asyncio.to_thread(stats.write_text, text, encoding="utf-8")
        except OSError as error:
            text = _("{file} cannot be written: {why}")
            raise OutputFailed(text.format(file=stats, why=error.strerror or error)) from error
