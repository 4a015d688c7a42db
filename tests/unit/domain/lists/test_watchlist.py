"""The user's order is kept, and a long list costs no more a symbol than a short one."""

from __future__ import annotations

import pytest

from capflow_gui.domain.lists.groups import Group, Groups
from capflow_gui.domain.lists.watchlist import Watchlist
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Market, Symbol

SYMBOLS = [Symbol(Market.HK, str(code)) for code in range(1, 7)]
A, B, C, D, E, F = SYMBOLS


def test_new_symbols_go_where_they_are_dropped_and_old_ones_stay() -> None:
    held = Watchlist([A, B, C, A])
    assert held.order == (A, B, C)
    assert held.with_new([D, B, E, D], 1) == (A, D, E, B, C)
    assert held.with_new([D], None) == (A, B, C, D)
    assert held.with_new([], 0) == (A, B, C)
    assert held.order == (A, B, C)


def test_what_is_not_named_keeps_its_place_at_the_end() -> None:
    held = Watchlist([A, B, C, D])
    assert held.sorted_by([D, F, B]) == (D, B, A, C)
    assert held.sorted_by([]) == (A, B, C, D)


def test_a_new_order_is_one_once() -> None:
    held = Watchlist([A, B])
    assert held.replace(held.without([A, F]))
    assert held.order == (B,)
    assert A not in held
    assert not held.replace((B,))


def test_what_is_in_a_group_is_on_the_list_and_what_leaves_it_leaves_its_groups() -> None:
    held, groups = Watchlist([A, B]), Groups((Group("core", (C, A)),))
    assert held.regroup(groups)
    assert not held.regroup(groups)
    assert (held.order, held.groups) == ((A, B, C), groups)
    assert held.replace((A, B))
    assert held.groups == Groups((Group("core", (A,)),))


def test_an_empty_one_is_one() -> None:
    held = Watchlist([])
    assert (held.order, held.without([A]), held.sorted_by([A]), list(held)) == ((), (), (), [])


@pytest.mark.parametrize("shared", [True, False], ids=["two sources", "one source"])
async def test_adding_500_to_2000_compares_no_symbol_with_all_others(
    calendar: Calendar, shared: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from capflow_gui.clock import SystemClock
    from capflow_gui.monitor import Monitor
    from capflow_gui.simulator.opend.server import SimulatorConfig
    from capflow_gui.sources import open_demo_pair

    symbols = [Symbol(Market.HK, str(code)) for code in range(1, 2501)]
    clock = SystemClock()
    async with open_demo_pair(clock, SimulatorConfig()) as sources:
        monitor = Monitor(
            sources if shared else sources[:1], [], calendar=calendar, clock=clock, own_sources={} if shared else None
        )
        compared = 0
        equal = Symbol.__eq__

        def counted(self: Symbol, other: object) -> bool:
            nonlocal compared
            compared += 1
            return equal(self, other)

        monkeypatch.setattr(Symbol, "__eq__", counted)
        monitor.add_symbols(symbols[:2000])
        monitor.add_symbols(symbols[2000:])
        monitor.subscribe("window").show(symbols[:40])
        for symbol in monitor.symbols:
            monitor.row(symbol)
        monitor.reorder(symbols[::-1])
        monitor.remove_symbols(symbols[:500])
        assert len(monitor.symbols) == 2000
        assert compared < 100 * len(symbols)
