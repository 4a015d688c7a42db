from __future__ import annotations

import asyncio

import msgspec
import pytest

from capflow_gui.domain.symbol import Symbol
from capflow_gui.serve import rpc
from capflow_gui.serve.dispatcher import Dispatcher
from capflow_gui.serve.methods import METHODS
from capflow_gui.serve.service import Service
from tests.unit.serve.conftest import Ask


async def said(service: Service, line: bytes) -> object:
    answer = await Dispatcher(service).answer(rpc.read_message(line))
    return None if answer is None else msgspec.json.decode(answer)


async def test_each_kind_of_failure_has_its_code(ask: Ask) -> None:
    assert (await ask("flow.put"))["code"] == -32601
    assert (await ask("flow.get", newest="1"))["data"] == {"argument": "newest"}
    refused = await ask("flow.get", symbols=["6666.HK"])
    assert refused["code"] == -32000
    assert refused["data"] == {"kind": "NoQuoteRight", "code": -1}
    assert refused["message"].startswith("行情权限不足")


async def test_a_batch_is_answered_in_one_and_notifications_not_at_all(service: Service) -> None:
    batch = b'[{"jsonrpc":"2.0","id":1,"method":"quota.get"},{"jsonrpc":"2.0","method":"quota.get"},7]'
    answers = await said(service, batch)
    assert isinstance(answers, list)
    assert [(each["id"], "error" in each) for each in answers] == [(1, False), (None, True)]
    assert await said(service, b'{"jsonrpc":"2.0","method":"nothing"}') is None
    assert await said(service, b'[{"jsonrpc":"2.0","method":"quota.get"}]') is None


async def test_what_crashes_is_logged_and_answered_without_its_words(
    service: Service, ask: Ask, monkeypatch: pytest.MonkeyPatch, expect_log
) -> None:
    expect_log("quota.get could not be answered")
    monkeypatch.setattr(type(service.monitor), "poll_budgets", property(lambda _self: 1 / 0))
    failed = await ask("quota.get")
    assert failed["code"] == -32603
    assert "zero" not in failed["message"]


async def test_the_introduction_lists_what_this_client_can_ask(service: Service, ask: Ask) -> None:
    introduction = await ask("initialize")
    assert introduction["program"] == "capflow"
    names = [method["name"] for method in introduction["methods"]]
    assert names == [each.name for each in METHODS if not each.name.endswith("subscribe")]
    assert (await ask("subscribe", topics=["flow"]))["code"] == -32601


async def test_a_subscriber_is_sent_what_stands_and_what_comes_until_it_has_enough(service: Service, ask: Ask) -> None:
    sent: asyncio.Queue[dict] = asyncio.Queue()

    async def notify(line: str) -> None:
        sent.put_nowait(msgspec.json.decode(line))

    await ask("flow.get", symbols=["700.HK"])
    dispatcher = Dispatcher(service, notify)
    try:
        line = b'{"jsonrpc":"2.0","id":1,"method":"subscribe","params":{"topics":["flow","link"]}}'
        answer = msgspec.json.decode(await dispatcher.answer(rpc.read_message(line)) or "")
        assert answer["result"] == {"topics": ["flow", "link"]}
        first = await sent.get()
        assert (first["method"], first["params"]["state"]) == ("link", "ready")
        flow = (await sent.get())["params"]
        assert flow["type"] == "flow"
        assert (flow["currency"], flow["simulated"], flow["flags"]) == ("HKD", True, [])
        assert Symbol.parse(flow["symbol"]) in service.monitor.symbols
        line = b'{"jsonrpc":"2.0","id":2,"method":"unsubscribe","params":{"topics":["flow"]}}'
        answer = msgspec.json.decode(await dispatcher.answer(rpc.read_message(line)) or "")
        assert answer["result"] == {"topics": ["link"]}
    finally:
        assert dispatcher.notices is not None
        await dispatcher.notices.close()
