"""A session over several windows: what is done once, and what in each of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from capflow_gui.app.session import Session
from capflow_gui.delivery.posting import Wishes
from capflow_gui.domain.alert import parse_rule
from capflow_gui.domain.alert_record import AlertChange
from capflow_gui.domain.typed.rule_entry import RuleEntry
from capflow_gui.feed.events import AlertEvent
from capflow_gui.reason import Code, Reason
from capflow_gui.settings import AlertSettings, Settings
from capflow_gui.ui.bell import Bell
from tests.ui.boards import alert_of, row_of


async def test_a_storm_sounds_once_and_every_alert_of_it_is_shown() -> None:
    clock = [0.0]
    heard: list[object] = []
    shown: list[object] = []
    records = [alert_of(row_of(f"{code}.HK", "a company", -2e8, 7e9), number=code) for code in range(1, 41)]
    session: Any = SimpleNamespace(
        _profile=SimpleNamespace(settings=Settings()),
        _bell=Bell(lambda: clock[0], heard.append),
        windows=[SimpleNamespace(announce=shown.append)],
    )

    async def alerts() -> AsyncIterator[object]:
        for record in records:
            yield AlertEvent(0.0, AlertChange.RAISED, record, 0, -2e8, -2e8, None)
            clock[0] += 1.5

    await Session._announce(session, cast("Any", alerts()))
    done = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(done.set_result, None)
    await done
    assert (heard, shown) == (["alert"], records)


@pytest.mark.parametrize(("sound", "rung"), [(True, 1), (False, 0)])
async def test_an_alert_sounds_once_however_many_windows_show_it(sound: bool, rung: int) -> None:
    record = alert_of(row_of("700.HK", "Tencent Holdings", -263.2e6, 7056e6))
    heard: list[str] = []
    shown: list[object] = []
    session: Any = SimpleNamespace(
        _profile=SimpleNamespace(settings=Settings(alerts=AlertSettings(sound=sound))),
        _bell=Bell(lambda: 0.0, heard.append),
        windows=[SimpleNamespace(announce=shown.append) for _ in range(3)],
    )

    async def alerts() -> AsyncIterator[object]:
        yield AlertEvent(0.0, AlertChange.RAISED, record, 0, -2e8, -2e8, None)

    await Session._announce(session, cast("Any", alerts()))
    done = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(done.set_result, None)
    await done
    assert (len(heard), shown) == (rung, [record] * 3)


def test_an_alert_goes_where_and_when_its_rule_says() -> None:
    record = alert_of(row_of("700.HK", "Tencent Holdings", -263.2e6, 7056e6))
    rule = replace(parse_rule("*: net <= -2M"), own_id="own:1")
    entry = RuleEntry(rule, channels=("phone",), quiet="22:00-07:00", urgent=True)
    session: Any = SimpleNamespace(_board=SimpleNamespace(rules=(entry,)))
    assert Session._wishes(session, replace(record, rule_id="own:1")) == Wishes(("phone",), "22:00-07:00", urgent=True)
    assert Session._wishes(session, replace(record, rule_id="default")) == Wishes()


async def test_a_lost_source_sounds_once_and_its_rules_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    record = alert_of(row_of("700.HK", "Tencent Holdings", -263.2e6, 7056e6))
    why = Reason.of(Code.NOT_CONNECTED_BECAUSE, why=Reason.of(Code.CLOSED))
    heard: list[str] = []
    said: list[tuple[str, bool]] = []
    spoken: list[str] = []
    monkeypatch.setattr("capflow_gui.app.session.announce", lambda _window, words: spoken.append(words))
    window = SimpleNamespace(notice=SimpleNamespace(say=lambda words, *, stay: said.append((words, stay))))
    session: Any = SimpleNamespace(
        _profile=SimpleNamespace(settings=Settings(alerts=AlertSettings(sound=True))),
        _bell=Bell(lambda: 0.0, lambda _tone: heard.append("beep")),
        windows=[window],
    )

    async def alerts() -> AsyncIterator[object]:
        yield AlertEvent(
            0.0, AlertChange.CANNOT_JUDGE, replace(record, cannot_judge=True, reason=why), None, None, -2e8, why
        )

    await Session._announce(session, cast("Any", alerts()))
    assert heard == []
    lost = Reason.of(Code.SOURCE_LOST, source="opend", why=Reason.of(Code.CLOSED))
    refused = Reason.of(Code.SOURCE_REFUSED, source="opend", why=Reason.of(Code.CLOSED))
    for problem, over in ((lost, False), (lost, True), (refused, False)):
        Session._tell_health(session, problem, over)
    done = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(done.set_result, None)
    await done
    assert heard == ["beep"]
    assert [stay for _, stay in said] == [True, False]
    assert len(spoken) == 3
