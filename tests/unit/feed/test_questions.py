"""Questions of a user: which source is asked, whose answer counts, and what is said when none answers."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.domain.quote import SearchHit, SymbolGroup
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import CapflowError, ConnectionLost, NoData, RequestTimeout
from capflow_gui.feed.questions import FeedQuestions
from capflow_gui.quota.limiter import RateLimit
from capflow_gui.quota.limiters import Limiters
from capflow_gui.reason import Code, Reason
from tests.unit.conftest import HandClock, run_pending

TENCENT = Symbol.parse("700.HK")
DOWN = Reason.of(Code.NO_ANSWER_IN_TIME, seconds=5.0)


@dataclass
class Answering:
    """A provider that answers each question with what it was given, or fails with it."""

    answers: dict[str, Any]
    asked: list[str] = field(default_factory=list)
    link: LinkState = field(default_factory=lambda: LinkState("x", LinkPhase.READY, 0.0))

    def _answer(self, question: str) -> Any:
        self.asked.append(question)
        found = self.answers.get(question, [])
        if isinstance(found, CapflowError):
            raise found
        return found

    async def search(self, text: str) -> Any:
        return self._answer(f"search {text}")

    async def get_groups(self) -> Any:
        return self._answer("groups")

    async def get_group_symbols(self, name: str) -> Any:
        return self._answer(f"group {name}")


def feed(name: str, clock: HandClock, *, ready: bool = True, **answers: Any) -> Any:
    provider = Answering({question.replace("_", " "): answer for question, answer in answers.items()})
    limits = {each: RateLimit(1, 30.0) for each in ("capital_flow", "search", "groups", "group_symbols")}
    limiters = Limiters(name, limits, clock=clock)
    return SimpleNamespace(name=name, is_ready=ready, provider=provider, source=SimpleNamespace(limiters=limiters))


def hit(symbol: str) -> SearchHit:
    return SearchHit(Symbol.parse(symbol), symbol, False)


async def test_the_first_source_that_finds_any_answers_a_search(hand_clock: HandClock) -> None:
    found = [hit("700.HK")]
    feeds = [
        feed("opend", hand_clock),
        feed("longport", hand_clock, search_700=found),
        feed("third", hand_clock, search_700=[hit("5.HK")]),
    ]
    assert await FeedQuestions(feeds).search("700") == found
    assert [each.provider.asked for each in feeds] == [["search 700"], ["search 700"], []]


async def test_a_search_fails_only_where_nobody_finds_any(hand_clock: HandClock) -> None:
    failing = feed("opend", hand_clock, search_700=RequestTimeout("opend", DOWN))
    questions = FeedQuestions([failing, feed("longport", hand_clock, search_700=[hit("700.HK")])])
    assert len(await questions.search("700")) == 1
    lonely = FeedQuestions([feed("opend", hand_clock, search_7=RequestTimeout("opend", DOWN)), feed("b", hand_clock)])
    with pytest.raises(RequestTimeout):
        await lonely.search("7")
    assert await FeedQuestions([feed("opend", hand_clock)]).search("nobody") == []


async def test_groups_of_every_source_are_marked_with_it(hand_clock: HandClock) -> None:
    group = SymbolGroup("港股", True)
    feeds = [
        feed("opend", hand_clock, groups=[group]),
        feed("longport", hand_clock, groups=RequestTimeout("longport", DOWN)),
        feed("third", hand_clock, groups=[group]),
    ]
    assert [each.source for each in await FeedQuestions(feeds).groups()] == ["opend", "third"]
    failing = feed("longport", hand_clock, groups=RequestTimeout("longport", DOWN))
    with pytest.raises(RequestTimeout):
        await FeedQuestions([failing]).groups()


async def test_members_are_asked_of_the_source_that_has_the_group(hand_clock: HandClock) -> None:
    feeds = [feed("opend", hand_clock, group_a=["first"]), feed("longport", hand_clock, group_a=["second"])]
    questions = FeedQuestions(feeds)
    assert await questions.group_symbols("a", "longport") == ["second"]
    assert await questions.group_symbols("a") == ["first"]
    with pytest.raises(ConnectionLost) as caught:
        await questions.group_symbols("a", "elsewhere")
    assert (caught.value.source, caught.value.sent) == ("elsewhere", False)


async def test_a_question_waits_for_the_quota_of_its_interface(hand_clock: HandClock) -> None:
    asked = feed("opend", hand_clock)
    questions = FeedQuestions([asked])
    await questions.search("a")
    second = asyncio.create_task(questions.search("b"))
    await run_pending()
    assert asked.provider.asked == ["search a"]
    hand_clock.move(31)
    await second
    assert asked.provider.asked == ["search a", "search b"]


async def test_a_question_waits_for_the_feeds_and_passes_by_those_that_are_down(hand_clock: HandClock) -> None:
    questions = FeedQuestions()
    waiting = asyncio.create_task(questions.search("700"))
    await run_pending()
    assert not waiting.done()
    down = feed("opend", hand_clock, ready=False)
    questions.open([down, feed("longport", hand_clock, search_700=[hit("700.HK")])])
    assert len(await waiting) == 1
    assert down.provider.asked == []


@pytest.mark.parametrize(("said", "told"), [(DOWN, DOWN), (None, Reason.of(Code.LINK_DOWN))])
async def test_without_a_connection_the_reason_of_the_first_is_told(
    hand_clock: HandClock, said: Reason | None, told: Reason
) -> None:
    down = feed("opend", hand_clock, ready=False)
    down.provider.link = LinkState("opend", LinkPhase.WAITING, 0.0, said)
    with pytest.raises(ConnectionLost) as caught:
        await FeedQuestions([down]).search("700")
    assert (caught.value.source, caught.value.reason, caught.value.sent) == ("opend", told, False)
    with pytest.raises(ConnectionLost):
        await FeedQuestions([]).groups()


async def test_one_source_has_nothing_to_be_compared_with(hand_clock: HandClock) -> None:
    with pytest.raises(NoData) as caught:
        await FeedQuestions([feed("opend", hand_clock)]).compare(TENCENT)
    assert caught.value.reason == Reason.of(Code.ONE_SOURCE_ONLY)
