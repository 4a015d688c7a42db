"""The router over feeds made by hand: who asks what, and whose figures a row shows."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
import pytest

from capflow_gui.domain.flow import Period
from capflow_gui.domain.link import LinkPhase
from capflow_gui.domain.quote import Turnover
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import Share
from capflow_gui.errors import UnknownSymbol
from capflow_gui.feed.gaps import WatchGap
from capflow_gui.feed.routing.assignment import DOWN_GRACE_S, WANTED_S
from capflow_gui.feed.routing.source_router import SourceRouter

A, B, C = (Symbol.parse(text) for text in ("700.HK", "3690.HK", "1299.HK"))
BOTH = frozenset({Period.INTRADAY, Period.DAY})


@dataclass
class HandFeed:
    """As much of a SourceFeed as the router touches."""

    name: str
    classes: bool
    periods: frozenset[Period]
    room: int = 60
    is_ready: bool = True
    watched: tuple[Symbol, ...] = ()
    kept: frozenset[Symbol] = frozenset()
    shown: Sequence[Symbol] = ()
    asked: list[Symbol] = field(default_factory=list)
    near: dict[Symbol, bool] = field(default_factory=dict)
    figures: dict[Symbol, float] = field(default_factory=dict)
    turnovers: dict[Symbol, float] = field(default_factory=dict)
    gaps: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(found=deque()))

    @property
    def provider(self) -> SimpleNamespace:
        phase = LinkPhase.READY if self.is_ready else LinkPhase.LOST
        capabilities = SimpleNamespace(classes=self.classes, periods=self.periods)
        return SimpleNamespace(link=SimpleNamespace(phase=phase), capabilities=capabilities)

    @property
    def store(self) -> SimpleNamespace:
        return SimpleNamespace(get=self._held)

    @property
    def intake(self) -> SimpleNamespace:
        return SimpleNamespace(room=self.room, set_near=self.near.__setitem__)

    def _held(self, symbol: Symbol) -> SimpleNamespace:
        known = symbol in self.figures
        series = _Series(self.figures[symbol]) if known else None
        return SimpleNamespace(series=series, replied_at=1.0 if known else None)

    def turnover(self, symbol: Symbol) -> Turnover | None:
        return Turnover(self.turnovers[symbol], 1.0) if symbol in self.turnovers else None

    def watch(self, symbols: tuple[Symbol, ...], kept: frozenset[Symbol], since: object) -> None:
        self.watched, self.kept = symbols, kept

    def show(self, symbols: Sequence[Symbol]) -> None:
        self.shown = symbols

    def ask_again(self, symbol: Symbol) -> None:
        self.asked.append(symbol)

    def missed(self, gap: WatchGap) -> bool:
        return gap.end - gap.start > 60


class _Series:
    def __init__(self, net: float) -> None:
        self.net = np.array([net])

    def __len__(self) -> int:
        return 1


@pytest.fixture
def feeds() -> list[HandFeed]:
    """OpenD has classes and a small quota; Longport has neither."""
    return [HandFeed("opend", True, BOTH), HandFeed("longport", False, frozenset({Period.INTRADAY}), room=600)]


@pytest.fixture
def moved() -> list[Symbol]:
    return []


@pytest.fixture
def router(feeds: list[HandFeed], moved: list[Symbol]) -> SourceRouter:
    return SourceRouter(feeds, {}, moved.append)  # type: ignore[arg-type]


def test_without_routing_every_source_is_asked_and_the_first_is_shown(feeds: list[HandFeed]) -> None:
    router = SourceRouter(feeds, None, lambda _symbol: None)  # type: ignore[arg-type]
    assert router.arrange([A, B], [B], [], 0.0)
    assert not router.arrange([A, B], [B], [], 1.0)
    assert [feed.watched for feed in feeds] == [(A, B), (A, B)]
    assert [feed.shown for feed in feeds] == [[B], [B]]
    assert router.feed_of(A) is feeds[0]
    assert not router.choose(A, "longport")
    assert router.down() == ()


def test_without_a_source_nobody_is_asked() -> None:
    router = SourceRouter([], None, lambda _symbol: None)
    assert not router.arrange([A], [], [], 0.0)
    assert router.feed_of(A) is None
    assert router.feed_with(Period.DAY, A) is None
    assert router.unwatched_times() == []


def test_what_is_on_screen_goes_where_classes_are(router: SourceRouter, feeds: list[HandFeed]) -> None:
    router.arrange([A, B, C], [B], [C], 0.0)
    assert [feed.watched for feed in feeds] == [(B, C), (A,)]


def test_the_row_shows_its_old_source_until_the_new_one_answers(
    router: SourceRouter, feeds: list[HandFeed], moved: list[Symbol]
) -> None:
    opend, longport = feeds
    router.arrange([A], [], [], 0.0)
    longport.figures[A] = 1.0
    assert router.choose(A, "opend")
    router.arrange([A], [], [], 10.0)
    assert (opend.watched, longport.watched) == ((A,), (A,))
    assert router.feed_of(A) is longport
    assert router.answered(opend, A)  # type: ignore[arg-type]
    assert moved == [A]
    assert router.feed_of(A) is opend
    router.arrange([A], [], [], 11.0)
    assert (opend.watched, longport.watched) == ((A,), ())


def test_a_refused_symbol_goes_elsewhere_until_it_is_asked_for_again(
    router: SourceRouter, feeds: list[HandFeed]
) -> None:
    opend, longport = feeds
    router.arrange([A], [A], [], 0.0)
    assert router.failed(opend, A, UnknownSymbol("opend", -1, "unknown"), 1.0)  # type: ignore[arg-type]
    router.arrange([A], [A], [], 2.0)
    assert longport.watched == (A,)
    router.ask_again(A)
    assert (opend.asked, longport.asked) == ([A], [A])
    router.arrange([A], [A], [], 3.0)
    assert router.asked(A) is opend


def test_a_figure_near_a_share_of_its_turnover_is_asked_sooner(router: SourceRouter, feeds: list[HandFeed]) -> None:
    opend, _ = feeds
    router.arrange([A, B, C], [], [], 0.0)
    opend.figures = {A: -90.0, B: -90.0, C: -90.0}
    opend.turnovers = {A: 2_000.0, B: 10_000.0}
    for symbol in (A, B, C):
        router.weigh(opend, symbol, Share(-0.05))  # type: ignore[arg-type]
    assert opend.near == {A: True, B: False, C: False}


def test_a_figure_near_its_threshold_wants_classes(router: SourceRouter, feeds: list[HandFeed]) -> None:
    opend, longport = feeds
    router.arrange([A, B], [], [], 0.0)
    longport.figures = {A: -90.0, B: -10.0}
    for symbol in (A, B):
        router.weigh(longport, symbol, -100.0)  # type: ignore[arg-type]
    assert longport.near == {A: True, B: False}
    router.arrange([A, B], [], [], 10.0)
    router.arrange([A, B], [], [], 10.0 + WANTED_S)
    assert opend.watched == (A,)
    assert opend.near == {A: True}


def test_a_source_that_stays_down_is_said_and_left(router: SourceRouter, feeds: list[HandFeed]) -> None:
    opend, longport = feeds
    router.arrange([A], [A], [], 0.0)
    opend.is_ready = False
    router.arrange([A], [A], [], 1.0)
    assert router.down() == ()
    router.arrange([A], [A], [], 1.0 + DOWN_GRACE_S)
    assert router.down() == ("opend",)
    assert longport.watched == (A,)


def test_a_period_is_asked_where_it_is_to_be_had(router: SourceRouter, feeds: list[HandFeed]) -> None:
    router.arrange([A], [], [], 0.0)
    assert router.feed_of(A) is feeds[1]
    assert router.feed_with(Period.DAY, A) is feeds[0]
    assert router.feed_with(Period.INTRADAY, A) is feeds[1]


def test_a_gap_that_another_source_did_not_share_was_watched(router: SourceRouter, feeds: list[HandFeed]) -> None:
    alone, both = WatchGap(0.0, 100.0, 1.0), WatchGap(500.0, 700.0, 2.0)
    feeds[0].gaps.found += [alone, both, WatchGap(900.0, 910.0, 3.0)]
    feeds[1].gaps.found += [WatchGap(600.0, 800.0, 2.0)]
    assert router.unwatched_times() == [both]
