from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from capflow_gui.alerts.groups import RuleGroups
from capflow_gui.domain.lists.groups import Group, Groups
from capflow_gui.domain.quote import SecurityKind, StaticInfo
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.rule_entry import new_entry
from capflow_gui.errors import ConnectionLost
from capflow_gui.reason import Code, Reason

TENCENT, MOBILE = Symbol.parse("700.HK"), Symbol.parse("941.HK")
CORE = new_entry("@core: main <= -80M")


class Broker:
    """Answers at once who is in a group, or that it cannot."""

    def __init__(self) -> None:
        self.members = {"core": [TENCENT]}
        self.asked: list[str] = []

    async def group_symbols(self, name: str) -> list[StaticInfo]:
        self.asked.append(name)
        if name not in self.members:
            raise ConnectionLost("opend", Reason.of(Code.LINK_DOWN))
        return [StaticInfo(symbol, "", SecurityKind.STOCK, 100) for symbol in self.members[name]]


def start_now(
    job: Callable[[], Coroutine[Any, Any, Any]], on_done: Callable[[Any], None], on_error: Callable[[Exception], None]
) -> Callable[[], None]:
    try:
        job().send(None)
    except StopIteration as stop:
        on_done(stop.value)
    except ConnectionLost as error:
        on_error(error)
    return lambda: None


@pytest.fixture
def broker() -> Broker:
    return Broker()


def test_the_broker_is_asked_once_for_each_group_that_a_rule_names(broker: Broker) -> None:
    groups = RuleGroups(broker.group_symbols, start_now)
    entries = [new_entry("*: main <= -80M"), CORE, new_entry("@core: net <= -5M"), CORE.written("@core: x")]
    groups.learn(entries)
    groups.learn(entries)
    assert broker.asked == ["core"]
    assert (groups.of(TENCENT), groups.of(MOBILE)) == ({"core"}, frozenset())


def test_when_a_source_connects_it_is_asked_again_and_a_failure_takes_nothing_away(broker: Broker) -> None:
    groups = RuleGroups(broker.group_symbols, start_now)
    groups.learn([CORE])
    broker.members = {"core": [MOBILE]}
    groups.learn([CORE], anew=True)
    assert (groups.of(TENCENT), groups.of(MOBILE)) == (frozenset(), {"core"})
    broker.members = {}
    groups.learn([CORE], anew=True)
    assert groups.of(MOBILE) == {"core"}


def test_an_own_group_goes_before_the_brokers_of_the_same_name(broker: Broker) -> None:
    own: list[Groups] = [Groups((Group("core", (MOBILE,)), Group("mine", (MOBILE, TENCENT))))]
    groups = RuleGroups(broker.group_symbols, start_now, lambda: own[0])
    groups.learn([CORE, new_entry("@mine: net <= -5M")], anew=True)
    assert broker.asked == []
    assert (groups.of(TENCENT), groups.of(MOBILE)) == ({"mine"}, {"core", "mine"})
    own[0] = Groups()
    groups.learn([CORE])
    assert (broker.asked, groups.of(TENCENT), groups.of(MOBILE)) == (["core"], {"core"}, frozenset())
    own[0] = Groups((Group("core"),))
    assert groups.of(TENCENT) == frozenset()
