"""What `capflow check-rule` prints, to the letter."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from capflow_gui.archive.model import DayKey
from capflow_gui.domain.session import TradingDay
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.domain.typed.rule import parse_rule
from capflow_gui.playback.dry_run import Outcome, Tried
from capflow_gui.playback.trial import Trial, TriedDay
from capflow_gui.present.check_lines import (
    Tally,
    expectation_words,
    tally_json,
    tally_words,
    to_json,
    to_table,
    trial_words,
    tried_words,
)
from capflow_gui.present.reasons import reason_words
from capflow_gui.reason import Code, Reason

HONG_KONG = ZoneInfo("Asia/Hong_Kong")
KEY = DayKey("opend", Symbol.parse("700.HK"), date(2022, 6, 8))
DAY = TradingDay(
    Market.HK, KEY.session, "Asia/Hong_Kong", ((1_654_651_800, 1_654_660_800), (1_654_664_400, 1_654_675_200))
)
LATE = Tried(KEY, Outcome.RAISED, 1_654_656_420, -0.031, -0.03, late=True)
ENDED = Tried(KEY, Outcome.CLEARED, None, None, -0.03, Reason.of(Code.SESSION_ENDED))
UNJUDGED = Tried(KEY, Outcome.UNJUDGED, None, None, -0.03, Reason.of(Code.TURNOVER_UNKNOWN))


def test_that_it_is_judged_again_is_said_once() -> None:
    again = replace(UNJUDGED, outcome=Outcome.JUDGED_AGAIN, reason=Reason.of(Code.JUDGED_AGAIN))
    table = to_table(parse_rule("*: net/turnover <= -3%"), [(again, HONG_KONG)])
    assert table.count("judged again") == 1


def test_an_object_a_line() -> None:
    assert json.loads(to_json(LATE, HONG_KONG)) == {
        "type": "raised",
        "symbol": "700.HK",
        "source": "opend",
        "session": "2022-06-08",
        "time": "2022-06-08T10:47:00+08:00",
        "value": -0.031,
        "threshold": -0.03,
        "reason": "",
        "late": True,
    }
    ended = json.loads(to_json(ENDED, HONG_KONG))
    assert (ended["time"], ended["value"], ended["reason"]) == (None, None, "session ended")
    assert "late" not in ended


def test_a_table_shows_shares_as_per_cent_and_says_why() -> None:
    rule = parse_rule("*: net/turnover <= -3%")
    lines = to_table(rule, [(each, HONG_KONG) for each in (LATE, ENDED, UNJUDGED)]).splitlines()
    assert lines == [
        "session     symbol  source  time   what      value  threshold",
        "2022-06-08  700.HK  OpenD   10:47  raised    −3.1%      −3.0%  began before it was recorded",
        "2022-06-08  700.HK  OpenD   –      cleared       –      −3.0%  session ended",
        "2022-06-08  700.HK  OpenD   –      unjudged      –      −3.0%  the turnover is not known",
    ]
    assert to_table(rule, []) == ""


def test_the_tally() -> None:
    tally = Tally({KEY.session, date(2022, 6, 9)}, {KEY.symbol})
    assert tally_words(tally) == "Never raised in 2 sessions of 1 symbol."
    tally.add(KEY, [LATE, ENDED])
    assert tally_words(tally) == "Raised once in 2 sessions of 1 symbol."
    tally.add(KEY, [LATE, UNJUDGED])
    assert tally_words(tally) == "Raised 2 times in 2 sessions of 1 symbol; not judged: 1."
    assert json.loads(tally_json(tally)) == {
        "type": "summary",
        "sessions": 2,
        "symbols": 1,
        "raised": 2,
        "unjudged": 1,
    }


def test_what_a_threshold_would_have_done() -> None:
    assert trial_words(Trial()) == "No session is recorded to try it on."
    days = [TriedDay(DAY, symbols=1)]
    assert trial_words(Trial(days, 1)) == "It would not have alerted in the recorded session."
    why = Reason.of(Code.NO_LINES)
    said = "It could not always be judged in the recorded session, and did not alert: " + reason_words(why)
    missed = TriedDay(DAY, symbols=1, unjudged=[why], missed=1)
    assert trial_words(Trial([missed], 1)) == f"{said}."
    days.append(TriedDay(DAY, symbols=1, raised=1))
    assert trial_words(Trial(days, 1)) == "It would have alerted once in the last 2 recorded sessions."
    days.append(missed)
    assert trial_words(Trial(days, 1)) == "It would have alerted once in the last 2 recorded sessions; not judged: 1."
    days.append(TriedDay(DAY, symbols=3, raised=1, unjudged=[why] * 4, missed=1, partly=2))
    said = "in the last 3 recorded sessions of 4 symbols; not always judged: 2; not judged: 2."
    assert trial_words(Trial(days, 4)) == f"It would have alerted 2 times {said}"


def test_one_session_a_threshold_was_tried_on() -> None:
    name, at, why = "Wed 8 Jun 2022", DAY.open + 600, Reason.of(Code.NO_LINES)
    tried = TriedDay(DAY, symbols=1)
    assert tried_words(tried) == f"{name} · no alert"
    tried.fired = [(at, -1.0)]
    assert tried_words(tried) == f"{name} · alerted at 09:40"
    tried.fired = [(at + minute * 60, -1.0) for minute in (0, 1, 5)]
    tried.complete = False
    assert tried_words(tried) == f"{name} · alerted at 09:40, 09:41 and 09:45 · recorded incompletely"
    unjudged = TriedDay(DAY, symbols=1, unjudged=[why])
    assert tried_words(unjudged) == f"{name} · no alert · not judged: {reason_words(why)}"
    many = TriedDay(DAY, symbols=9, raised=2, unjudged=[why, why])
    assert tried_words(many) == f"{name} · 2 alerts of 9 symbols · not judged: 2"


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        ((1, 1, 1, 1), ""),
        ((0,) * 10, ""),
        ((1,) + (0,) * 9, " Expect about once in 10 sessions."),
        ((1, 1) + (0,) * 8, " Expect about once a week."),
        ((1, 1, 1) + (0,) * 7, " Expect about twice a week."),
        ((1, 0) * 5, " Expect about twice a week."),
        ((1, 1, 0, 1, 1), " Expect about 4 times a week."),
        ((1,) * 10, " Expect about once a day."),
        ((2,) * 10, " Expect about twice a day."),
        ((14,) * 5, " Expect about 14 times a day."),
    ],
)
def test_what_to_expect_is_said_in_words(raised: tuple[int, ...], said: str) -> None:
    tried = Trial([TriedDay(DAY, symbols=1, raised=count) for count in raised], 1)
    assert expectation_words(tried) == trial_words(tried) + said


def test_sessions_that_were_not_judged_say_nothing_of_how_often_to_expect_an_alert() -> None:
    judged = [TriedDay(DAY, symbols=1, raised=1)] * 5
    missed = [TriedDay(DAY, symbols=1, unjudged=[Reason.of(Code.NO_LINES)], missed=1)] * 5
    tried = Trial([*judged, *missed], 1)
    assert expectation_words(tried) == trial_words(tried) + " Expect about once a day."
    assert expectation_words(Trial([*judged[1:], *missed], 1)) == trial_words(Trial([*judged[1:], *missed], 1))
