"""Alerts: a reply among 500 symbols and 1,000 rules, rules a second, a month tried, a storm in the window, the tape.

The naive engine is what one writes first: each rule walks all lines of the day at each reply. Days are random walks of
every minute. All times are CPU times.
"""

from __future__ import annotations

import json
import math
import os
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import msgspec
import numpy as np
from PySide6.QtWidgets import QApplication

from capflow_gui.alerts.book import AlertBook
from capflow_gui.alerts.past import NO_PAST, Past, PastKey
from capflow_gui.alerts.rules import RuleTable
from capflow_gui.archive.model import DayKey
from capflow_gui.domain.alert import Rule, parse_rule
from capflow_gui.domain.flow import COLUMNS, FlowSeries, Period
from capflow_gui.domain.measures.usual import MOST_SESSIONS, UsualChanges, changes_of
from capflow_gui.domain.quote import Turnover
from capflow_gui.domain.session import Calendar, TradingDay
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.domain.tape.tape import Tape
from capflow_gui.domain.validation import judge
from capflow_gui.feed.store import FlowStore, Put
from capflow_gui.feed.subscriptions import Subscriptions
from capflow_gui.paths import resource
from capflow_gui.playback.board import PlayedBoard
from capflow_gui.playback.dry_run import dry_run
from capflow_gui.playback.player import Player
from tests.ui.boards import HandBoard, alert_of, row_of
from tests.ui.window_fixture import open_window, shut
from tests.unit.playback.recorded import closed, recorded, simulated_polls

CALENDAR = Calendar.from_json(resource("sessions.json").read_bytes())
SYMBOLS, RULES, MINUTES = 500, 1000, 8
BEGIN, WARM = 200, 45
MONTH, BREACHES, ROWS, ROUNDS = 21, 40, 200, 5
FIRST = date(2022, 3, 1)
POLLED_S = 800.0  # sessions are polled until so long after their close
FRAME_MS = 1000 / 60
# Of every kind; the first ten for all symbols, the others for one symbol each.
KINDS = (
    "net <= -40M",
    "net >= 40M again 10M",
    "main <= -30M for 2m",
    "net/turnover <= -1%",
    "net change 5m <= -12M cooldown 10m",
    "net change 15m >= 20M",
    "net drawdown >= 40M once",
    "net crosses 0 band 2M",
    "net change 5m unusual 3 floor 10M",
    "net divergence 30m price 0.5% flow 0.3%",
)


def day_of(number: int, session: date = date(2022, 6, 8)) -> tuple[TradingDay, FlowSeries]:
    """A whole day of one symbol."""
    day = CALENDAR.day(Market.HK, session)
    assert day is not None
    labels = day.labels()
    random = np.random.default_rng(number * 1000 + session.toordinal())
    classes = np.round(np.cumsum(random.normal(0, 8e5, (4, len(labels))), axis=1))
    values = np.vstack([classes.sum(axis=0), classes[:2].sum(axis=0), classes])
    return day, FlowSeries(Symbol(Market.HK, str(1 + number)), "opend", Period.INTRADAY, labels, values)


def sessions(count: int) -> list[TradingDay]:
    """So many trading days from FIRST on."""
    found = (CALENDAR.day(Market.HK, FIRST + timedelta(each)) for each in range(2 * count + 10))
    return [*filter(None, found)][:count]


def reply(whole: FlowSeries, lines: int) -> FlowSeries:
    """The day so far."""
    labels = whole.timestamps[:lines]
    return msgspec.structs.replace(
        whole, timestamps=labels, values=whole.values[:, :lines], last_valid=float(labels[-1]) + 5.0
    )


def usual(key: PastKey) -> Past:
    """Twenty earlier sessions; the same ones for every symbol."""
    if not key.metric:
        return NO_PAST
    if key.minutes not in _USUAL:
        days = (
            day_of(0, FIRST + timedelta(each)) for each in range(60) if CALENDAR.day(Market.HK, FIRST + timedelta(each))
        )
        judged = [
            changes_of(msgspec.structs.replace(whole, confirmed=np.ones(len(whole), np.bool_)), day, "net", key.minutes)
            for day, whole in days
        ]
        _USUAL[key.minutes] = Past(UsualChanges(judged[:20]), {})
    return _USUAL[key.minutes]


_USUAL: dict[int, Past] = {}


class Engine:
    """From a reply to the events a consumer gets: checks, store, rules, subscription."""

    def __init__(self, days: Sequence[tuple[TradingDay, FlowSeries]]) -> None:
        rules = [parse_rule(f"*: {kind}") for kind in KINDS]
        singles = (f"{1 + at % SYMBOLS}.HK: {KINDS[at % 5]} rearm {at % 50}%" for at in range(RULES - len(rules)))
        self.table = table = RuleTable(rules=[*rules, *map(parse_rule, singles)])
        self.book = AlertBook(CALENDAR, table, find_past=usual)
        self.book.watch("opend", [whole.symbol for _, whole in days])
        self.store = FlowStore(lambda _symbol: None)
        self.told = Subscriptions()
        self.consumer = self.told.subscribe("bench", events=True)
        self.events = 0

    def checked(self, raw: FlowSeries, turnover: Turnover, now: float) -> Put:
        """A reply as it is stored."""
        series = judge(raw, CALENDAR, turnover=turnover, previous=self.store.get(raw.symbol).series, received=now)
        return self.store.put(series, now)

    def take(self, day: TradingDay, raw: FlowSeries) -> None:
        """As feed and monitor do."""
        now = float(raw.timestamps[-1]) + 6.0
        turnover = Turnover(3e9, now, 100.0 + len(raw) * 0.01)
        put = self.checked(raw, turnover, now)
        for event in self.book.evaluate(put.new, day, turnover, now):
            self.told.tell(event)
            self.events += 1


def naive(rule: Rule, series: FlowSeries, day: TradingDay, turnover: float) -> list[tuple[str, int]]:
    """One rule, from the first line to the last, as one writes it first."""
    found: list[tuple[str, int]] = []
    net = series.values[COLUMNS.index(rule.metric)]
    by_minute: dict[int, float] = {}
    active, run, highest = False, 0, -math.inf
    for label, value, confirmed, flags in zip(series.timestamps, net, series.confirmed, series.line_flags, strict=True):
        minute = day.index(int(label))
        if not confirmed or flags or not math.isfinite(value):
            continue
        by_minute[minute], highest = value, max(highest, value)
        match rule.kind.value:
            case "change":
                if minute - rule.minutes not in by_minute:
                    continue
                measure = value - by_minute[minute - rule.minutes]
            case "drawdown":
                measure = highest - value
            case "share":
                measure = value / turnover
            case _:
                measure = value
        past = measure <= rule.level if rule.operator == "<=" else measure >= rule.level
        back = measure >= rule.rearm_level if rule.operator == "<=" else measure <= rule.rearm_level
        run = run + 1 if past else 0
        if not active and past and run >= rule.hold:
            active = True
            found.append(("raised", int(label)))
        elif active and back:
            active = False
            found.append(("cleared", int(label)))
    return found


def cpu(what: Callable[[], object]) -> float:
    """CPU seconds of one call."""
    began = time.process_time()
    what()
    return time.process_time() - began


def row(metric: str, ours: float, baseline: float, *, unit: str, name: str, target: float) -> None:
    """Print a JSON row of times: the less, the better."""
    facts = {"metric": metric, "ours": ours, "baseline": baseline, "unit": unit, "baseline_name": name}
    print(json.dumps(facts | {"ratio": baseline / ours, "target": target}), flush=True)


def engine() -> None:
    """A reply of one minute more, of every symbol in turn, in mid-session."""
    days = [day_of(number) for number in range(SYMBOLS)]
    ours = Engine(days)
    for day, whole in days:
        ours.take(day, reply(whole, BEGIN))
    replies = [(day, reply(whole, lines)) for lines in range(BEGIN + 1, BEGIN + 1 + MINUTES) for day, whole in days]
    spent = sorted(cpu(lambda each=each: ours.take(*each)) for each in replies)
    assert ours.events > 0
    p99, what = spent[int(len(spent) * 0.99)] * 1e3, f"reply → event, {SYMBOLS} symbols, {RULES:,} rules, p99"
    row(what, p99, 5.0, unit="ms", name="limit", target=1.0)


def rules_a_second() -> None:
    """The same of a few symbols, watched for an hour before, against a loop over the lines for each rule."""
    days = [day_of(number) for number in range(min(SYMBOLS, 20))]
    ours = Engine(days)
    for lines in range(BEGIN - WARM, BEGIN + 1):
        for day, whole in days:
            ours.take(day, reply(whole, lines))
    judged, loops = [], []
    for lines in range(BEGIN + 1, BEGIN + 1 + MINUTES):
        for day, whole in days:
            now = float(whole.timestamps[lines - 1]) + 6.0
            turnover, raw = Turnover(3e9, now, 100.0 + lines * 0.01), reply(whole, lines)
            put = ours.checked(raw, turnover, now)
            rules = ours.table.rules_for(whole.symbol)
            judged.append(cpu(lambda: ours.book.evaluate(put.new, day, turnover, now)) / len(rules))  # noqa: B023
            loops.append(cpu(lambda: [naive(rule, put.new, day, 3e9) for rule in rules]) / len(rules))  # noqa: B023
    mine, theirs = (statistics.median(each) * 1e6 for each in (judged, loops))
    row("a rule evaluated on a reply of one minute more", mine, theirs, unit="µs", name="loop over lines", target=10.0)


def tape() -> None:
    """What a reply costs the tape, and how many events a symbol's day has."""
    taped, days = Tape(), [day_of(number) for number in range(min(SYMBOLS, 100))]
    whole = [
        (day, msgspec.structs.replace(each, session=day.day, confirmed=np.ones(len(each), np.bool_)))
        for day, each in days
    ]
    cut = [(day, _confirmed(each, lines)) for lines in range(30, 331, 3) for day, each in whole]
    spent = cpu(lambda: [taped.take(each, day) for day, each in cut]) / len(cut)
    events = len(taped.events) / len(days)
    row(
        f"the tape, a reply ({events:.0f} events a symbol-day)", spent * 1e6, 100.0, unit="µs", name="limit", target=1.0
    )


def _confirmed(series: FlowSeries, lines: int) -> FlowSeries:
    return msgspec.structs.replace(
        series,
        timestamps=series.timestamps[:lines],
        values=series.values[:, :lines],
        confirmed=series.confirmed[:lines],
        line_flags=np.zeros(lines, np.uint16),
    )


def month() -> None:
    """A month of one symbol, polled every 30 s: tried as the editor does, and replayed in a window minute by minute."""
    symbol = Symbol.parse("700.HK")
    recordings = []
    for day in sessions(2):  # two sessions stand for all of them
        trading, polls = simulated_polls(symbol, session=day.day, end_s=POLLED_S)
        recordings.append(recorded(polls, trading, DayKey("opend", symbol, day.day)))
    days = [closed(each) for each in recordings]
    rule = parse_rule("*: net change 5m <= -5M")
    spent = min(cpu(lambda: [dry_run(rule, *days[at % len(days)]) for at in range(MONTH)]) for _ in range(ROUNDS))
    window = open_window(HandBoard.of(row_of("700.HK", "Tencent", -120e6, 9e9)))
    board = window.shown
    player = Player([recordings[0]], calendar=CALENDAR, rules=RuleTable(rules=[rule]))
    board.played = PlayedBoard(player, board.live)

    def replay() -> None:
        while not player.is_over:
            board.played.take(player.step_minute())
            window.playback.changed.emit()
            QApplication.processEvents()

    played = cpu(replay) * MONTH
    shut(window)
    row(
        "a month of one symbol judged by a rule",
        spent * 1e3,
        played * 1e3,
        unit="ms",
        name="replayed in the window",
        target=100.0,
    )


def unusual_month() -> None:
    """A month of one symbol tried with an UNUSUAL rule, each session against the sixty before it."""
    trading, polls = simulated_polls(Symbol.parse("700.HK"), session=sessions(1)[0].day, end_s=POLLED_S)
    day = closed(recorded(polls, trading, DayKey("opend", Symbol.parse("700.HK"), trading.day)))
    before = [
        changes_of(msgspec.structs.replace(whole, confirmed=np.ones(len(whole), np.bool_)), each, "net", 5)
        for each, whole in (day_of(0, session.day) for session in sessions(MOST_SESSIONS + MONTH))
    ]
    rule = parse_rule("*: net change 5m unusual 3 floor 100K")

    def tried() -> None:
        for at in range(MONTH):
            dry_run(rule, *day, past=UsualChanges(before[at : at + MOST_SESSIONS]))

    spent = min(cpu(tried) for _ in range(ROUNDS)) * 1e3
    row("a month of one symbol judged by an unusual rule", spent, 300.0, unit="ms", name="limit", target=1.0)


def storm() -> None:
    """The frames in which symbols breach, one after the other; no sound. The first one makes what is shown late."""
    rows = [row_of(f"{1 + number}.HK", f"Company {number}", -50e6, 2e9) for number in range(ROWS)]
    board = HandBoard.of(*rows)
    window = open_window(board)
    while window.chart.chart is None:  # it is made after the start
        QApplication.processEvents()
    for _ in range(20):
        QApplication.processEvents()
    frames = []
    for number, each in enumerate(rows[:BREACHES]):
        record = alert_of(each, number=number + 1)
        board.put(row_of(str(each.symbol), each.name, -210e6, 2e9))
        began = time.process_time()
        board.raise_alert(record)
        window.announce(record)
        window.bridge.drain()
        QApplication.processEvents()
        frames.append((time.process_time() - began) * 1e3)
    shut(window)
    what = f"{BREACHES} symbols of {ROWS} breach: a frame in the window, p95"
    row(what, sorted(frames)[int(len(frames) * 0.95) - 1], FRAME_MS, unit="ms", name="60 frames a second", target=1.0)


def main() -> None:
    """Print a JSON row each."""
    app = QApplication.instance() or QApplication([])
    assert app is not None
    engine()
    rules_a_second()
    tape()
    month()
    unusual_month()
    storm()


if __name__ == "__main__":
    main()
