"""The watchlist changes while answers are on their way."""

from __future__ import annotations

from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.feed.events import ErrorEvent, FlowEvent
from tests.integration.conftest import Watched

FLOW = 3211
TENCENT, MEITUAN = Symbol(Market.HK, "700"), Symbol(Market.HK, "3690")


async def test_a_symbol_removed_with_a_request_in_flight_leaves_no_trace(watched: Watched) -> None:
    async with watched(["700.HK", "3690.HK"]) as rig:
        await rig.until(lambda: rig.all_seen_since(0))
        rig.simulator.faults.add("delay:8")
        began = (
            rig.simulator.stats.calls(FLOW, "HK.00700").requests + rig.simulator.stats.calls(FLOW, "700.HK").requests
        )

        def asked() -> bool:
            stats = rig.simulator.stats
            return stats.calls(FLOW, "HK.00700").requests + stats.calls(FLOW, "700.HK").requests > began

        await rig.until(asked)
        rig.monitor.remove_symbols([TENCENT])
        rig.events.clear()
        await rig.clock.sleep_until(rig.clock.monotonic() + 12)  # the answer has come
        assert rig.monitor.symbols == (MEITUAN,)
        told = {event.symbol for event in rig.events if isinstance(event, FlowEvent | ErrorEvent)}
        assert TENCENT not in told
        assert rig.monitor.feeds[0].store.get(TENCENT).series is None
        rig.simulator.faults.clear()
        rig.monitor.add_symbols([TENCENT])
        await rig.until(lambda: rig.monitor.row(TENCENT).series is not None)


async def test_an_answer_after_its_time_out_is_nobodys_and_the_next_one_counts(watched: Watched) -> None:
    async with watched(["700.HK"]) as rig:
        await rig.until(lambda: rig.all_seen_since(0))
        rig.simulator.faults.add("delay:14,count=1,interface=3211")
        await rig.until(lambda: rig.monitor.row(TENCENT).error is not None)
        since = rig.clock.monotonic()
        await rig.until(lambda: rig.all_seen_since(since))
        assert rig.simulator.stats.refused == 0


async def test_from_nothing_to_five_hundred_and_back(watched: Watched) -> None:
    async with watched([]) as rig:
        await rig.until(lambda: rig.monitor.feeds[0].is_ready)
        await rig.clock.sleep_until(rig.clock.monotonic() + 20)
        assert rig.simulator.stats.calls(FLOW).requests == 0
        assert rig.monitor.troubles == ()
        assert rig.monitor.budgets[0].cycle_s is None
        many = [Symbol(Market.HK, str(code)) for code in range(2, 502)]
        rig.monitor.add_symbols([TENCENT, *many])
        rig.subscription.show([TENCENT])
        await rig.until(lambda: rig.monitor.row(TENCENT).series is not None)
        await rig.until(lambda: rig.simulator.stats.calls(FLOW).requests >= 60)
        assert rig.simulator.stats.refused == 0
        rig.monitor.remove_symbols(rig.monitor.symbols)
        assert rig.monitor.symbols == ()
        await rig.clock.sleep_until(rig.clock.monotonic() + 20)
        asked = rig.simulator.stats.calls(FLOW).requests
        await rig.clock.sleep_until(rig.clock.monotonic() + 40)
        assert rig.simulator.stats.calls(FLOW).requests == asked
