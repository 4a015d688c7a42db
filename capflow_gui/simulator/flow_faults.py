"""Faults in the figures themselves: lines that break the rules of a good reply."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from capflow_gui.domain.symbol import Symbol
from capflow_gui.simulator.faults import FaultName, Faults
from capflow_gui.simulator.market.flow_reply import all_lines
from capflow_gui.simulator.market.market import Intraday, Line

_WRONG_NETS = 5
_GAP = 10
_HUGE = 1e5
L = TypeVar("L")


def _sum_mismatch(lines: list[Line]) -> list[Line]:
    good = lines[:-_WRONG_NETS]
    return good + [replace(line, net=line.net * 10 + 1_000_000) for line in lines[-_WRONG_NETS:]]


def _disorder(lines: list[L]) -> list[L]:
    middle = len(lines) // 2
    if middle + 1 < len(lines):
        lines[middle], lines[middle + 1] = lines[middle + 1], lines[middle]
    return lines


def _gap(lines: list[L]) -> list[L]:
    middle = len(lines) // 2
    return lines[: max(middle - _GAP, 1)] + lines[middle:]


def _huge(lines: list[Line]) -> list[Line]:
    def huge(line: Line) -> Line:
        if line.classes is None:
            return replace(line, net=line.net * _HUGE)
        a, b, c, d = line.classes
        return replace(line, net=line.net * _HUGE, classes=(a * _HUGE, b * _HUGE, c * _HUGE, d * _HUGE))

    return lines[:-_WRONG_NETS] + [huge(line) for line in lines[-_WRONG_NETS:]]


# What becomes of lines, whatever is in them.
_OF_LINES: dict[FaultName, Callable[[list[Any]], list[Any]]] = {
    FaultName.GAP: _gap,
    FaultName.DISORDER: _disorder,
    FaultName.DUPLICATE: lambda lines: lines + lines[-1:],
    FaultName.NO_LINES: lambda _: [],
}
_OF_FIGURES = {FaultName.SUM_MISMATCH: _sum_mismatch, FaultName.HUGE_AMOUNTS: _huge}


def spoiled(faults: Faults, symbol: Symbol) -> bool:
    """Whether any such fault is in force for the symbol."""
    return bool(faults) and any(faults.holds(name, symbol) for name in (*_OF_LINES, *_OF_FIGURES))


def spoil(faults: Faults, symbol: Symbol, reply: Intraday) -> list[Line]:
    """The reply's lines with every fault in force applied."""
    return spoil_lines(faults, symbol, _applied(_OF_FIGURES, faults, symbol, all_lines(reply)))


def spoil_lines(faults: Faults, symbol: Symbol, lines: list[L]) -> list[L]:
    """The lines, whatever is in them, with lines missing, twice, or in another order."""
    return _applied(_OF_LINES, faults, symbol, lines)


def _applied(
    spoilers: Mapping[FaultName, Callable[[list[L]], list[L]]], faults: Faults, symbol: Symbol, lines: list[L]
) -> list[L]:
    for name, spoiler in spoilers.items():
        if faults.holds(name, symbol) is not None:
            lines = spoiler(lines)
    return lines
