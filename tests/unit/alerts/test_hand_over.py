"""A symbol that changes its source in mid-session: nothing is said twice, nothing is lost."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from capflow_gui.alerts.book import AlertBook
from capflow_gui.alerts.rules import RuleTable
from capflow_gui.domain.alert_record import AlertState
from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.feed.board import Freshness
from tests.unit.alerts.shelf import Shelf, StoreInMemory, open_store
from tests.unit.alerts.test_book import BEFORE, CALENDAR, DAY, TENCENT, series, words

BREACH = (-10.0, -150.0, -210.0, -220.0)
LATER = (*BREACH, -230.0, -240.0)


@pytest.fixture
def book() -> AlertBook:
    return shared_book()


def shared_book() -> AlertBook:
    book = AlertBook(CALENDAR, RuleTable(default=-200e6), shared=True)
    for source in ("opend", "longport"):
        book.watch(source, [TENCENT])
    return book


def tell(book: AlertBook, source: str, *net: float) -> list[tuple[str, str]]:
    """A reply of the source the symbol is asked at from now on."""
    book.watch(source, [TENCENT])
    told = replace(series(*net), source=source)
    return words(book.evaluate(told, DAY, None, float(told.timestamps[-1]) + 5))


def see(book: AlertBook, source: str, mono: float, *, up: bool = True) -> list[tuple[str, str]]:
    link = LinkState(source, LinkPhase.READY if up else LinkPhase.WAITING, 0.0)
    return words(
        book.observe(
            TENCENT,
            source,
            freshness=Freshness.LIVE,
            error=None,
            link=link,
            cycle_s=10.0,
            mono_now=mono,
            market_now=DAY.open + 600,
        )
    )


def start(book: AlertBook, source: str = "opend") -> None:
    book.observe(
        TENCENT,
        source,
        freshness=Freshness.NEVER_POLLED,
        error=None,
        link=None,
        cycle_s=10.0,
        mono_now=-1e9,
        market_now=BEFORE,
    )


def test_what_was_raised_stands_and_is_not_raised_again(book: AlertBook) -> None:
    start(book)
    assert [step for step, _ in tell(book, "opend", *BREACH)] == ["raised"]
    number = book.records()[0].id
    assert tell(book, "longport", *LATER) == []
    standing = book.standing(TENCENT)
    assert standing is not None
    assert (standing.id, standing.state, standing.source) == (number, AlertState.ACTIVE, "opend")


def test_a_breach_between_the_last_line_of_one_and_the_first_reply_of_the_other_is_raised_once(book: AlertBook) -> None:
    start(book)
    assert tell(book, "opend", -10, -150) == []
    assert [step for step, _ in tell(book, "longport", *BREACH)] == ["raised"]
    assert tell(book, "opend", *LATER) == []
    assert len(book.records()) == 1


def test_the_other_source_clears_what_it_finds_past_the_re_arm_level(book: AlertBook) -> None:
    start(book)
    tell(book, "opend", *BREACH)
    assert [step for step, _ in tell(book, "longport", -10, -150, -210, -150, -120, -110)] == ["cleared"]
    assert [record.standing for record in book.records()] == [False]


def test_an_acknowledged_alert_stays_acknowledged(book: AlertBook) -> None:
    start(book)
    tell(book, "opend", *BREACH)
    book.acknowledge()
    tell(book, "longport", *LATER)
    standing = book.standing(TENCENT)
    assert standing is not None
    assert standing.acknowledged


def test_what_could_not_be_judged_is_judged_again_elsewhere(book: AlertBook) -> None:
    start(book)
    tell(book, "opend", -10, -20)
    see(book, "opend", 0.0, up=False)
    assert [step for step, _ in see(book, "opend", 30.0, up=False)] == ["blocked"]
    assert [step for step, _ in tell(book, "longport", -10, -20, -30)] == ["judged_again"]
    assert book.standing(TENCENT) is None


def test_a_symbol_that_leaves_takes_along_what_came_from_elsewhere(book: AlertBook) -> None:
    start(book)
    tell(book, "opend", *BREACH)
    tell(book, "longport", *LATER)
    assert [event.change for event in book.forget_symbol(TENCENT, lambda _source: DAY.open + 300)] == ["cleared"]
    assert book.standing(TENCENT) is None


def test_sources_that_are_asked_side_by_side_keep_to_themselves() -> None:
    book = AlertBook(CALENDAR, RuleTable(default=-200e6))
    for source in ("opend", "longport"):
        book.watch(source, [TENCENT])
    start(book)
    start(book, "longport")
    assert [step for step, _ in tell(book, "opend", *BREACH)] == ["raised"]
    assert [step for step, _ in tell(book, "longport", *BREACH)] == ["raised"]


@pytest.mark.parametrize("after", ["opend", "longport"])
def test_after_a_restart_it_does_not_matter_which_source_answers_first(after: str) -> None:
    shelf = Shelf()

    def opened() -> AlertBook:
        book = shared_book()
        open_store(book, StoreInMemory(shelf), DAY.open + 300, "opend", "longport")
        return book

    book = opened()
    start(book)
    assert [step for step, _ in tell(book, "opend", *BREACH)] == ["raised"]
    assert tell(book, "longport", *LATER) == []
    book.flush()
    again = opened()
    assert tell(again, after, *LATER, -250) == []
    standing = again.standing(TENCENT)
    assert standing is not None
    assert standing.state is AlertState.ACTIVE
    assert len(again.records()) == 1
    assert {key.source for key in shelf.states} == {after}


def test_what_both_sources_could_not_judge_goes_on_as_one_record(book: AlertBook) -> None:
    start(book)
    tell(book, "opend", *BREACH)
    see(book, "opend", 0.0, up=False)
    assert [step for step, _ in see(book, "opend", 30.0, up=False)] == ["blocked"]
    book.watch("longport", [TENCENT])
    see(book, "longport", 0.0, up=False)
    assert [step for step, _ in see(book, "longport", 30.0, up=False)] == ["blocked"]
    tell(book, "longport", *LATER)
    standing = [record for record in book.records() if record.standing]
    assert sorted(record.cannot_judge for record in standing) == [False, True]
