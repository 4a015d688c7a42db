"""The sheet that says why an alert was raised, as text to be read and copied."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QWidget

from capflow_gui.domain.alert_record import Delivery
from capflow_gui.feed.board import AlertRecord, BoardView
from capflow_gui.present.alerts.handling import alerts_named
from capflow_gui.present.alerts.why import NO_LINES, READING, Lines, why_text
from capflow_gui.present.language.texts import _
from capflow_gui.present.sentences import error_sentence
from capflow_gui.ui.dialogs.sheets import Sheet
from capflow_gui.ui.fitting import WholeLines
from capflow_gui.ui.layouts import beside, push_button, stacked
from capflow_gui.ui.ports import RecordedSession, WindowServices
from capflow_gui.ui.theme import Role, Theme


class WhySheet(Sheet):
    """Reads what is not on screen when it opens: lines of another session, and what was sent to channels."""

    def __init__(
        self,
        record: AlertRecord,
        board: BoardView,
        services: WindowServices,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            _("Why? {alerts_named}").format(alerts_named=alerts_named([record])), theme, parent, (560, 480)
        )
        self._record, self._zone = record, board.calendar.zone(record.symbol.market)
        self._lines: Lines | str = self._on_screen(board) or _(NO_LINES)
        self._deliveries: Sequence[Delivery] | str = ()
        self._cancels: list[Callable[[], None]] = []
        self.text = WholeLines(self)
        self.text.setAccessibleName(_("Why this alert was raised"))
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        fixed.setPointSizeF(theme.font(Role.SENTENCE).pointSizeF())
        self.text.setFont(fixed)
        close = push_button(_("Close"), self, "primary")
        close.clicked.connect(self.accept)
        self.fill(stacked((self.text, 1)), beside(None, close))
        self.finished.connect(lambda _result: self._rest())
        self._ask(services)
        self._show()

    def _on_screen(self, board: BoardView) -> Lines | None:
        """The lines of the symbol's row, where they are of the alert's session."""
        record = self._record
        row = board.row(record.symbol) if record.symbol in board.symbols else None
        if row is None or row.series is None or row.day is None or row.day.day.isoformat() != record.session:
            return None
        return Lines(row.series, row.day)

    def _ask(self, services: WindowServices) -> None:
        from capflow_gui.archive.model import DayKey  # noqa: PLC0415 - loads numpy

        record, alerts, recorded = self._record, services.alerts, services.recorded
        if alerts is not None:
            self._deliveries = _(READING)
            self._cancels.append(services.start(lambda: alerts.deliveries(record), self._delivered, self._undelivered))
        if recorded is not None and self._lines == _(NO_LINES):
            self._lines = _(READING)
            key = DayKey(record.source, record.symbol, date.fromisoformat(record.session))
            self._cancels.append(services.start(lambda: recorded.session(key), self._found, self._not_found))

    def _show(self) -> None:
        self.text.setPlainText(why_text(self._record, self._zone, self._lines, self._deliveries))

    def _delivered(self, found: Sequence[Delivery]) -> None:
        self._deliveries = found
        self._show()

    def _undelivered(self, error: Exception) -> None:
        self._deliveries = error_sentence(error)
        self._show()

    def _found(self, session: RecordedSession | None) -> None:
        self._lines = _(NO_LINES) if session is None else Lines(session.series, session.summary.day)
        self._show()

    def _not_found(self, error: Exception) -> None:
        self._lines = error_sentence(error)
        self._show()

    def _rest(self) -> None:
        for cancel in self._cancels:
            cancel()
