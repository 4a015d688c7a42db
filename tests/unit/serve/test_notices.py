from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from capflow_gui.domain.alert_record import AlertChange, AlertEvent
from capflow_gui.errors import NoData, PartFailed
from capflow_gui.feed.events import ErrorEvent, FaultEvent
from capflow_gui.reason import Code, Reason
from capflow_gui.serve.arguments import FlowArguments
from capflow_gui.serve.flows import get_flows
from capflow_gui.serve.notices import Notices, notice_facts, standing_flow
from capflow_gui.serve.service import Service
from tests.unit.serve.test_alerts import KEPT as RECORD

Facts = dict[str, Any]


async def filled(service: Service) -> None:
    await get_flows(service, FlowArguments())
    (feed,) = service.monitor.feeds
    while feed.store.get(service.monitor.symbols[0]).series is None:
        await asyncio.to_thread(int)


async def test_each_object_says_whose_and_how_true_it_is(service: Service) -> None:
    await filled(service)
    (feed,) = service.monitor.feeds
    flow = notice_facts(service.monitor, standing_flow(feed, service.monitor.symbols[0]))
    assert list(flow)[:4] == ["type", "at", "symbol", "source"]
    assert (flow["currency"], flow["currency_assumed"], flow["cumulative"]) == ("HKD", False, True)
    assert (flow["flags"], flow["simulated"], flow["unchanged"]) == ([], True, True)
    alert = notice_facts(service.monitor, AlertEvent(0.0, AlertChange.RAISED, RECORD, RECORD.line_time, -2.1e8, -2e8))
    assert alert["id"] == RECORD.id
    assert (alert["currency"], alert["simulated"]) == ("HKD", False)  # its source is not served here
    error = ErrorEvent(0.0, "demo", service.monitor.symbols[0], NoData("demo", -1, "无数据"))
    assert notice_facts(service.monitor, error)["simulated"] is True
    fault = FaultEvent(0.0, PartFailed(Reason.of(Code.LINK_DOWN)))
    assert notice_facts(service.monitor, fault)["symbol"] is None


async def test_a_slow_reader_is_sent_the_newest_flow_and_every_alert(service: Service) -> None:
    await filled(service)
    (feed,) = service.monitor.feeds
    read, sent = asyncio.Event(), list[tuple[str, Facts]]()

    async def write(kind: str, facts: Facts) -> None:
        await read.wait()
        sent.append((kind, facts))

    notices = Notices(service.monitor, write)
    notices.subscribe(["alert", "flow"])
    first = service.monitor.symbols[0]
    try:
        await asyncio.to_thread(int)
        for number in range(50):
            service.monitor._subscriptions.tell(standing_flow(feed, first))
            record = replace(RECORD, id=str(number))
            service.monitor._subscriptions.tell(
                AlertEvent(0.0, AlertChange.RAISED, record, record.line_time, -2.1e8, -2e8)
            )
        service.monitor._subscriptions.tell(FaultEvent(0.0, PartFailed(Reason.of(Code.LINK_DOWN))))
        read.set()
        while not any(facts.get("conflated", 0) > 40 for _, facts in sent):
            await asyncio.to_thread(int)
    finally:
        await notices.close()
    assert [facts["id"] for kind, facts in sent if kind == "alert"] == [*map(str, range(50))]
    assert [facts["kind"] for kind, facts in sent if kind == "error"] == ["PartFailed"]
    assert sum(facts.get("symbol") == str(first) for kind, facts in sent if kind == "flow") <= 3


async def test_who_is_sent_flow_looks_at_every_row(service: Service) -> None:
    async def write(_kind: str, _facts: Facts) -> None:
        """Nobody looks at it."""

    notices = Notices(service.monitor, write)
    try:
        notices.subscribe(["link"])
        assert service.monitor._subscriptions.shown == ()
        notices.subscribe(["flow", "flow"])
        assert service.monitor._subscriptions.shown == service.monitor.symbols
        notices.unsubscribe(["flow"])
        assert service.monitor._subscriptions.shown == ()
        assert notices.topics == {"link"}
    finally:
        await notices.close()
