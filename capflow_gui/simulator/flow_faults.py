"""Faults in the figures themselves: lines that break the rules of a good reply."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from capflow_gui.domain.symbol import Symbol
from capflow_gui.simulator.faults import Fault, FaultName, Faults
from capflow_gui.simulator.market.flow_reply import all_lines
from capflow_gui.simulator.market.market import Intraday, Line, SimulatedMarket

_NEWEST = 5
_GAP = 10
_HUGE = 1e5
_SMALL = 1e-4
_REVISION = 1.03


def true_at(faults: Faults, market: SimulatedMarket, symbol: Symbol, now: float) -> float:
    """The instant that figures are given of at market `now` (UTC epoch seconds)."""
    if (frozen := faults.holds(FaultName.FROZEN, symbol)) is not None:
        now = min(now, frozen.market_since)
    if any(faults.holds(name, symbol) for name in (FaultName.PREVIOUS_SESSION, FaultName.CLOSED_TODAY)):
        now = market.session(symbol, now).open - 1
    return now


def _times(line: Line, factor: float) -> Line:
    if line.classes is None:
        return replace(line, net=line.net * factor)
    a, b, c, d = line.classes
    return replace(line, net=line.net * factor, classes=(a * factor, b * factor, c * factor, d * factor))


def _padded(lines: list[Line], fault: Fault) -> list[Line]:
    held = [line for line in lines if line.label <= fault.market_since]
    return held + [replace(held[-1], label=line.label) for line in lines[len(held) :]] if held else lines


def _disorder(lines: list[Line], _fault: Fault) -> list[Line]:
    middle = len(lines) // 2
    if middle + 1 < len(lines):
        lines[middle], lines[middle + 1] = lines[middle + 1], lines[middle]
    return lines


def _gap(lines: list[Line], _fault: Fault) -> list[Line]:
    middle = len(lines) // 2
    return lines[: max(middle - _GAP, 1)] + lines[middle:]


def _revised(lines: list[Line], _fault: Fault) -> list[Line]:
    return [_times(line, _REVISION) if place == len(lines) - _GAP else line for place, line in enumerate(lines)]


def _newest(change: Callable[[Line], Line]) -> Callable[[list[Line], Fault], list[Line]]:
    return lambda lines, _fault: lines[:-_NEWEST] + [change(line) for line in lines[-_NEWEST:]]


def _every(change: Callable[[Line], Line]) -> Callable[[list[Line], Fault], list[Line]]:
    return lambda lines, _fault: [change(line) for line in lines]


_SPOILERS: dict[FaultName, Callable[[list[Line], Fault], list[Line]]] = {
    FaultName.PADDED: _padded,
    FaultName.GAP: _gap,
    FaultName.REVISED: _revised,
    FaultName.SUM_MISMATCH: _newest(lambda line: replace(line, net=line.net * 10 + 1e6) if line.classes else line),
    FaultName.NO_FIGURES: _newest(lambda line: replace(line, net=math.nan, classes=None)),
    FaultName.HUGE_AMOUNTS: _newest(lambda line: _times(line, _HUGE)),
    FaultName.SCALE: _every(lambda line: _times(line, _SMALL)),
    FaultName.LATE_LABELS: _every(lambda line: replace(line, label=line.label + 60)),
    FaultName.DISORDER: _disorder,
    FaultName.DUPLICATE: lambda lines, _fault: lines + lines[-1:],
    FaultName.NO_LINES: lambda _lines, _fault: [],
}


def spoiled(faults: Faults, symbol: Symbol) -> bool:
    """Whether any such fault is in force for the symbol."""
    return bool(faults) and any(faults.holds(name, symbol) for name in _SPOILERS)


def spoil_lines(faults: Faults, symbol: Symbol, lines: list[Line]) -> list[Line]:
    """The lines with every fault in force applied."""
    for name, spoiler in _SPOILERS.items():
        if (fault := faults.holds(name, symbol)) is not None:
            lines = spoiler(lines, fault)
    return lines


def spoil(faults: Faults, symbol: Symbol, reply: Intraday) -> Intraday:
    """The reply with every fault in force applied."""
    valid, padded = reply.last_valid, faults.holds(FaultName.PADDED, symbol)
    if padded is not None and valid is not None:
        valid = min(valid, int(padded.market_since))
    return Intraday(reply.session, None, 0, tuple(spoil_lines(faults, symbol, all_lines(reply))), valid)
