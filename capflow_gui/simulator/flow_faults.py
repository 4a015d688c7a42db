"""Faults in the figures themselves: lines that break the rules of a good reply."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from capflow_gui.domain.symbol import Symbol
from capflow_gui.simulator.faults import FaultName, Faults
from capflow_gui.simulator.market.flow_reply import all_lines
from capflow_gui.simulator.market.market import Intraday, Line

_WRONG_NETS = 5
_GAP = 10
_HUGE = 1e5


def _sum_mismatch(lines: list[Line]) -> list[Line]:
    good = lines[:-_WRONG_NETS]
    return good + [replace(line, net=line.net * 10 + 1_000_000) for line in lines[-_WRONG_NETS:]]


def _disorder(lines: list[Line]) -> list[Line]:
    middle = len(lines) // 2
    if middle + 1 < len(lines):
        lines[middle], lines[middle + 1] = lines[middle + 1], lines[middle]
    return lines


def _duplicate(lines: list[Line]) -> list[Line]:
    return lines + lines[-1:]


def _gap(lines: list[Line]) -> list[Line]:
    middle = len(lines) // 2
    return lines[: max(middle - _GAP, 1)] + lines[middle:]


def _huge(lines: list[Line]) -> list[Line]:
    def huge(line: Line) -> Line:
        if line.classes is None:
            return replace(line, net=line.net * _HUGE)
        a, b, c, d = line.classes
        return replace(line, net=line.net * _HUGE, classes=(a * _HUGE, b * _HUGE, c * _HUGE, d * _HUGE))

    return lines[:-_WRONG_NETS] + [huge(line) for line in lines[-_WRONG_NETS:]]


_SPOILERS: dict[FaultName, Callable[[list[Line]], list[Line]]] = {
    FaultName.GAP: _gap,
    FaultName.SUM_MISMATCH: _sum_mismatch,
    FaultName.DISORDER: _disorder,
    FaultName.DUPLICATE: _duplicate,
    FaultName.HUGE_AMOUNTS: _huge,
    FaultName.NO_LINES: lambda _: [],
}


def spoiled(faults: Faults, symbol: Symbol) -> bool:
    """Whether any such fault is in force for the symbol."""
    return bool(faults) and any(faults.holds(name, symbol) for name in _SPOILERS)


def spoil(faults: Faults, symbol: Symbol, reply: Intraday) -> list[Line]:
    """The reply's lines with every fault in force applied."""
    lines = all_lines(reply)
    for name, spoiler in _SPOILERS.items():
        if faults.holds(name, symbol) is not None:
            lines = spoiler(lines)
    return lines
