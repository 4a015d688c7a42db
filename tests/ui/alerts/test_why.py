"""The sheet that says why: from the row and from the alert, with what had to be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from capflow_gui.domain.alert_record import AlertRecord
from capflow_gui.errors import StorageError
from capflow_gui.present.alerts.handling import NO_ALERT_CHOSEN
from capflow_gui.present.alerts.why import NO_DELIVERY, NO_LINES
from capflow_gui.reason import Code, Reason
from capflow_gui.storage.alert_history import Delivery
from capflow_gui.ui.alerts.why import WhySheet
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard, alert_of
from tests.ui.recorded_days import two_weeks
from tests.ui.window_fixture import TENCENT


class Kept:
    """What a profile kept of deliveries, or that it cannot be read."""

    error: StorageError | None = None

    async def deliveries(self, record: AlertRecord) -> Sequence[Delivery]:
        if self.error is not None:
            raise self.error
        return [Delivery(f"phone of {record.id}", "sent", 1, 0.0, None, "4711", None, False)]


def said(window: MainWindow) -> str:
    sheet = window.dialogs.current
    assert isinstance(sheet, WhySheet)
    return sheet.text.toPlainText()


def test_why_is_said_of_a_row_by_key_and_of_an_alert_by_its_button(window: MainWindow, board: HandBoard) -> None:
    QTest.keyClick(window.watchlist.table, Qt.Key.Key_Y)
    assert (window.dialogs.current, window.notice.text()) == (None, NO_ALERT_CHOSEN)
    board.raise_alert(alert_of(board.rows[TENCENT]))
    window.bridge.drain()
    window.watchlist.show_symbol(TENCENT)
    QTest.keyClick(window.watchlist.table, Qt.Key.Key_Y)
    assert "net ≤ −200M" in said(window)
    assert "▸" in said(window)
    assert NO_DELIVERY in said(window)
    window.dialogs.current.close()  # type: ignore[union-attr]
    kept = Kept()
    window.dialogs.services = replace(window.services, alerts=kept)
    window.detail.alerts.selectRow(0)
    window.detail.why_requested.emit()
    assert "phone of 1: sent, receipt 4711" in said(window)
    kept.error = StorageError(Reason.of(Code.FILE_UNREADABLE, path="capflow.db", why="it is gone"))
    window.detail.why_requested.emit()
    assert "it is gone" in said(window)


def test_lines_of_another_session_are_read_from_what_was_recorded(window: MainWindow, board: HandBoard) -> None:
    days = two_weeks()
    key, session = list(days.found.items())[-1]
    at = int(session.series.timestamps[30])
    facts = {"session": key.session.isoformat(), "source": key.source, "line_time": at}
    board.raise_alert(alert_of(board.rows[TENCENT], **facts))
    window.bridge.drain()
    window.detail.alerts.selectRow(0)
    window.detail.why_requested.emit()
    assert NO_LINES in said(window)
    window.dialogs.services = replace(window.services, recorded=days)
    window.detail.why_requested.emit()
    assert "▸ 10:00" in said(window)
    days.error = StorageError(Reason.of(Code.FILE_UNREADABLE, path="archive.db", why="it is gone"))
    window.detail.why_requested.emit()
    assert "it is gone" in said(window)
    days.error = None
    days.found.clear()
    window.detail.why_requested.emit()
    assert NO_LINES in said(window)
