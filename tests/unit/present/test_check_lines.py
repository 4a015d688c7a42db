"""What `capflow check-rule` prints, to the letter."""

from __future__ import annotations

import json
from datetime import date
from zoneinfo import ZoneInfo

from capflow_gui.archive.model import DayKey
from capflow_gui.domain.alert_grammar import parse_rule
from capflow_gui.domain.symbol import Symbol
from capflow_gui.playback.dry_run import Outcome, Tried
from capflow_gui.present.check_lines import Tally, tally_json, tally_words, threshold_words, to_json, to_table
from capflow_gui.reason import Code, Reason

HONG_KONG = ZoneInfo("Asia/Hong_Kong")
KEY = DayKey("opend", Symbol.parse("700.HK"), date(2022, 6, 8))
LATE = Tried(KEY, Outcome.RAISED, 1_654_656_420, -0.031, -0.03, late=True)
ENDED = Tried(KEY, Outcome.CLEARED, None, None, -0.03, Reason.of(Code.SESSION_ENDED))
UNJUDGED = Tried(KEY, Outcome.UNJUDGED, None, None, -0.03, Reason.of(Code.TURNOVER_UNKNOWN))


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
    tally = Tally()
    assert threshold_words(tally) == "No session is recorded to try it on."
    tally.add(KEY, [])
    assert threshold_words(tally) == "It would not have alerted in the recorded session."
    tally.add(KEY._replace(session=date(2022, 6, 9)), [LATE])
    assert threshold_words(tally) == "It would have alerted once in the last 2 recorded sessions."
    tally.add(KEY, [LATE, UNJUDGED])
    assert threshold_words(tally) == "It would have alerted 2 times in the last 2 recorded sessions; not judged: 1."
