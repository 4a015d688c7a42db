"""Which recorded session is shown, and what of it was asked for."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from capflow_gui.archive.model import DamagedEntry
from capflow_gui.domain.quote import Turnover
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import StorageError
from capflow_gui.feed.board import Freshness
from capflow_gui.reason import Code, Reason
from capflow_gui.ui.history.recorded import RecordedView, recorded_row
from capflow_gui.ui.ports import ListedSessions
from tests.ui.boards import DAY, row_of, trading_day
from tests.ui.recorded_days import DATES, TENCENT, HandDays, flagged, recorded, two_weeks
from tests.ui.window_fixture import start_now

THURSDAY, WEDNESDAY, TUESDAY = date(2026, 11, 19), date(2026, 11, 18), date(2026, 11, 17)


@pytest.fixture
def days() -> HandDays:
    return two_weeks()


@pytest.fixture
def view(days: HandDays) -> RecordedView:
    made = RecordedView(days, start_now)
    made.set_symbol(TENCENT)
    return made


def test_sessions_are_known_once_a_symbol_is(view: RecordedView, days: HandDays) -> None:
    assert view.dates() == list(DATES)
    view.set_symbol(TENCENT)
    assert days.asked == [("sessions", TENCENT)]


def test_a_day_is_read_once_and_kept(view: RecordedView, days: HandDays) -> None:
    first = view.session(THURSDAY)
    assert first is not None
    assert view.session(THURSDAY) is first
    assert sum(what[0] == "session" for what in days.asked) == 1


def test_a_day_that_grew_is_read_again(view: RecordedView, days: HandDays) -> None:
    assert view.session(TUESDAY) is not None
    days.found |= HandDays.of([recorded(TENCENT, TUESDAY, 60e6)]).found
    view.tick(0.0)
    view.tick(4.0)
    assert not view.summary(TUESDAY).complete
    view.tick(30.0)
    session = view.session(TUESDAY)
    assert session is not None
    assert session.summary.complete


def test_the_date_stays_while_the_list_is_looked_through_and_the_comparison_ends(view: RecordedView) -> None:
    view.show_date(THURSDAY)
    view.compare(WEDNESDAY)
    view.set_symbol(Symbol.parse("5.HK"))
    assert (view.date, view.other) == (THURSDAY, None)
    assert view.session(THURSDAY) is None


def test_stepping_goes_through_the_recorded_sessions_and_ends_live(view: RecordedView) -> None:
    assert view.stepped(-1, DAY) == THURSDAY
    view.show_date(THURSDAY)
    assert view.stepped(-2, DAY) == TUESDAY
    assert view.stepped(1, DAY) is None
    view.show_date(date(2026, 11, 13))  # nothing is recorded of it
    assert view.stepped(-1, DAY) == date(2026, 11, 12)
    view.show_date(DATES[0])
    assert view.stepped(-1, DAY) == DATES[0]


def test_the_ghost_is_the_session_before_the_one_shown(view: RecordedView) -> None:
    assert view.behind(trading_day(), "opend") is None
    view.set_ghost(True)
    ghost = view.behind(trading_day(), "opend")
    assert ghost is not None
    assert (ghost.name, ghost.compared) == ("Thu 19 Nov", False)
    assert view.behind(trading_day(), "opend") is ghost
    thursday = view.session(THURSDAY)
    assert thursday is not None
    before = view.behind(thursday.summary.day, "opend")
    assert before is not None
    assert before.name == "Wed 18 Nov"


def test_a_compared_session_takes_the_place_of_the_ghost(view: RecordedView) -> None:
    view.set_ghost(True)
    view.compare(TUESDAY)
    other = view.behind(trading_day(), "opend")
    assert other is not None
    assert (other.name, other.compared) == ("Tue 17 Nov", True)
    view.compare(TUESDAY)
    assert view.other is None
    view.show_date(TUESDAY)
    view.compare(TUESDAY)
    assert view.other is None


def test_a_broken_archive_is_said_and_not_asked_for_ever(view: RecordedView, days: HandDays) -> None:
    days.error = StorageError(Reason.of(Code.VERBATIM, text="the file is damaged"))
    view.changed.connect(lambda: view.session(THURSDAY))
    assert view.session(THURSDAY) is None
    assert "damaged" in view.error
    assert sum(what[0] == "session" for what in days.asked) == 1
    days.error = None
    view.tick(0.0)
    view.tick(60.0)
    assert view.session(THURSDAY) is not None
    assert view.error == ""


def test_a_list_that_cannot_be_read_is_no_empty_one(days: HandDays) -> None:
    days.error = StorageError(Reason.of(Code.VERBATIM, text="the file is damaged"))
    view = RecordedView(days, start_now)
    view.set_symbol(TENCENT)
    assert view.dates() == []
    assert (
        view.fault
        == view.nothing(TENCENT)
        == view.none_before(TENCENT)
        == "The file is damaged. Nothing shown is lost."
    )
    days.error = None
    view.tick(0.0)
    view.tick(60.0)
    assert (view.fault, len(view.dates())) == ("", len(DATES))


def test_damaged_entries_are_days_that_say_so_and_those_without_a_date_are_counted(days: HandDays) -> None:
    lost, undated = date(2026, 11, 13), DamagedEntry("opend", "700.HK", "\x00")
    days.damaged = [DamagedEntry("opend", "700.HK", day.isoformat()) for day in (lost, THURSDAY)] + [undated]
    view = RecordedView(days, start_now)
    view.set_symbol(TENCENT)
    assert [day for day in (*DATES, lost) if view.is_damaged(day)] == [lost]
    assert view.dates() == sorted((*DATES, lost))
    assert view.missing(TENCENT, lost).startswith("What was recorded of 700.HK on Fri 13 Nov 2026 is damaged")
    assert view.fault == "1 damaged session is not shown: capflow archive verify names it."
    changes: list[None] = []
    view.changed.connect(lambda: changes.append(None))
    days.damaged = []
    view.tick(0.0)
    view.tick(60.0)
    assert (view.dates(), view.fault, len(changes)) == (list(DATES), "", 1)


def test_of_two_sources_the_complete_one_is_shown_then_the_row_s_own(days: HandDays) -> None:
    whole, part = recorded(TENCENT, TUESDAY), recorded(TENCENT, TUESDAY, lines=214)
    other = replace(part.summary, key=part.summary.key._replace(source="longport"))
    days.found[other.key] = replace(part, summary=other)
    days.found[whole.summary.key] = whole
    view = RecordedView(days, start_now)
    view.set_symbol(TENCENT)
    assert view.summary(TUESDAY, "longport").key.source == "opend"
    again = replace(whole.summary, key=other.key)
    days.found[other.key] = replace(whole, summary=again)
    view.set_symbol(None)
    view.set_symbol(TENCENT)
    assert view.summary(TUESDAY, "longport").key.source == "longport"


def test_answers_of_a_symbol_left_are_not_taken() -> None:
    waiting: list[Callable[[Any], None]] = []

    def start_later(
        job: Callable[[], Coroutine[Any, Any, Any]], on_done: Callable[[Any], None], _error: object
    ) -> Callable[[], None]:
        job().close()
        waiting.append(on_done)
        return lambda: waiting.remove(on_done)

    view = RecordedView(two_weeks(), start_later)
    view.set_symbol(TENCENT)
    view.set_symbol(Symbol.parse("5.HK"))
    assert len(waiting) == 1
    waiting[0](ListedSessions([]))
    assert view.dates() == []
    view.rest()


def test_a_recorded_row_has_no_threshold_no_alert_and_says_when_it_was_unfinished() -> None:
    live = row_of("700.HK", "Tencent Holdings", -263e6, 7e9, threshold=-200e6, threshold_own=True)
    whole = recorded_row(live, recorded())
    assert (whole.threshold, whole.alert, whole.quote) == (None, None, None)
    assert whole.freshness is Freshness.CLOSED
    assert whole.series is not None
    assert whole.series.session == THURSDAY
    assert recorded_row(live, recorded(lines=214)).freshness is Freshness.PREVIOUS_SESSION
    assert recorded_row(live, flagged(recorded())).flagged


def test_a_recorded_share_is_of_the_turnover_known_at_the_end() -> None:
    live = row_of("700.HK", "Tencent Holdings", -263e6, 7e9)
    session = recorded()
    end = float(session.series.timestamps[-1])
    for turnover, shown in ((None, None), (Turnover(4e9, end + 60), 4e9), (Turnover(4e9, end - 3600), None)):
        assert recorded_row(live, replace(session, turnover=turnover)).turnover == shown


def test_last_lines_are_asked_for_once(view: RecordedView, days: HandDays) -> None:
    found = view.totals()
    assert found is not None
    assert [total.key.session for total in found.lines if not total.complete] == [TUESDAY]  # it broke off
    view.totals()
    assert days.asked.count(("totals", TENCENT)) == 1
    whole = recorded(TENCENT, TUESDAY)
    days.found[whole.summary.key] = whole
    for now in (0.0, 10.0):
        view.tick(now)
    again = view.totals()
    assert again is not None
    assert all(total.complete for total in again.lines)
    days.damaged.append(DamagedEntry("opend", str(TENCENT), str(THURSDAY)))
    view.tick(20.0)
    later = view.totals()
    assert later is not None
    assert [key.session for key in later.damaged] == [THURSDAY]


def test_the_line_to_point_at_is_asked_for_once_and_of_one_symbol(view: RecordedView) -> None:
    view.show_date(THURSDAY, 60)
    assert (view.take_line(), view.take_line()) == (60, None)
    view.show_date(THURSDAY, 120)
    view.set_symbol(None)
    assert view.take_line() is None
