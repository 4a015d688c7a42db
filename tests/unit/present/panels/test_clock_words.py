"""What the clocks say of markets, days to come and sources."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from capflow_gui.domain.link import LinkFact, LinkPhase, LinkState
from capflow_gui.domain.symbol import Market
from capflow_gui.present.panels import clock_words
from capflow_gui.present.panels.clock_words import MarketLine, market_lines
from capflow_gui.reason import Code, Reason
from tests.ui.boards import CALENDAR, NOW

BERLIN = ZoneInfo("Europe/Berlin")


def line(market: Market, text: str) -> MarketLine:
    now = datetime.fromisoformat(text).replace(tzinfo=CALENDAR.zone(market)).timestamp()
    (found,) = market_lines(CALENDAR, [market], lambda _market: now, BERLIN)
    return found


def test_each_market_has_its_time_there_and_here_and_what_comes_next() -> None:
    found = market_lines(CALENDAR, [Market.HK, Market.SH, Market.US, Market.SZ], lambda _market: NOW, BERLIN)
    assert [each.name for each in found] == ["HK", "CN", "US"]
    hong_kong, china, new_york = found
    assert (hong_kong.time, hong_kong.time_here, hong_kong.state) == ("14:32:08", "07:32:08", "open")
    assert (hong_kong.comes, hong_kong.at, hong_kong.at_here) == ("closes in 1 h 27 m", "16:00", "09:00")
    assert china.at == "15:00"
    assert (new_york.state, new_york.comes, new_york.at) == ("opens today", "opens in 7 h 57 m", "09:30")
    assert clock_words.line_words(hong_kong) == "HK 14:32:08 · open · closes in 1 h 27 m"
    assert market_lines(CALENDAR, [Market.HK], lambda _market: NOW)[0].time == "14:32:08"


@pytest.mark.parametrize(
    ("market", "at", "state", "bell", "notes"),
    [
        (Market.HK, "2026-11-20T12:30", "lunch", "13:00", ()),
        (Market.HK, "2026-11-20T20:00", "closed", "Mon 23 Nov 09:30", ()),
        (Market.HK, "2026-12-24T11:00", "open", "12:00", ("Half day: closes 12:00", "Holiday on Fri 25 Dec")),
        (Market.HK, "2026-12-25T11:00", "holiday", "Mon 28 Dec 09:30", ()),
        (Market.HK, "2026-12-23T11:00", "open", "16:00", ("Half day on Thu 24 Dec: closes 12:00",)),
        (Market.HK, "2026-11-21T11:00", "closed", "Mon 23 Nov 09:30", ()),
    ],
)
def test_lunch_half_days_and_holidays_are_said(
    market: Market, at: str, state: str, bell: str, notes: tuple[str, ...]
) -> None:
    found = line(market, at)
    assert (found.state, found.at, found.notes) == (state, bell, notes)


def test_days_beyond_the_table_are_labelled_as_assumed() -> None:
    night = CALENDAR.known_to(Market.HK).isoformat() + "T20:00"
    assert line(Market.HK, night).notes[-1].startswith("Trading days are known to")
    assert line(Market.HK, night).comes.endswith("?")


def link(skew: float | None, source: str = "opend", *, simulated: bool = False) -> LinkState:
    facts = ((LinkFact.SIMULATED, Reason.of(Code.VERBATIM, text="demo")),) if simulated else ()
    return LinkState(source, LinkPhase.READY, 0.0, skew_s=skew, facts=facts)


@pytest.mark.parametrize(
    ("skew", "said", "quietly"),
    [
        (None, "OpenD has not said its time yet", ""),
        (-0.4, "OpenD's clock and this computer's agree", ""),
        (-12.3, "OpenD's clock is 12 s behind this computer's", "OpenD's clock is 12 s behind this computer's"),
        (3.0, "OpenD's clock is 3 s ahead of this computer's", ""),
        (400.0, "OpenD's clock is 6 m ahead of this computer's", ""),
    ],
)
def test_how_far_a_clock_is_off_is_said_quietly_until_it_is_a_trouble(
    skew: float | None, said: str, quietly: str
) -> None:
    assert clock_words.clock_lines([link(skew)], simulated=False) == [said]
    assert clock_words.skew_words([link(skew), link(0.0, "longport")]) == quietly


def test_a_simulators_time_is_called_so() -> None:
    assert clock_words.clock_lines([link(None)], simulated=True) == ["OpenD: simulated time"]
    assert clock_words.clock_lines([link(None, simulated=True)], simulated=False) == ["OpenD: simulated time"]


def test_it_is_said_which_clock_is_used_for_what() -> None:
    assert "403201" in clock_words.clock_note(longport=True)
    assert "Longport" not in clock_words.clock_note(longport=False)
