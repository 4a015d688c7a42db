"""The alert log as a table, newest first, those that wait for the user on top."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import date
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from capflow_gui.domain.flow import FlowSeries
from capflow_gui.domain.link import LinkPhase
from capflow_gui.domain.money import stated_currency
from capflow_gui.feed.board import AlertRecord, BoardView, Row
from capflow_gui.present import numbers
from capflow_gui.present.alerts.handling import measure_told, rule_told, state_words, subject
from capflow_gui.present.language.texts import N_, _, said_together
from capflow_gui.present.rules.words import metric_of
from capflow_gui.present.sentences import amounts_told, is_amount, is_of_lines, is_share, measured
from capflow_gui.ui.models.figures import NAN, Look, figures_of

Index = QModelIndex | QPersistentModelIndex
_NO_PARENT = QModelIndex()


class AlertColumn(IntEnum):
    """Columns in their order on screen."""

    STATE = 0
    TIME = 1
    SYMBOL = 2
    RULE = 3
    FIRED = 4
    NOW = 5


TITLES = (N_("State"), N_("Noted"), N_("Symbol"), N_("Rule"), N_("Raised at"), N_("Now"))


class AlertsModel(QAbstractTableModel):
    """Reads the board's alerts on `reload`; the Now column on every painting. `seconds`: the time is given to them.

    The other columns are worded once a version of a record. Not `raised`, the figure an alert was raised at has no
    column: the hover texts of rule and Now have it, and who hears the table is told it with Now.
    """

    def __init__(self, board: BoardView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._board = board
        self._alerts: list[AlertRecord] = []
        self._worded: dict[str, tuple[AlertRecord, dict[Hashable, str]]] = {}
        self._measures: dict[str, tuple[FlowSeries | None, float | None, float]] = {}
        self.waiting = 0  # how many nobody has acknowledged
        self.seconds = self.raised = True

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        """One a record."""
        return 0 if parent.isValid() else len(self._alerts)

    def columnCount(self, parent: Index = _NO_PARENT) -> int:
        """See AlertColumn."""
        return 0 if parent.isValid() else len(TITLES)

    def alert(self, row: int) -> AlertRecord:
        """The record of a row."""
        return self._alerts[row]

    def reload(self) -> bool:
        """Read the board again; whether rows were moved or removed, so that those chosen are to be chosen anew."""
        alerts = sorted(self._board.alerts, key=lambda alert: 0 if alert.waiting else 1 if alert.standing else 2)
        if alerts == self._alerts:
            return False
        self.waiting = next((place for place, alert in enumerate(alerts) if not alert.waiting), len(alerts))
        self._worded = {alert.id: self._worded[alert.id] for alert in alerts if alert.id in self._worded}
        self._measures.clear()
        ids, before = [alert.id for alert in alerts], [alert.id for alert in self._alerts]
        count = len(ids) - len(before)
        first = next((place for place, old in enumerate(before) if ids[place : place + 1] != [old]), len(before))
        if count < 0 or not before or ids[first + count :] != before[first:]:
            self.beginResetModel()
            self._alerts = alerts
            self.endResetModel()
            return True
        if count:
            self.beginInsertRows(QModelIndex(), first, first + count - 1)
            self._alerts[first:first] = alerts[first : first + count]
            self.endInsertRows()
        if alerts != self._alerts:
            self._alerts = alerts
            self.dataChanged.emit(self.index(0, 0), self.index(len(alerts) - 1, len(TITLES) - 1))
        return False

    def state_words(self, alert: AlertRecord) -> str:
        """The state, with its minute where it is over."""
        return state_words(alert, self._board.calendar.zone(alert.symbol.market))

    def time_words(self, alert: AlertRecord) -> str:
        """When it was noted, on the exchange's clock."""
        return self._clock(alert, alert.raised_at, seconds=self.seconds)

    def time_told(self, alert: AlertRecord) -> str:
        """When it was noted, and in which line: a reply may come late, and a line with it."""
        at = _("Noted {clock}").format(clock=self._clock(alert, alert.raised_at, seconds=True))
        if alert.cannot_judge:
            return at
        line = _("{noted}, since the line of {line}") if alert.late else _("{noted}, at the line of {line}")
        return line.format(noted=at, line=self._clock(alert, alert.line_time, seconds=False))

    def rule_words(self, alert: AlertRecord, *, options: bool = True) -> str:
        """The rule, and why it cannot be judged, or when a late breach began; what is wrong with a source.

        Without `options` of the rule it is shorter, and says the rest as well.
        """
        text = rule_told(alert, options=options)
        if alert.of_source or alert.reason is not None:
            return text
        if alert.late:
            text = _("{rule} · since {time}").format(rule=text, time=self._clock(alert, alert.line_time, seconds=False))
        return (
            _("{rule} · escalated {escalations}×").format(rule=text, escalations=alert.escalations)
            if alert.escalations
            else text
        )

    def rule_forms(self, alert: AlertRecord) -> tuple[str, ...]:
        """The rule as a cell may say it, longest first: its options go, then what follows, then what is measured."""
        forms = self.words(alert, AlertColumn.RULE), self.rule_words(alert, options=False)
        if alert.of_source or alert.reason is not None:
            return forms
        condition = rule_told(alert, options=False)
        metric, least, level = condition.partition(" ≤ ")
        return (*forms, condition, f"≤ {level}" if metric and least else condition)

    def _row_now(self, alert: AlertRecord) -> Row | None:
        """The symbol's row while it shows the alert's session; None once it left the list or shows another session."""
        if alert.of_source or alert.symbol not in self._board.symbols:
            return None
        row = self._board.row(alert.symbol)
        session = None if row.series is None else row.series.session
        return row if session is None or alert.session in ("", session.isoformat()) else None

    def now(self, alert: AlertRecord) -> tuple[str, float, bool]:
        """What the alert's rule measures at the newest line, in words and as a figure, and whether it may have colour.

        NaN where the alert's session is not shown, and where it is not known. It may have colour where it is true now,
        or final.
        """
        row = self._row_now(alert)
        value, true = NAN, False
        if row is not None:
            ready = any(link.source == row.source and link.phase is LinkPhase.READY for link in self._board.links)
            figures = figures_of(row, link_ready=ready)
            value = figures.of_turnover if is_share(alert.rule) else figures.net
            if is_of_lines(alert.rule):
                value = self._measured(alert, row)
            elif (metric := metric_of(alert.rule)) != "net":
                value = _newest(row, metric) / ((row.turnover or NAN) if is_share(alert.rule) else 1.0)
            true = figures.look is Look.TRUE
        return measured(alert.rule, value), value, true

    def _measured(self, alert: AlertRecord, row: Row) -> float:
        """What the board says the rule measures, asked once a reply."""
        known = self._measures.get(alert.id)
        if known is None or known[0] is not row.series or known[1] != row.turnover:
            self._measures[alert.id] = known = row.series, row.turnover, self._board.measure(alert)
        return known[2]

    def now_told(self, alert: AlertRecord) -> str:
        """What the Now column measures, and in which currency."""
        return "\n".join(filter(None, (measure_told(alert.rule), self._raised_told(alert), self.fired_told(alert))))

    def _rule_told(self, alert: AlertRecord) -> str:
        return "\n".join(filter(None, (self.rule_words(alert), self._raised_told(alert))))

    def _raised_told(self, alert: AlertRecord) -> str:
        if self.raised or alert.cannot_judge:
            return ""
        return _("Raised at {figure}").format(figure=self.words(alert, AlertColumn.FIRED))

    def fired_told(self, alert: AlertRecord) -> str:
        """The currency of what was measured; "" where that is no amount."""
        return amounts_told(self._money(alert))

    def _money(self, alert: AlertRecord) -> str:
        if alert.of_source or not is_amount(alert.rule):
            return ""
        if alert.symbol in self._board.symbols:
            return self._board.row(alert.symbol).money
        currency, assumed = stated_currency(alert.symbol)
        return f"{currency}?" if assumed else currency

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Words; the delegate paints from `alert`."""
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.ToolTipRole:
            told = {
                AlertColumn.STATE: self.state_words,
                AlertColumn.TIME: self.time_told,
                AlertColumn.RULE: self._rule_told,
                AlertColumn.FIRED: self.fired_told,
                AlertColumn.NOW: self.now_told,
            }.get(AlertColumn(index.column()))
            return None if told is None else told(self._alerts[index.row()])
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        alert, column = self._alerts[index.row()], AlertColumn(index.column())
        words = self.words(alert, column)
        if role == Qt.ItemDataRole.AccessibleTextRole and column in (AlertColumn.FIRED, AlertColumn.NOW):
            figure = f"{words} {self._money(alert)}".rstrip()  # who hears a figure sees no hover text
            raised = self._raised_told(alert) if column is AlertColumn.NOW else ""
            return said_together(filter(None, (figure, raised)))
        return words

    def words(self, alert: AlertRecord, column: AlertColumn) -> str:
        """What a cell says."""
        if column is AlertColumn.NOW:
            return self.now(alert)[0]
        known, texts = self._worded.get(alert.id, (None, {}))
        if known is not alert:
            known, texts = self._worded[alert.id] = alert, {}
        key = (column, self.seconds, self._today(alert)) if column is AlertColumn.TIME else column
        if key not in texts:
            texts[key] = self._say(alert, column)
        return texts[key]

    def _say(self, alert: AlertRecord, column: AlertColumn) -> str:
        if column is AlertColumn.STATE:
            return self.state_words(alert)
        if column is AlertColumn.TIME:
            return self.time_words(alert)
        if column is AlertColumn.SYMBOL:
            return subject(alert)
        if column is AlertColumn.RULE:
            return self.rule_words(alert)
        return measured(alert.rule, alert.value)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Column names."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < self.columnCount():
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _(TITLES[section])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            right = section in (AlertColumn.FIRED, AlertColumn.NOW)
            side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def _clock(self, alert: AlertRecord, epoch: float, *, seconds: bool) -> str:
        """A time of the alert's session, with its date where that is another than today's."""
        zone = self._board.calendar.zone(alert.symbol.market)
        text = numbers.clock_time(epoch, zone, seconds)
        if alert.session and alert.session != self._today(alert).isoformat():
            text = f"{numbers.day_and_month(date.fromisoformat(alert.session))} {text}"
        return text

    def _today(self, alert: AlertRecord) -> date:
        return self._board.calendar.session_date(alert.symbol.market, self._board.market_now(None))


def _newest(row: Row, metric: str) -> float:
    from capflow_gui.domain.flow import COLUMNS  # noqa: PLC0415 - loads numpy

    if row.series is None or not len(row.series):
        return NAN
    return float(row.series.values[COLUMNS.index(metric), -1])
