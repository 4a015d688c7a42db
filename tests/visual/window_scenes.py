"""The whole window, the first run and every dialog, in the states a trader meets. Each scene is built on a HandBoard.

`python -m tests.visual.window_scenes FOLDER [SCALE WIDTH HEIGHT [SCENE…]]` draws them; QT_SCALE_FACTOR is obeyed.
"""

from __future__ import annotations

import functools
import math
import os
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import numpy as np
from msgspec.structs import replace as replace_series
from PySide6.QtCore import QCoreApplication, QEvent, QSize
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from capflow_gui.domain.alert import Rule
from capflow_gui.domain.alert_record import AlertSearch, Delivery
from capflow_gui.domain.arrangement.layouts import Arrangement, Layout, Layouts
from capflow_gui.domain.arrangement.screens import Rect, Screen
from capflow_gui.domain.comparison import Comparison
from capflow_gui.domain.flow import FlowSeries, Period
from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.domain.lists.groups import Group, Groups
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import OFFERED
from capflow_gui.domain.typed.rule_entry import new_entry
from capflow_gui.feed.board import AlertRecord, AlertState, ComparedSources, Freshness, HistoryState, Row
from capflow_gui.monitor import Monitor
from capflow_gui.playback.trial import Trial
from capflow_gui.present.alerts.channel_words import ChannelNews
from capflow_gui.reason import Code, Reason
from capflow_gui.settings import Appearance, DeskSettings, LongportSettings, OpendSettings, Settings, WatchSettings
from capflow_gui.settings.channels import ChannelSettings, EmailSettings, TelegramSettings, WebhookSettings
from capflow_gui.settings.exchange import PARTS, exported, read_export
from capflow_gui.ui.arrangement.dialog import LayoutsDialog
from capflow_gui.ui.channels.page import ChannelsPage
from capflow_gui.ui.dialogs.first_run import FirstRun
from capflow_gui.ui.dialogs.threshold import ThresholdDialog
from capflow_gui.ui.help.sheet import HelpSheet
from capflow_gui.ui.log.view import LogView
from capflow_gui.ui.models.columns import Column, ColumnChoice, SortOrder
from capflow_gui.ui.panels.panel import Panel
from capflow_gui.ui.ports import ConnectionReport, ConnectServices, ProfileFacts, RecordedSession
from capflow_gui.ui.rules.editor import RuleEditor
from capflow_gui.ui.settings.dialog import SettingsDialog
from capflow_gui.ui.settings.exchange import ImportSheet
from capflow_gui.ui.settings.profiles import ProfilesDialog
from capflow_gui.ui.theme import FUSION, Theme, apply_theme, build_theme
from capflow_gui.ui.toolbar.market_sheet import MarketSheet
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import NOW, HandBoard, alert_of, flagged_row, row_of, trading_day
from tests.ui.budget.budgets import poll_budget
from tests.ui.dialogs.test_desk_form import Access as DeskWay
from tests.ui.log.test_view import Book, line
from tests.ui.recorded_days import HandDays, counted_trial, minute_by_minute, recorded, trial, two_weeks
from tests.ui.window_fixture import Access, Answers, HeldLayouts, open_window, shut, start_now

LISTED = (
    ("3690.HK", "Meituan-W", -151.8e6, 2919e6, -0.0291),
    ("700.HK", "Tencent Holdings", -263.2e6, 7056e6, -0.0184),
    ("981.HK", "Semiconductor Manufacturing International Corporation", -80.3e6, 2770e6, -0.0112),
    ("1810.HK", "Xiaomi-W", -91.0e6, 3800e6, 0.0062),
    ("9618.HK", "JD-SW", -33.3e6, 1450e6, -0.0093),
    ("2015.HK", "Li Auto-W", -13.8e6, 920e6, -0.0074),
    ("388.HK", "HKEX", -2.3e6, 1150e6, 0.0010),
    ("5.HK", "HSBC", 3.3e6, 1100e6, 0.0043),
    ("1211.HK", "BYD", 21.2e6, 2350e6, 0.0082),
    ("9988.HK", "Alibaba-W", 1140.6e6, 6390e6, 0.0124),
    ("2800.HK", "Tracker Fund", 71.2e6, 4190e6, 0.0035),
)
REPORT = ConnectionReport(
    False,
    "OpenD did not answer at 127.0.0.1:11111.",
    "Start OpenD and log in, then test again. On another computer, OpenD has to listen at its own address.",
    0.2,
)


def watched(**facts: object) -> list[Row]:
    """The rows of every scene."""
    rows = []
    for code, name, net, turnover, change in LISTED:
        level = -200e6 if code == "700.HK" else -150e6
        row = row_of(code, name, net, turnover, change=change, threshold=level, threshold_own=True)
        rows.append(replace(row, **facts))  # type: ignore[arg-type]
    return rows


def history(symbol: Symbol, period: Period, count: int) -> HistoryState:
    """`count` periods that end with the running one."""
    days = {Period.DAY: 1, Period.WEEK: 7, Period.MONTH: 30.44}[period]
    times = np.array([NOW - 14.5 * 3600 - (count - 1 - i) * days * 86400 for i in range(count)], np.int64)
    walks = np.random.default_rng(4).normal(0, 8e7, (4, count))
    values = np.vstack([walks.sum(axis=0), walks[0] + walks[1], walks])
    series = FlowSeries(symbol, "opend", period, times, values, last_valid=None, session=None, received=NOW)
    return HistoryState(series)


def compared() -> ComparedSources:
    """Two sources that agree, of which one runs ahead."""
    first, second = np.full(331, np.nan), np.full(331, np.nan)
    first[:200], second[:200] = np.linspace(0, -0.04, 200), np.linspace(0, -0.03, 200)
    found = Comparison(first, second, 200, 0.99, 0.9, 0, 0)
    return ComparedSources(Symbol.parse("700.HK"), ("opend", "longport"), trading_day(), 8e9, found)


def _alerts(rows: list[Row]) -> tuple[list[Row], tuple[AlertRecord, ...]]:
    active, cleared = AlertState.ACTIVE, AlertState.CLEARED
    states = ((active, 0), (active, 0), (active, 1), (cleared, 1))
    made = [
        alert_of(row, number=9 - number, level=-200e6, state=state, seen=seen)
        for number, (row, (state, seen)) in enumerate(zip(rows, states, strict=False))
    ]
    kept = [replace(row, alert=alert) for row, alert in zip(rows, made[:3], strict=False)]
    return [*kept, *rows[3:]], tuple(made)


def live() -> HandBoard:
    """All is well."""
    return HandBoard.of(*watched())


def alerting() -> HandBoard:
    """Two alerts wait, one is acknowledged, one has cleared."""
    rows, alerts = _alerts(watched())
    board = HandBoard.of(*rows)
    board.hold_alerts(*alerts)
    board.simulated = True
    return board


def grouped() -> HandBoard:
    """Own groups over several markets, more than a narrow window has room for; one has an alert that waits."""
    board = alerting()
    for code, name, net in (("AAPL.US", "Apple", -41e6), ("NVDA.US", "NVIDIA", 88e6), ("600519.SH", "贵州茅台", -61e6)):
        board.put(row_of(code, name, net, 2.1e9))
    listed = (
        ("HK core", "violet", "700.HK 3690.HK 981.HK 1810.HK 9988.HK 9618.HK"),
        ("US tech", "cyan", "AAPL.US NVDA.US 9988.HK"),
        ("银行", "pink", "5.HK 388.HK"),
        ("Connect, northbound", "", "600519.SH 981.HK"),
        ("Earnings this week", "indigo", ""),
        ("Ideas", "", "2800.HK"),
    )
    groups = [Group(name, tuple(map(Symbol.parse, codes.split())), color) for name, color, codes in listed]
    board.set_groups(Groups(tuple(groups)))
    return board


def two_sources() -> HandBoard:
    """Rows of a source without order sizes among the others, a stale one, and one of another currency."""
    board = alerting()
    for code, name, net in (("AAPL.US", "Apple", -41e6), ("2015.HK", "Li Auto-W", -13.8e6)):
        row = row_of(code, name, net, 920e6, source="longport", classes=False)
        assert row.series is not None
        values = row.series.values.copy()
        values[1:] = np.nan
        board.put(replace(row, series=msgspec.structs.replace(row.series, values=values)))
    board.put(replace(board.row(Symbol.parse("9618.HK")), freshness=Freshness.STALE))
    links = (LinkState(source, LinkPhase.READY, 0.0, latency_s=0.012) for source in ("opend", "longport"))
    board.links = tuple(links)
    return board


def cannot_judge() -> HandBoard:
    """A rule that cannot be judged, a flagged reply, a stale row, a row never polled."""
    rows = watched()
    stale = replace(rows[4], freshness=Freshness.STALE)
    waiting = replace(rows[5], series=None, quote=None, freshness=Freshness.NEVER_POLLED, age_s=None)
    rows = [*rows[:4], stale, waiting, flagged_row("941.HK"), *rows[6:]]
    record = alert_of(rows[1], value=float("nan"), cannot_judge=True)
    rows[1] = replace(rows[1], alert=record)
    board = HandBoard.of(*rows)
    board.troubles = _troubles("1 stale 9618.HK 2m 14s", "941.HK: Σ order sizes ≠ net by 784.9M")
    return board


def awaited() -> HandBoard:
    """What was recorded this morning, before any source has answered; one row was recorded the day before."""
    facts = {"freshness": Freshness.NEVER_POLLED, "polled_at": None, "age_s": 20_528.0}
    rows = watched(**facts)
    assert rows[1].series is not None
    yesterday = msgspec.structs.replace(rows[1].series, session=date(2026, 11, 19))
    board = HandBoard.of(rows[0], replace(rows[1], series=yesterday), *rows[2:])
    board.links = (LinkState("opend", LinkPhase.CONNECTING, 99.0),)
    return board


def _troubles(*texts: str) -> tuple[Reason, ...]:
    return tuple(Reason.of(Code.VERBATIM, text=text) for text in texts)


def disconnected() -> HandBoard:
    """The link is lost while the market is open."""
    board = HandBoard.of(*watched())
    board.links = (
        LinkState("opend", LinkPhase.WAITING, 60.0, attempt=2, retry_at=108.0, latency_s=0.012),
        LinkState("longport", LinkPhase.READY, 0.0, latency_s=0.048),
    )
    board.troubles = _troubles("OpenD lost")
    return board


def mixed() -> HandBoard:
    """One row is stale, one halted, one without a right, and one of another market; two alerts wait."""
    board = alerting()
    stale, halted, refused = (board.rows[Symbol.parse(code)] for code in ("981.HK", "388.HK", "5.HK"))
    assert stale.series is not None
    old = msgspec.structs.replace(stale.series, last_valid=NOW - 134)
    board.put(replace(stale, series=old, freshness=Freshness.STALE, age_s=134.0, alert=None))
    board.put(replace(halted, freshness=Freshness.HALTED))
    board.put(replace(refused, series=None, quote=None, freshness=Freshness.NO_PERMISSION))
    board.put(row_of("600519.SH", "贵州茅台", 121e6, 2.1e9))
    return board


def empty() -> HandBoard:
    """Nothing is watched yet."""
    return HandBoard()


BOARDS: dict[str, Callable[[], HandBoard]] = {
    "live": live,
    "alerts": alerting,
    "own groups": grouped,
    "columns": two_sources,
    "cannot judge": cannot_judge,
    "disconnected": disconnected,
    "awaited": awaited,
    "empty": empty,
    "grid": mixed,
    "wall": mixed,
    "docked": alerting,
}
VIEWS = {"grid": 4, "wall": 0}
PERIODS = {"day": (Period.DAY, 60), "week": (Period.WEEK, 52), "month": (Period.MONTH, 12)}


async def _tried(symbols: Collection[Symbol], rule: Rule) -> Trial:
    return trial(rule.level) if len(symbols) == 1 else counted_trial(0, 2, 0, 0, 14, 3, 0, 1, 0, 0)


def _threshold(window: MainWindow, symbol: Symbol | None) -> None:
    window.dialogs.services = replace(window.dialogs.services, dry_runs=_tried)
    window.dialogs.open_threshold(symbol)
    dialog = window.dialogs.current
    assert isinstance(dialog, ThresholdDialog)
    dialog.own.setChecked(True)
    dialog.amount.setText("-60M")


RULES = (
    replace(new_entry("*: main <= -80M for 2m"), muted=frozenset({Symbol.parse("700.HK")})),
    replace(new_entry("*: net change 5m <= -20M cooldown 15m"), enabled=False),
    new_entry("@HK core: net/turnover <= -6% for 5m rearm 25%"),
    new_entry("*: net drawdown >= 150M").written("*: net drawdown >= 150m"),
)


def _rules(window: MainWindow) -> None:
    """A rule of each kind; one of them alerts."""
    board = window.board
    assert isinstance(board, HandBoard)
    for entry in RULES:
        board.set_rule(entry)
    for place, code in enumerate(("3690.HK", "981.HK", "1810.HK")):
        row = board.rows[Symbol.parse(code)]
        board.raise_alert(alert_of(row, number=30 + place, rule="main <= -80M for 2m", rule_id=RULES[0].id))
    window.bridge.drain()
    window.detail.focus_rules()


def _tape(window: MainWindow) -> None:
    board = window.board
    assert isinstance(board, HandBoard)
    board.fill_tape()
    window.bridge.drain()
    window.detail.focus_tape()
    window.detail.line_chosen.emit(window.detail.tape().tape.events[1])


def _rule(window: MainWindow, text: str) -> None:
    window.dialogs.services = replace(window.dialogs.services, dry_runs=_tried)
    window.rules.new()
    dialog = window.dialogs.current
    assert isinstance(dialog, RuleEditor)
    dialog.text.setFocus()
    dialog.text.setPlainText(text)


def _keys(window: MainWindow) -> None:
    window.dialogs.open_keys()
    while window.dialogs.making:
        QApplication.processEvents()


def _keys_found(window: MainWindow) -> None:
    """The sheet with a search: what is there of alerts seldom changes."""
    _keys(window)
    sheet = window.dialogs.current
    assert isinstance(sheet, HelpSheet)
    sheet.search.setText("alert")
    while sheet.searching:
        QApplication.processEvents()


PHONE = TelegramSettings(token="keyring", chat="-1001234567890", quiet="22:00-07:00")
CHANNELS: dict[str, ChannelSettings] = {
    "phone": PHONE,
    "desk": WebhookSettings(address="env:DESK_HOOK", secret="keyring"),
    "night": EmailSettings(
        enabled=False, host="smtp.example.com", user="desk", password="keyring", sender="a@b.c", to=["d@e.f"]
    ),
}
_SENT = "Sent 2026-11-20 14:31:58"
NEWS = {
    "phone": ChannelNews(
        f"{_SENT} · receipt 4711 · 1 of the last 2 did not arrive",
        trouble=False,
        messages=(
            f"700.HK net ≤ −200M: −213.4M at 14:31\n{_SENT} · receipt 4711",
            "3690.HK net ≤ −150M: −151.8M at 14:20\nNot sent: older than 15 minutes 2026-11-20 14:36:12",
        ),
    ),
    "desk": ChannelNews("Refused, the set-up is wrong 2026-11-20 14:32:00 · the service answered 410", trouble=True),
}


def _channels(window: MainWindow) -> ChannelsPage:
    window.settings = msgspec.structs.replace(window.settings, channels=CHANNELS)
    window.dialogs.open_channels()
    page = window.dialogs.current
    assert isinstance(page, ChannelsPage)
    page.test()
    return page


def _channel_at_fault(window: MainWindow) -> None:
    page = _channels(window)
    page.edit()
    assert page.form is not None
    page.form.fields["chat"].edit.clear()
    page.form.fields["quiet"].edit.setText("10 pm")
    page.form.fields["per_minute"].edit.setText("many")
    page.form.save()


class _Kept:
    """The alerts of a board, as ui.ports.AlertHistory."""

    def __init__(self, board: Monitor) -> None:
        self._board = board

    async def search(self, asked: AlertSearch, after: AlertRecord | None) -> Sequence[AlertRecord]:
        return self._board.alerts

    async def deliveries(self, record: AlertRecord) -> Sequence[Delivery]:
        return ()


def _log(window: MainWindow) -> None:
    window.dialogs.services = replace(window.dialogs.services, alerts=_Kept(window.board))
    window.alerts.open_log()


PASTED = "00700 腾讯控股\n9988 阿里巴巴\n600519.SH 贵州茅台\nAAPL.US\n00700\n000001\n12345678\n830799.BJ"


def _settings(window: MainWindow) -> SettingsDialog:
    window.dialogs.open_settings()
    dialog = window.dialogs.current
    assert isinstance(dialog, SettingsDialog)
    while dialog.filling:
        QApplication.processEvents()
    return dialog


def _settings_found(window: MainWindow) -> None:
    """A search, a value at fault, and a lock."""
    why = "Set by IT, ext. 1234 (/etc/capflow/policy.toml): one sound for the floor."
    services = window.dialogs.services
    window.dialogs.services = replace(services, locks={"alerts.sounds"}, lock_words=lambda _key: why)
    dialog = _settings(window)
    window.dialogs.services = services
    dialog.search.setText("sound")
    dialog.row("alerts.sounds")  # made in a later turn
    while dialog.filling:
        QApplication.processEvents()
    volume = dialog.row("alerts.volume").control
    assert isinstance(volume, QLineEdit)
    volume.setText("loud")
    volume.editingFinished.emit()


class _Shelf:
    """Three profiles."""

    async def all(self) -> list[ProfileFacts]:
        open_one = ProfileFacts("p-floor", "Floor, northbound", is_open=True)
        return [
            ProfileFacts("", "", here=True, is_open=True),
            open_one,
            ProfileFacts("p-night", "夜盘", size=182_000_000),
        ]


def _profiles(window: MainWindow) -> None:
    """A profile about to be deleted."""
    dialog = ProfilesDialog(_Shelf(), start_now, window.dialogs.theme, window)  # type: ignore[arg-type]
    window.dialogs.show_dialog(dialog)
    dialog.list.setCurrentRow(2)
    dialog.delete_button.click()


def _layouts(window: MainWindow) -> None:
    """Three layouts, of one to three screens, and one that was just deleted."""
    laptop, left, right = (
        Screen(name, Rect(x, 0, width, height), Rect(x, 0, width, height), scale)
        for name, x, width, height, scale in (
            ("eDP-1", 0, 1920, 1200, 1.5),
            ("DP-1", 1920, 2560, 1440, 1.0),
            ("DP-2", 4480, 2560, 1440, 1.0),
        )
    )
    chart, wall = {"geometry": "2000 80 1500 1200 normal DP-1"}, {"geometry": "4500 40 10 10 maximized DP-2"}
    main = "200 150 1400 900 normal eDP-1"
    saved = datetime(2026, 11, 30, 9, 30, tzinfo=UTC)
    alone = Arrangement((laptop,), saved, {"geometry": main})
    desk = Arrangement((laptop, left, right), saved + timedelta(days=1), {"geometry": main, "torn": [chart, wall]})
    own = Layouts((Layout("盘中", (alone, desk)), Layout("Close", (alone,)), Layout("Old", (alone,))), "Close", "盘中")
    services = replace(window.services, layouts=HeldLayouts(own))
    dialog = LayoutsDialog(own, services, window.dialogs.theme, window)
    window.dialogs.show_dialog(dialog)
    dialog.list.setCurrentRow(2)
    dialog.delete.click()
    dialog.list.setCurrentRow(0)


def _import(window: MainWindow) -> None:
    """An import with something for each part, and something that is not known."""
    theirs = Settings(appearance=Appearance("light", "red_up"), watchlist=WatchSettings(["700.HK", "AAPL.US"]))
    raw = exported(theirs, [new_entry("*: main <= -80M for 2m")], PARTS) + b"\n[settings.alerts]\nvolum = 7\n"
    settings, theme = window.settings, window.dialogs.theme
    sheet = ImportSheet("desk.toml", read_export(raw, "desk.toml"), settings, (), theme, parent=window)
    window.dialogs.show_dialog(sheet)


DIALOGS: dict[str, Callable[[MainWindow], None]] = {
    "rule": lambda window: _rule(window, "700.HK: net <= -60M for 2m again 100M cooldown 15m"),
    "rule at fault": lambda window: _rule(window, "*: net change 5m <= -200Q cooldown 15m"),
    "why": lambda window: window.alerts.why(window.board.alerts[:1]),
    "log": _log,
    "channels": _channels,
    "no channel": lambda window: window.dialogs.open_channels(),
    "channel": lambda window: _channels(window).add("email"),
    "channel at fault": _channel_at_fault,
    "settings": _settings,
    "settings found": _settings_found,
    "profiles": _profiles,
    "import": _import,
    "layouts": _layouts,
    "threshold": lambda window: _threshold(window, Symbol.parse("700.HK")),
    "threshold of all": lambda window: _threshold(window, None),
    "connection": lambda window: window.dialogs.open_connection(),
    "longport": lambda window: window.dialogs.open_connection("longport"),
    "groups": lambda window: window.dialogs.open_groups(),
    "pasted": lambda window: window.lists.add_typed(PASTED),
    "about": lambda window: window.dialogs.open_about(),
    "report": lambda window: window.dialogs.open_report(),
    "keys": _keys,
    "keys found": _keys_found,
    "figures": lambda window: window.dialogs.open_figures(),
    "comparison": lambda window: window.dialogs.open_comparison(),
}
THURSDAY, WEDNESDAY = date(2026, 11, 19), date(2026, 11, 18)


def _compared(window: MainWindow) -> None:
    window.chart.show_date(THURSDAY)
    window.recorded.compare(WEDNESDAY)


@functools.cache
def _played_sessions() -> tuple[RecordedSession, ...]:
    return tuple(minute_by_minute(recorded(Symbol.parse(code), THURSDAY, net / 2)) for code, _, net, _, _ in LISTED)


def _playback(window: MainWindow) -> None:
    days = window.services.recorded
    assert isinstance(days, HandDays)
    days.found |= {session.summary.key: session for session in _played_sessions()}
    window.playback.slice_s = math.inf
    window.chart.show_date(THURSDAY)
    window.chart.play_or_pause()
    window.playback.next_alert()
    window._tick()


def _recorded_days(window: MainWindow) -> None:
    """The broker has days up to the 12th, the archive the rest."""
    board, symbol = window.board, Symbol.parse("700.HK")
    assert isinstance(board, HandBoard)
    series = board.histories[symbol, Period.DAY].series
    assert series is not None
    kept = replace_series(series, timestamps=series.timestamps[20:-8], values=series.values[:, 20:-8])
    board.histories[symbol, Period.DAY] = HistoryState(kept)
    window.choose_period(Period.DAY)
    window.chart.chart.history.stand(len(window.chart.chart.history.days) - 1)


def _calendar(window: MainWindow) -> None:
    window.chart.show_date(THURSDAY)
    window.chart.open_calendar()


def _quality(window: MainWindow) -> None:
    window.chart.show_date(THURSDAY)
    window.detail.focus_quality()


RECORDED: dict[str, Callable[[MainWindow], None]] = {
    "recorded": lambda window: window.chart.show_date(THURSDAY),
    "not recorded": lambda window: window.chart.show_date(date(2026, 11, 13)),
    "ghost": lambda window: window.recorded.set_ghost(True),
    "compared": _compared,
    "quality": _quality,
    "recorded days": _recorded_days,
    "playback": _playback,
    "rules": _rules,
    "tape": _tape,
}


def _budget(window: MainWindow) -> QWidget:
    board = window.board
    assert isinstance(board, HandBoard)
    board.poll_budgets = (poll_budget(), poll_budget("longport"))
    window.panels.open_budget()
    QApplication.processEvents()
    return window.panels.budget()


def _clocks(window: MainWindow) -> QWidget:
    board = window.board
    assert isinstance(board, HandBoard)
    for code in ("AAPL.US", "600519.SH"):
        board.put(row_of(code, code, -41e6, 2.1e9))
    board.now += 34 * 86400 - 3 * 3600  # the morning of a half day, before a holiday
    board.links = (
        LinkState("opend", LinkPhase.READY, 0.0, latency_s=0.012, skew_s=-12.0),
        LinkState("longport", LinkPhase.READY, 0.0, latency_s=0.048, skew_s=0.3),
    )
    board.simulated = False
    window._tick()
    window.toolbar.open_clocks()
    (sheet,) = window.toolbar.findChildren(MarketSheet)
    return sheet


def _program_log(window: MainWindow) -> QWidget:
    entries = [
        line("OpenD: link ready after 0.4 s", name="capflow_gui.providers.opend.link"),
        line("longport: prices could not be asked: the link is down", "WARNING", "capflow_gui.feed.polling.slow_lane"),
        line("the figures of 700.HK could not be judged\nTraceback:\nValueError", "ERROR"),
    ]
    window.panels._services = replace(window.services, log=Book(*entries * 20))
    window.panels.log().open()
    view = window.panels.log().findChild(LogView)
    assert view is not None
    view.table.selectRow(59)
    return window.panels.log()


# Windows beside the main one, each with the size it has at 100 %.
PANELS: dict[str, Callable[[MainWindow], QWidget]] = {
    "poll budget": _budget,
    "clocks": _clocks,
    "program log": _program_log,
}
SCENES = (*BOARDS, *PERIODS, *RECORDED, "per minute", "search", "tour", "first run", *PANELS, *DIALOGS)
# A pop-up may close when its window is resized; the others keep the font size or the size they began with.
BUILT_ANEW = ("search", "first run", *PANELS)


def settle() -> None:
    """Let layouts and posted events come to rest.

    What was closed is deleted, too: a new style sheet is given to every widget that is left.
    """
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    for _ in range(5):
        QApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)


def _choose_columns(window: MainWindow) -> None:
    """All of them that have room, sorted by two, two rows pinned."""
    panel = window.watchlist
    window.views.central.outer.setSizes([round(window.width() * 0.8), round(window.width() * 0.2)])
    left_out = (Column.EXTRA_LARGE, Column.LARGE, Column.MEDIUM, Column.MIX)
    panel.table.set_choice(ColumnChoice().ordered(each for each in Column if each not in left_out).over(30))
    panel.sort(SortOrder(Column.SOURCE).turned(Column.NET, beside=True))
    panel.model.set_pinned([Symbol.parse("9988.HK"), Symbol.parse("388.HK")])


def _act(name: str, window: MainWindow, board: HandBoard) -> None:
    """What the scene shows beside its board."""
    if name in RECORDED:
        RECORDED[name](window)
        if window.chart.chart.plotted is window.chart.chart.plot:
            window.chart.chart.pointer.stand(200)
    elif name in PERIODS:
        window.choose_period(PERIODS[name][0])
        window.chart.chart.history.stand(3)
    elif name in VIEWS:
        window.views.show(VIEWS[name])
    elif name == "per minute":
        window.chart.chart.plot.set_per_minute(True)
    elif name == "tour":
        window.start_tour()
        for _step in range(4):
            window.guide.tour.move(1)
    elif name == "search":
        window.toolbar.search.begin()
        window.toolbar.search.setText("s")
        window.toolbar.search._edited("s")
    elif board.rows:
        window.chart.chart.pointer.stand(120)
    if name == "own groups":
        window.watchlist.choose_tab(1)
    elif name == "columns":
        _choose_columns(window)


Size = tuple[int, int]
Wait = Callable[[Callable[[], bool]], None]


@contextmanager
def scene(name: str, theme: Theme, size: Size, wait: Wait) -> Iterator[QWidget]:
    """A scene on screen; `wait` returns once what it is given is true."""
    for _, shown in scenes((name,), theme, size, wait):
        yield shown


def scenes(names: Collection[str], theme: Theme, size: Size, wait: Wait) -> Iterator[tuple[str, QWidget]]:
    """Scenes on screen, one after the other; the dialogs among them, which come last, over one window."""
    for name in names:
        if name == "first run":
            with _first_run(theme, size) as page:
                yield name, page
        elif name not in DIALOGS:
            with _window(name, theme, size, wait) as window:
                yield name, _panel(name, window, size) if name in PANELS else window
    dialogs = [name for name in names if name in DIALOGS]
    if not dialogs:
        return
    with _window("alerts", theme, size, wait) as window:
        settings, services = window.settings, window.dialogs.services
        for name in dialogs:
            window.settings, window.dialogs.services = settings, services
            DIALOGS[name](window)
            settle()
            shown = QApplication.activeModalWidget() or window.dialogs.current
            assert shown is not None
            yield name, shown
            _leave_dialog(window)


def _panel(name: str, window: MainWindow, size: tuple[int, int]) -> QWidget:
    panel = PANELS[name](window)
    settle()
    if isinstance(panel, Panel):
        panel.resize(panel.first_size.boundedTo(QSize(*size)))
    settle()
    return panel


def places(name: str, where: Sequence[tuple[Theme, Size]], wait: Wait) -> Iterator[tuple[Theme, Size, QWidget]]:
    """A scene in each look and size; a window is built for the first, then changed as the program changes it."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    if name in BUILT_ANEW:
        for theme, size in where:
            apply_theme(app, theme)
            with scene(name, theme, size, wait) as shown:
                yield theme, size, shown
        return
    look, size = where[0]
    apply_theme(app, look)
    with _window(name, look, size, wait) as window:
        for theme, size in where:
            if theme is not look:
                apply_theme(app, theme)
                window.set_theme(theme)
                look = theme
            window.resize(*size)
            settle()
            yield theme, size, window


@contextmanager
def _first_run(theme: Theme, size: tuple[int, int]) -> Iterator[QWidget]:
    answers = _answers()
    services = ConnectServices(answers.test, start_now, Access(answers))
    desk = DeskSettings(), DeskWay()
    page = FirstRun(OpendSettings(), LongportSettings(), Appearance(), services, theme, threshold=OFFERED, desk=desk)
    page.resize(*size)
    page.show()
    page.form.run_test()
    settle()
    yield page
    page.close()
    page.deleteLater()
    settle()


def _answers() -> Answers:
    answers = Answers(
        report=REPORT, members={"All holdings": ["700.HK", "5.HK"], "US tech": ["AAPL.US"], "恒生科技": ["981.HK"]}
    )
    answers.compared = compared()
    answers.desk.told = NEWS
    return answers


@contextmanager
def _window(name: str, theme: Theme, size: Size, wait: Wait) -> Iterator[MainWindow]:
    answers = _answers()
    if name in RECORDED:
        answers.recorded = two_weeks()
    board = BOARDS.get(name, alerting)()
    symbol = Symbol.parse("700.HK")
    for period, count in PERIODS.values():
        board.histories[symbol, period] = history(symbol, period, count)
    if name in PERIODS:
        board.put(replace(board.rows[symbol], periods=frozenset(Period)))
    look = Appearance(theme.scheme, theme.palette, theme.font_scale)
    window = open_window(board, Settings(appearance=look), answers, size)
    if board.rows:
        window.go_to(symbol)
    wait(lambda: window.chart.chart is not None)
    window._tick()
    _act(name, window, board)
    settle()
    if name == "grid":
        wait(lambda: not any(tile.waits or tile.is_outgrown for tile in window.views.grid()._tiles))
        window.views.grid().pin(window.views.grid().tile(3), Symbol.parse("981.HK"))
        settle()
    if name == "docked":
        _dock(window, board, wait)
    yield window
    _leave_dialog(window)
    shut(window)
    settle()


def _dock(window: MainWindow, board: HandBoard, wait: Wait) -> None:
    """Another chart at the right, over the rows below it the tape."""
    board.fill_tape()
    chart, tape = (window.views.docks.open(each) for each in ({"kind": "chart", "symbol": "3690.HK"}, {"kind": "tape"}))
    assert chart is not None
    assert tape is not None
    wait(lambda: chart.view.content._slot.chart is not None)
    settle()


def _leave_dialog(window: MainWindow) -> None:
    if window.dialogs.current is not None:
        window.dialogs.current.reject()
        settle()


def main(folder: str, scale: float = 1.0, width: int = 1600, height: int = 1000, *names: str) -> None:
    """Draw scenes into a folder."""
    app = QApplication([sys.argv[0], *FUSION])
    theme = build_theme("dark", "green_up", scale)
    apply_theme(app, theme)

    def wait(true: Callable[[], bool]) -> None:
        while not true():
            app.processEvents()

    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    for name, shown in scenes(names or SCENES, theme, (width, height), wait):
        shown.grab().save(str(place / f"{name.replace(' ', '-')}.png"))
    app.setStyleSheet("")


if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    target, numbers, chosen = sys.argv[1], sys.argv[2:5], sys.argv[5:]
    main(target, *(kind(text) for kind, text in zip((float, int, int), numbers, strict=False)), *chosen)
