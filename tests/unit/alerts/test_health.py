"""Whether a source answers: said once an outage, within 15 s, while its market is open, and when it is over."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.alerts.book import AlertBook
from capflow_gui.alerts.health import PATIENCE_S, SourceHealth, moves, silent_since, source_problem, stalled_since
from capflow_gui.alerts.rules import RuleTable
from capflow_gui.domain.alert_record import AlertChange, AlertEvent, AlertState
from capflow_gui.domain.link import LinkFact, LinkPhase, LinkState
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import AuthFailed, NotSignedIn
from capflow_gui.feed.board import Freshness
from capflow_gui.reason import Code, Reason
from tests.unit.alerts.shelf import Shelf, StoreInMemory, open_store
from tests.unit.alerts.test_book import CALENDAR, DAY

WHY = Reason.of(Code.CLOSED)
UP, DOWN = LinkState("opend", LinkPhase.READY, 0.0), LinkState("opend", LinkPhase.WAITING, 0.0, reason=WHY)
LOST = Reason.of(Code.SOURCE_LOST, source="opend", why=WHY)
SILENT, STALLED = (
    Reason.of(code, source="opend", since="09:40:00") for code in (Code.SOURCE_SILENT, Code.SOURCE_STALLED)
)
TENCENT = Symbol(Market.HK, "700")
MORNING = DAY.open + 600.0
REFUSED = Reason.of(Code.SOURCE_REFUSED, source="opend", why=WHY)


@pytest.mark.parametrize(
    ("link", "problem"),
    [
        (UP, None),
        (DOWN, LOST),
        (LinkState("opend", LinkPhase.FAILED, 0.0, reason=WHY), REFUSED),
        *(
            (
                LinkState("opend", LinkPhase.FAILED, 0.0, reason=WHY, error=error),
                Reason.of(Code.SOURCE_WANTS_LOGIN, source="opend", why=WHY),
            )
            for error in (AuthFailed("opend", 401003, "token expired"), NotSignedIn("opend", WHY, WHY))
        ),
        (
            LinkState("opend", LinkPhase.CONNECTING, 0.0),
            Reason.of(Code.SOURCE_LOST, source="opend", why=Reason.of(Code.LINK_DOWN)),
        ),
        (
            LinkState("opend", LinkPhase.READY, 0.0, facts=((LinkFact.QUOTE_RIGHT_LOST, WHY),)),
            Reason.of(Code.SOURCE_RIGHT_LOST, source="opend", why=WHY),
        ),
        (
            LinkState("opend", LinkPhase.READY, 0.0, facts=((LinkFact.KICKED_OUT, WHY),)),
            Reason.of(Code.SOURCE_LOGGED_OUT, source="opend", why=WHY),
        ),
    ],
)
def test_what_is_wrong_with_a_source_is_read_from_its_link(link: LinkState, problem: Reason | None) -> None:
    assert source_problem(link) == problem


class Rig:
    """A source in a book over a store. Monotonic 0 is ten minutes after the open."""

    def __init__(self, shelf: Shelf | None = None) -> None:
        self.book = AlertBook(CALENDAR, RuleTable())
        self.store = StoreInMemory(shelf or Shelf())
        open_store(self.book, self.store, MORNING)
        self.health = SourceHealth("opend", self.book)

    def look(
        self, at: float, problem: Reason | None, *, is_open: bool = True, live: bool = True
    ) -> tuple[Reason, bool] | None:
        return self.health.look(problem, TENCENT if is_open else None, at, MORNING + at, live=live)

    def told(self, *turns: tuple[float, Reason | None], is_open: bool = True) -> list[tuple[Reason, bool]]:
        found = (self.look(at, problem, is_open=is_open) for at, problem in turns)
        return [each for each in found if each is not None]

    @property
    def sent(self) -> list[tuple[AlertChange, Code | None]]:
        return [(event.change, event.reason and event.reason.code) for event in self.store.events]


def test_a_lost_source_is_said_once_within_fifteen_seconds_and_again_when_it_is_back() -> None:
    rig = Rig()
    assert rig.told((0.0, LOST), (PATIENCE_S - 1, LOST)) == []
    assert rig.told((PATIENCE_S, LOST), (20.0, LOST), (21.0, LOST)) == [(LOST, False)]
    assert rig.health.said == LOST
    (record,) = rig.book.records()
    assert (record.of_source, record.source, record.reason, record.told, record.waiting) == (
        *(True, "opend", LOST, 1),
        True,
    )
    assert (record.session, record.line_time) == (DAY.day.isoformat(), MORNING)  # the minute in which it began
    assert rig.told((22.0, None), (23.0, None)) == [(LOST, True)]
    assert [(each.state, each.cleared_at, each.waiting) for each in rig.book.records()] == [
        (AlertState.CLEARED, MORNING + 22.0, False)
    ]
    assert rig.sent == [
        (AlertChange.CANNOT_JUDGE, Code.SOURCE_LOST),
        (AlertChange.JUDGED_AGAIN, Code.SOURCE_AGAIN),
    ]
    assert PATIENCE_S + 1 <= 15.0


def test_a_connection_that_comes_back_soon_is_said_nowhere() -> None:
    rig = Rig()
    assert rig.told((0.0, LOST), (5.0, None), (6.0, LOST), (14.0, LOST), (15.0, None)) == []
    assert rig.book.records() == ()


def test_what_only_the_user_can_mend_is_said_at_once_and_after_a_loss_too() -> None:
    assert Rig().told((0.0, REFUSED), (1.0, REFUSED)) == [(REFUSED, False)]
    rig = Rig()
    assert rig.told((0.0, LOST), (10.0, LOST), (11.0, REFUSED), (12.0, LOST), (13.0, None)) == [
        (LOST, False),
        (REFUSED, False),
        (REFUSED, True),
    ]
    # One outage, one record: its second announcement has a key of its own.
    (record,) = rig.book.records()
    assert (record.told, len(rig.store.events)) == (2, 3)


def test_a_row_of_a_symbol_does_not_show_what_is_wrong_with_its_source() -> None:
    rig = Rig()
    rig.told((0.0, REFUSED))
    assert len(rig.book.records()) == 1
    assert rig.book.standing(TENCENT) is None


def test_no_problem_is_said_while_the_market_is_closed_but_the_end_of_one_is() -> None:
    rig = Rig()
    assert rig.told((0.0, LOST), (20.0, LOST), (21.0, REFUSED), is_open=False) == []
    assert rig.told((22.0, LOST), (31.0, LOST)) == []  # counted from the open
    assert rig.told((32.0, LOST)) == [(LOST, False)]
    assert rig.told((33.0, LOST), is_open=False) == []  # at lunch
    assert rig.told((3633.0, LOST), (3700.0, LOST)) == []  # the same outage
    assert rig.told((3701.0, None), is_open=False) == [(LOST, True)]


@pytest.mark.parametrize("problem", [SILENT, STALLED])
def test_a_source_that_was_silent_is_well_again_only_when_figures_move(problem: Reason) -> None:
    """A market that closed, where nothing is asked any more, is silent too."""
    rig = Rig()
    rig.told((0.0, problem), (PATIENCE_S, problem))
    assert rig.health.said == problem
    assert rig.look(20.0, None, is_open=False, live=False) is None
    assert rig.look(21.0, LOST) is None  # still the same outage
    assert rig.look(22.0, None, live=False) is None
    assert rig.look(23.0, None) == (problem, True)


def test_a_silent_source_is_said_at_once_for_it_was_waited_for_already() -> None:
    assert Rig().told((0.0, SILENT)) == [(SILENT, False)]
    assert Rig().told((0.0, STALLED), (9.0, STALLED)) == []


def test_a_rule_that_cannot_be_judged_after_an_outage_is_announced_a_while_later() -> None:
    """While the source was lost that was said of the source alone; what another reason holds up is not lost with it."""
    rig = Rig()
    rig.told((0.0, LOST), (PATIENCE_S, LOST))
    (outage,) = rig.book.records()
    why = Reason.of(Code.NO_ANSWER)
    during = replace(outage, id="a", rule_id="default", reason=why, raised_at=MORNING + 30.0)
    others = [
        replace(during, id="seen", seen=1),
        replace(during, id="before", raised_at=MORNING - 90.0),
        replace(during, id="other", source="longport"),
        replace(during, id="judged", state=AlertState.CLEARED),
    ]
    for record in (during, *others):
        rig.book.keep(AlertEvent(MORNING, AlertChange.CANNOT_JUDGE, record, None, None, 0.0, why))
    rig.told((60.0, None))
    assert rig.health.look_back(149.0, MORNING + 149.0) == []
    (event,) = rig.health.look_back(150.0, MORNING + 150.0)
    assert (event.record.id, event.record.told, event.announced, event.is_of_lost_source) == ("a", 2, True, False)
    assert rig.store.events[-1] == event
    assert rig.health.look_back(151.0, MORNING + 151.0) == []
    # An outage that was too short to be said may have hidden one, too.
    rig.told((200.0, LOST), (205.0, None))
    rig.book.keep(replace(event, record=replace(during, id="short", raised_at=MORNING + 203.0)))
    assert [each.record.id for each in rig.health.look_back(295.0, MORNING + 295.0)] == ["short"]


def test_with_the_session_a_record_ends_and_the_next_one_says_it_anew() -> None:
    rig = Rig()
    rig.told((0.0, REFUSED))
    assert rig.told((86400.0, REFUSED), (86401.0, REFUSED)) == [(REFUSED, False)]
    assert rig.sent[1] == (AlertChange.JUDGED_AGAIN, Code.SESSION_ENDED)
    newest, oldest = rig.book.records()
    assert (newest.standing, oldest.state) == (True, AlertState.ENDED)


def test_what_another_run_said_is_not_said_to_channels_again_and_its_end_is() -> None:
    shelf = Shelf()
    Rig(shelf).told((0.0, REFUSED))
    again = Rig(shelf)
    assert again.told((5.0, REFUSED)) == [(REFUSED, False)]  # in this window
    assert again.sent == []
    assert again.told((6.0, None)) == [(REFUSED, True)]
    assert again.sent == [(AlertChange.JUDGED_AGAIN, Code.SOURCE_AGAIN)]
    # A program that finds it well says so, to whom it was said.
    Rig(shelf).told((60.0, SILENT))
    third = Rig(shelf)
    assert third.look(61.0, None, live=False) is None
    assert third.sent == []
    assert third.look(62.0, None) is None
    assert third.sent == [(AlertChange.JUDGED_AGAIN, Code.SOURCE_AGAIN)]


def test_two_programs_that_see_one_outage_keep_one_record_whenever_and_by_whichever_symbol_they_see_it() -> None:
    first, second = Rig(), Rig()
    for earlier in ((), ((100.0, None),)):
        first.told((0.0, LOST), (PATIENCE_S, LOST), *earlier, (119.0, LOST), (129.0, LOST))
        for at, problem in ((0.0, LOST), (PATIENCE_S + 2.0, LOST), *earlier, (121.0, LOST), (132.0, LOST)):
            second.health.look(problem, Symbol(Market.HK, "5"), at, MORNING + at)
        keys = [[(each.id, each.told) for each in rig.book.records()] for rig in (first, second)]
        assert keys[0] == keys[1]
    assert len(keys[0]) == 2


def test_an_outage_of_another_program_is_not_over_because_this_one_is_well() -> None:
    shelf = Shelf()
    first, second = Rig(shelf), Rig(shelf)
    second.look(0.0, None)
    first.told((0.0, LOST), (PATIENCE_S, LOST))
    open_store(second.book, second.store, MORNING)
    assert second.told((11.0, None), (12.0, None)) == []
    assert [each.standing for each in second.book.records()] == [True]
    assert second.sent == []


def test_an_outage_that_another_program_ended_is_said_anew_where_it_goes_on() -> None:
    """A program that begins meanwhile takes the record for that of an earlier run."""
    shelf = Shelf()
    first = Rig(shelf)
    first.told((0.0, LOST), (PATIENCE_S, LOST))
    second = Rig(shelf)
    second.look(20.0, None)
    assert second.sent == [(AlertChange.JUDGED_AGAIN, Code.SOURCE_AGAIN)]
    first.book.keep(second.store.events[-1])
    assert first.told((21.0, LOST), (30.0, LOST)) == []
    assert len(first.sent) == 2
    first.told((31.0, LOST), (32.0, LOST))
    assert first.sent[2:] == [(AlertChange.CANNOT_JUDGE, Code.SOURCE_LOST)]
    open_store(second.book, second.store, MORNING)
    second.look(33.0, None)
    assert [each.standing for each in second.book.records()] == [True, False]


def test_a_second_outage_of_a_minute_is_announced_under_another_number() -> None:
    rig = Rig()
    assert rig.told((0.0, REFUSED), (1.0, None), (2.0, REFUSED)) == [
        (REFUSED, False),
        (REFUSED, True),
        (REFUSED, False),
    ]
    newest, oldest = rig.book.records()
    assert (newest.standing, oldest.standing) == (True, False)
    assert newest.line_time > oldest.line_time


@given(
    st.lists(
        st.tuples(
            st.floats(0.1, 30.0), st.sampled_from([None, LOST, REFUSED, SILENT, STALLED]), st.booleans(), st.booleans()
        ),
        max_size=30,
    )
)
def test_over_any_path_each_outage_is_said_before_it_is_over_and_over_once(
    turns: list[tuple[float, Reason | None, bool, bool]],
) -> None:
    rig, now, open_ = Rig(), 0.0, False
    for seconds, problem, is_open, live in turns:
        now += seconds
        said = rig.look(now, problem, is_open=is_open, live=live)
        if said is not None:
            _, over = said
            assert over is (problem is None)
            assert open_ or not over
            assert is_open or over
            open_ = not over
        assert sum(each.standing for each in rig.book.records()) == int(open_)
    numbers = [(event.record.id, event.record.told, event.change) for event in rig.store.events]
    assert len(set(numbers)) == len(numbers)


def source(
    states: dict[str, Freshness],
    asked: float | None = None,
    ready: float | None = 0.0,
    age: float | None = 240.0,
    answered: float | None = None,
) -> Any:
    return SimpleNamespace(
        intake=SimpleNamespace(unanswered_since=asked, answered_at=answered),
        ready_since=ready,
        states={Symbol.parse(f"{code}.HK"): state for code, state in states.items()},
        age=lambda _symbol: age,
        market=SimpleNamespace(rate=2.0),
    )


@pytest.mark.parametrize(
    ("asked", "answered", "ready", "opened", "since"),
    [
        (None, 50.0, 0.0, 0.0, None),
        (50.0, None, None, 0.0, None),
        (50.0, None, 0.0, 0.0, 50.0),
        (50.0, 40.0, 85.0, 0.0, 85.0),
        (50.0, 40.0, 0.0, 88.0, 88.0),
        (95.0, 88.0, 0.0, 0.0, 95.0),
        (95.5, 80.0, 0.0, 0.0, None),  # the question may still be answered
        (95.0, 88.5, 0.0, 0.0, None),
        (50.0, None, 89.0, 0.0, 89.0),  # on a new connection the first answer is not waited for as long
        (50.0, None, 91.0, 0.0, None),
    ],
)
def test_silence_counts_from_the_first_question_on_this_connection_in_this_session(
    asked: float | None, answered: float | None, ready: float | None, opened: float, since: float | None
) -> None:
    assert silent_since(source({}, asked, ready, answered=answered), opened, 100.0) == since


def test_figures_that_stand_are_the_sources_where_those_of_several_symbols_do_and_none_moves() -> None:
    stale, live = Freshness.STALE, Freshness.LIVE
    three = {"1": stale, "2": stale, "3": stale}
    assert stalled_since(source(three | {"4": Freshness.LUNCH}), 1000.0) == 1000.0 - 120.0
    assert stalled_since(source(three, age=None), 1000.0) == 1000.0
    assert stalled_since(source(three | {"4": live}), 1000.0) is None
    two = source(three | {"3": Freshness.HALTED})
    assert stalled_since(two, 1000.0) is None
    assert stalled_since(two, 1000.0, others_move=True) == 1000.0 - 120.0
    assert stalled_since(source({"1": stale}), 1000.0, others_move=True) is None


def test_a_source_moves_where_it_answers_and_figures_are_live() -> None:
    live = {"1": Freshness.LIVE, "2": Freshness.STALE}
    assert moves(source(live), 100.0)
    assert moves(source(live, asked=96.0), 100.0)
    assert not moves(source(live, asked=95.0), 100.0)
    assert not moves(source({"1": Freshness.CLOSED}), 100.0)
