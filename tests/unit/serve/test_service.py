from __future__ import annotations

import asyncio

import pytest

from capflow_gui.errors import ConnectFailed, NoData
from capflow_gui.reason import Code, Reason
from capflow_gui.serve.arguments import BadArgument
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


def test_what_kept_a_question_from_being_answered() -> None:
    assert failure_facts(Refused("NoData", "Nothing.")) == {"kind": "NoData", "code": None, "message": "Nothing."}
    assert failure_facts(NoData("opend", -1, "无数据")) == {"kind": "NoData", "code": -1, "message": "无数据"}


async def test_tasks_that_are_given_up_have_ended() -> None:
    task = asyncio.create_task(asyncio.Event().wait())
    await give_up([task])
    await give_up([])
    assert task.cancelled()
