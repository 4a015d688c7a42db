from __future__ import annotations

import asyncio

import pytest

from capflow_gui.domain.flow import FlowSeries
from capflow_gui.errors import ConnectFailed, NoData, NoQuoteRight
from capflow_gui.reason import Code, Reason
from capflow_gui.serve.arguments import BadArgument, FlowArguments
from capflow_gui.serve.flows import get_flows
from capflow_gui.serve.service import Refused, Service, failure_facts, give_up


async def test_sources_by_name(service: Service) -> None:
    assert [feed.name for feed in service.feeds(None)] == [feed.name for feed in service.feeds("demo")] == ["demo"]
    with pytest.raises(BadArgument, match="there is demo") as refused:
        service.feeds("opend")
    assert refused.value.argument == "source"


async def test_a_source_is_waited_for_until_it_has_said_its_time(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    (feed,) = service.feeds(None)
    await service.connected(feed)
    assert feed.market.known

    async def never(_deadline: float) -> None:
        raise ConnectFailed("demo", Reason.of(Code.LINK_DOWN))

    monkeypatch.setattr(feed.provider, "wait_ready", never)
    with pytest.raises(ConnectFailed):
        await service.connected(feed)


async def test_a_watched_symbol_is_waited_for_and_no_call_is_spent_on_it(service: Service) -> None:
    (feed,) = service.feeds(None)
    flows = (await get_flows(service, FlowArguments(newest=1)))["flows"]
    assert [flow["symbol"] for flow in flows] == [*map(str, service.monitor.symbols)]
    assert feed.source.limiter.stats.requests == len(flows)


async def test_a_symbol_whose_turn_is_far_is_asked_for(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("capflow_gui.serve.service._POLLED_WITHIN_S", 0.0)
    (feed,) = service.feeds(None)
    await service.connected(feed)
    (flow,) = (await get_flows(service, FlowArguments(symbols=["700.HK"], newest=1)))["flows"]
    assert flow["symbol"] == "700.HK"


async def test_a_question_is_given_up_when_nobody_wants_its_answer(service: Service) -> None:
    asked: list[str] = []

    async def ask() -> FlowSeries:
        asked.append("asked")
        await asyncio.Event().wait()
        raise AssertionError

    waiting = [asyncio.create_task(service.shared("key", ask)) for _ in range(2)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task = service.asked["key"].task
    await give_up(waiting[:1])
    assert not task.done()
    await give_up(waiting[1:])
    await asyncio.wait({task})
    assert (asked, task.cancelled(), service.asked) == (["asked"], True, {})


async def test_one_question_at_a_time_waits_for_a_sources_quota(service: Service) -> None:
    (feed,) = service.feeds(None)
    assert service.turn(feed) is service.turn(feed)
    async with service.turn(feed):
        asking = asyncio.create_task(get_flows(service, FlowArguments(symbols=["6666.HK"])))
        await service.connected(feed)
        await asyncio.to_thread(int)
        assert not any(kind == "" for _, _, kind in feed.source.limiter._waiting)
    with pytest.raises(NoQuoteRight):
        await asking


def test_what_kept_a_question_from_being_answered() -> None:
    assert failure_facts(Refused("NoData", "Nothing.")) == {"kind": "NoData", "code": None, "message": "Nothing."}
    assert failure_facts(NoData("opend", -1, "无数据")) == {"kind": "NoData", "code": -1, "message": "无数据"}


async def test_tasks_that_are_given_up_have_ended() -> None:
    task = asyncio.create_task(asyncio.Event().wait())
    await give_up([task])
    await give_up([])
    assert task.cancelled()
