from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import msgspec
import numpy as np
import pytest

from capflow_gui.domain.alert_record import AlertRecord, AlertState
from capflow_gui.domain.calibration import Calibration, Kind, Scale, Sign
from capflow_gui.domain.class_flow import ClassFlow
from capflow_gui.domain.flow import Flag, FlowSeries, Period
from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.domain.quote import Distribution
from capflow_gui.domain.session import TradingDay
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.domain.typed.level import Share
from capflow_gui.errors import (
    CapflowError,
    ConnectionLost,
    NoLines,
    NoQuoteRight,
    NotSignedIn,
    RequestRejected,
    UnknownSymbol,
)
from capflow_gui.feed.board import Freshness, Row
from capflow_gui.present.numbers import clock_time
from capflow_gui.present.row_sentence import row_message, row_sentence, snapshot_words, source_words
from capflow_gui.present.sentences import Action, Tone
from capflow_gui.reason import Code, Reason
from tests.reasons import said

ZONE = "Asia/Hong_Kong"
OPEN = 1654651800  # 2022-06-08 09:30
DAY = TradingDay(Market.HK, date(2022, 6, 8), ZONE, ((OPEN, OPEN + 9000), (OPEN + 12600, OPEN + 23400)))
SYMBOL = Symbol(Market.HK, "941")
NOW = OPEN + 60.0 * 30  # 10:00
READY = LinkState("opend", LinkPhase.READY, 0.0)
LOST = LinkState("opend", LinkPhase.LOST, 990.0, reason=said("reset"))
WAITING = LinkState("opend", LinkPhase.WAITING, 995.0, reason=said("refused"), attempt=2, retry_at=1008.0)


def series(net: float = -18.8e6, *, confirmed: bool = True, flags: Flag = Flag.NONE) -> FlowSeries:
    values = np.full((6, 2), math.nan)
    values[0] = [0.0, net]
    values[2:, 1] = [-1e6, -1e6, -1e6, -1e6]
    return FlowSeries(
        SYMBOL,
        "opend",
        Period.INTRADAY,
        np.array([OPEN, OPEN + 60], np.int64),
        values,
        last_valid=NOW - 8,
        session=DAY.day,
        received=OPEN + 24144,
        flags=flags,
        line_flags=np.array([0, flags.value], np.uint16),
        confirmed=np.array([True, confirmed]),
    )


def until(valid: float) -> FlowSeries:
    return msgspec.structs.replace(series(), last_valid=valid)


OF_YESTERDAY = msgspec.structs.replace(series(), session=date(2022, 6, 7))


def row(freshness: Freshness = Freshness.LIVE, **facts: object) -> Row:
    base = Row(
        symbol=SYMBOL,
        source="opend",
        name="China Mobile",
        currency="HKD",
        currency_assumed=False,
        series=series(),
        day=DAY,
        quote=None,
        freshness=freshness,
        flagged=False,
        error=None,
        age_s=8.0,
        cycle_s=10.0,
        polled_at=992.0,
        next_poll_at=1006.0,
        next_open=None,
        threshold=None,
        threshold_own=False,
        alert=None,
    )
    return replace(base, **facts)  # type: ignore[arg-type]


def alert(state: AlertState = AlertState.ACTIVE, **facts: object) -> AlertRecord:
    base = AlertRecord("1", "opend", SYMBOL, "net <= -18M", state, "2022-06-08", OPEN + 60, -18.8e6, -18e6, OPEN + 125)
    return replace(base, **facts)  # type: ignore[arg-type]


def fails(error: CapflowError, freshness: Freshness = Freshness.ERROR, **facts: object) -> Row:
    return row(freshness, error=error, **facts)


REFUSED = RequestRejected("opend", 7, "请求失败")
NO_RIGHT = NoQuoteRight("opend", 3, "no HK LV1 quote right")
UNKNOWN = UnknownSymbol("opend", -1, "unknown stock code")


@pytest.mark.parametrize(
    ("told", "link", "shown", "action", "tone"),
    [
        (row(), READY, "Live · true at 09:59:52 · polled 8 s ago", None, Tone.LIVE),
        (
            row(polled_at=942.0, cycle_s=37.0),
            READY,
            "Live · true at 09:59:52 · polled 58 s ago, usually every 37 s",
            None,
            Tone.LIVE,
        ),
        (
            row(series=series(confirmed=False)),
            READY,
            "Live · true at 09:59:52 · polled 8 s ago · newest minute still moving",
            None,
            Tone.LIVE,
        ),
        (
            row(Freshness.STALE, age_s=134.0),
            READY,
            "Stale 2m 14s · true at 09:59:52 · source time not moving · asking again in 6 s",
            None,
            Tone.TROUBLE,
        ),
        (
            row(),
            LOST,
            "OpenD lost 09:59:50 · showing 09:59:52",
            Action.RECONNECT,
            Tone.TROUBLE,
        ),
        (row(), WAITING, "OpenD lost · showing 09:59:52 · try 3 in 8 s", Action.RECONNECT, Tone.TROUBLE),
        (
            fails(ConnectionLost("opend", said("reset"))),
            WAITING,
            "OpenD lost · showing 09:59:52 · try 3 in 8 s",
            Action.RECONNECT,
            Tone.TROUBLE,
        ),
        (
            row(Freshness.NEVER_POLLED, polled_at=None, age_s=20528.0),
            WAITING,
            "OpenD not connected · recorded, 5h 42m old, true at 09:59:52 · refused · try 3 in 8 s",
            Action.RECONNECT,
            Tone.TROUBLE,
        ),
        (
            row(Freshness.NEVER_POLLED, series=None),
            WAITING,
            "OpenD not connected · refused · try 3 in 8 s",
            Action.RECONNECT,
            Tone.TROUBLE,
        ),
        (row(threshold=-20e6), READY, "Live · true at 09:59:52 · 94 % of the way to net ≤ −20M", None, Tone.LIVE),
        (
            row(threshold=Share(-0.02), turnover=1e9),
            READY,
            "Live · true at 09:59:52 · 94 % of the way to net/turnover ≤ −2%",
            None,
            Tone.LIVE,
        ),
        (row(threshold=Share(-0.02)), READY, "Live · true at 09:59:52 · polled 8 s ago", None, Tone.LIVE),
        (row(threshold=-40e6), READY, "Live · true at 09:59:52 · polled 8 s ago", None, Tone.LIVE),
        (row(alert=alert()), READY, "Live · true at 09:59:52 · breached 09:31", None, Tone.LIVE),
        (
            row(alert=alert(told=0)),
            READY,
            "Live · true at 09:59:52 · early: net ≤ −18M at 09:31, whose minute is not over",
            None,
            Tone.LIVE,
        ),
        (
            row(alert=alert(seen=1)),
            READY,
            "Live · true at 09:59:52 · acknowledged · still breached",
            None,
            Tone.LIVE,
        ),
        (
            row(alert=alert(snoozed_until=NOW + 900)),
            READY,
            "Live · true at 09:59:52 · snoozed until 10:15 · still breached",
            None,
            Tone.LIVE,
        ),
        (
            row(alert=alert(cannot_judge=True, reason=Reason.of(Code.TURNOVER_UNKNOWN))),
            READY,
            "Live · true at 09:59:52 · cannot judge net ≤ −18M: the turnover is not known",
            None,
            Tone.LIVE,
        ),
        (
            row(alert=alert(cannot_judge=True, reason=Reason.of(Code.TURNOVER_UNKNOWN), snoozed_until=NOW + 900)),
            READY,
            "Live · true at 09:59:52 · snoozed until 10:15 · cannot judge net ≤ −18M: the turnover is not known",
            None,
            Tone.LIVE,
        ),
        (
            row(alert=alert(AlertState.CLEARED, cleared_at=OPEN + 300)),
            READY,
            "Live · true at 09:59:52 · breached 09:31, cleared 09:35, not seen",
            None,
            Tone.LIVE,
        ),
        (
            row(alert=alert(AlertState.ENDED, cleared_at=OPEN + 300)),
            READY,
            "Live · true at 09:59:52 · breached 09:31, session over, not seen",
            None,
            Tone.LIVE,
        ),
        (
            row(Freshness.LUNCH),
            READY,
            "Lunch · true at 09:59:52 · resumes 13:00 · resting until then",
            None,
            Tone.QUIET,
        ),
        (
            row(Freshness.LUNCH, series=until(OPEN + 9000)),
            LOST,
            "Lunch · true at 12:00:00 · resumes 13:00 · resting until then",
            None,
            Tone.QUIET,
        ),
        (
            row(Freshness.LUNCH),
            LOST,
            "OpenD lost 09:59:50 · showing 09:59:52",
            Action.RECONNECT,
            Tone.TROUBLE,
        ),
        (
            row(Freshness.CLOSED, series=series(confirmed=False)),
            LOST,
            "OpenD lost 09:59:50 · showing 09:59:52",
            Action.RECONNECT,
            Tone.TROUBLE,
        ),
        (
            row(Freshness.CLOSED, series=until(OPEN + 23400)),
            LOST,
            "Closed · final · received 16:12:24 · 2 lines confirmed",
            None,
            Tone.QUIET,
        ),
        (
            row(Freshness.CLOSED),
            READY,
            "Closed · final · received 16:12:24 · 2 lines confirmed",
            None,
            Tone.QUIET,
        ),
        (
            row(Freshness.CLOSED, series=series(confirmed=False)),
            READY,
            "Closed · true at 09:59:52 · closing figures still settling",
            None,
            Tone.QUIET,
        ),
        (row(Freshness.CLOSED, series=None), READY, "Closed · no lines", None, Tone.QUIET),
        (
            row(Freshness.PREVIOUS_SESSION, next_open=NOW + 1080),
            READY,
            "Previous session, Wed 8 Jun · opens 10:18, in 18 m · rules resting",
            None,
            Tone.QUIET,
        ),
        (
            row(Freshness.PREVIOUS_SESSION, next_open=NOW + 1080, next_open_assumed=True),
            READY,
            "Previous session, Wed 8 Jun · opens 10:18, in 18 m (assumed) · rules resting",
            None,
            Tone.QUIET,
        ),
        (
            row(Freshness.HALTED),
            READY,
            "Halted · last line 09:31 · suspended by the exchange, not by us",
            None,
            Tone.QUIET,
        ),
        (
            row(flagged=True, series=series(flags=Flag.SUM)),
            READY,
            "Check failed · Σ order sizes ≠ net by 14.8M · alerts off for it",
            Action.DETAILS,
            Tone.TROUBLE,
        ),
        (
            row(flagged=True, series=series(flags=Flag.ORDER | Flag.GAP)),
            READY,
            "Check failed · lines out of order · alerts off for it",
            Action.DETAILS,
            Tone.TROUBLE,
        ),
        (
            row(Freshness.NEVER_POLLED, polled_at=None, age_s=20528.0),
            READY,
            "Recorded, 5h 42m old · true at 09:59:52 · waiting for the first answer",
            None,
            Tone.QUIET,
        ),
        (
            row(Freshness.NEVER_POLLED, polled_at=None, age_s=72488.0, series=OF_YESTERDAY),
            READY,
            "Recorded, 20h 08m old · Tue 7 Jun, true at 09:59:52 · waiting for the first answer",
            None,
            Tone.QUIET,
        ),
        (
            row(Freshness.NEVER_POLLED, series=None),
            READY,
            "Never polled · waiting for the first answer",
            None,
            Tone.QUIET,
        ),
        (
            fails(NO_RIGHT, Freshness.NO_PERMISSION),
            READY,
            "No quote right · OpenD: no HK LV1 quote right",
            Action.WHAT_TO_DO,
            Tone.TROUBLE,
        ),
        (
            fails(UNKNOWN),
            READY,
            "Unknown symbol · OpenD: unknown stock code · not asked again",
            Action.REMOVE,
            Tone.QUIET,
        ),
        (fails(REFUSED), READY, "Refused · OpenD: 请求失败 · asking again in 6 s", None, Tone.TROUBLE),
        (row(Freshness.ERROR), READY, "No answer · the reason is not known", None, Tone.TROUBLE),
    ],
)
def test_the_sentence_of_every_state(told: Row, link: LinkState, shown: str, action: Action | None, tone: Tone) -> None:
    sentence = row_sentence(told, link, NOW, 1000.0, ZONE)
    assert str(sentence) == shown
    assert sentence.action == action
    assert sentence.tone is tone


DERIVED = ClassFlow().joined(
    Distribution(SYMBOL, None, {"large": 9e6, "medium": 4e6, "small": None}, {"large": 21e6, "medium": 3e6}),
    OPEN + 62 * 60 + 5,
)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (row(), ""),
        (row(classes=False, source="longport"), "Longport, totals only, unit not checked yet"),
        (
            row(
                classes=False,
                source="longport",
                class_flow=DERIVED,
                calibration=Calibration(Scale.PLAIN, Sign.SAME, Kind.RUNNING_TOTAL, 0.9),
            ),
            "Longport, order sizes from snapshots, newest 10:32, unit fits the turnover, sign checked, running totals",
        ),
    ],
)
def test_a_source_without_classes_says_what_it_has(told: Row, words: str) -> None:
    assert source_words(told) == words


def test_a_shared_row_names_its_source_before_all_but_the_time() -> None:
    told = row_sentence(row(shared=True, instead_of="longport"), None, NOW, 100.0, "Asia/Hong_Kong").text
    assert told.split(" · ")[1] == "OpenD instead of Longport (not connected)"
    assert row_sentence(row(shared=True), None, NOW, 100.0, "Asia/Hong_Kong").text.split(" · ")[1] == "OpenD"


def test_classes_of_a_snapshot_are_told_from_the_brokers_with_lines() -> None:
    assert snapshot_words(row()) == ""
    said = snapshot_words(row(classes=False, source="longport", class_flow=DERIVED))
    assert said.startswith("large −12.0M, medium +1.0M, small – HKD, derived from Longport's snapshot at 10:32.")
    assert "its large is not extra-large plus large" in said


def test_a_row_with_figures_has_no_message_across_it() -> None:
    assert row_message(row(), READY, 1000.0) is None


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (row(Freshness.NEVER_POLLED, series=None), "waiting for the first answer"),
        (fails(NO_RIGHT, series=None), "no HK LV1 quote right"),
        (row(Freshness.CLOSED, series=None), "no figures"),
    ],
)
def test_a_row_without_figures_says_why(told: Row, words: str) -> None:
    message = row_message(told, READY, 1000.0)
    assert message is not None
    assert words in message.text


def test_replies_without_lines_say_since_when_and_keep_what_was_true() -> None:
    told = fails(NoLines("opend", NOW - 60.0))
    sentence = row_sentence(told, READY, NOW, 1000.0, ZONE)
    assert sentence.state == "No lines"
    assert sentence.text.startswith(f"OpenD sent no lines since {clock_time(NOW - 60.0, ZONE)} · showing ")
    assert sentence.tone is Tone.TROUBLE
    empty = replace(told, series=None)
    message = row_message(empty, READY, 100.0)
    assert message is not None
    assert message.text.startswith("OpenD sent no lines")


@pytest.mark.parametrize("source", ["opend", "longport"])
def test_an_alert_raised_elsewhere_names_its_source(source: str) -> None:
    said = str(row_sentence(row(alert=alert(AlertState.ACTIVE, source=source)), READY, NOW, 1000.0, ZONE))
    assert "breached 09:31" in said
    assert (" at Longport" in said) is (source == "longport")


def test_a_row_whose_source_needs_the_user_waits_for_no_answer() -> None:
    error = NotSignedIn("longport", said("the keyring is locked"), said("unlock it"))
    failed = LinkState("longport", LinkPhase.FAILED, 990.0, reason=error.reason, error=error)
    empty = replace(row(), source="longport", series=None, freshness=Freshness.NEVER_POLLED)
    message = row_message(empty, failed, 1000.0)
    assert str(message) == "Longport needs you · The keyring is locked: unlock it."
    connecting = LinkState("longport", LinkPhase.CONNECTING, 990.0)
    assert str(row_message(empty, connecting, 1000.0)) == "Longport connecting"
    assert str(row_message(empty, replace(READY, source="longport"), 1000.0)) == "waiting for the first answer"
