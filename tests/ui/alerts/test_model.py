"""What the log of alerts says of each."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QItemSelectionModel, Qt
from pytestqt.qtbot import QtBot

from capflow_gui.domain.alert_record import SOURCE_RULE, AlertState
from capflow_gui.reason import Code, Reason
from capflow_gui.ui.alerts.model import AlertColumn
from capflow_gui.ui.window.main_window import MainWindow
from capflow_gui.ui.words import pill_texts
from tests.ui.boards import NOW, HandBoard, alert_of, unjudged_of
from tests.ui.window_fixture import TENCENT


def test_a_rule_that_cannot_be_judged_says_so(window: MainWindow, board: HandBoard) -> None:
    board.raise_alert(unjudged_of(board.rows[TENCENT], "no quote right"))
    window.bridge.drain()
    log = window.detail.alerts.alerts
    words = [log.data(log.index(0, column)) for column in range(log.columnCount())]
    assert words[0] == "Cannot judge"
    assert words[3] == "net ≤ −200M · no quote right"
    assert words[4] == "–"
    assert window.watchlist.model.figures(1).alerting


def test_new_alerts_come_above_and_leave_the_rows_and_the_chosen_one_as_they_are(
    window: MainWindow, board: HandBoard, qtbot: QtBot
) -> None:
    alerts, log = window.detail.alerts, window.detail.alerts.alerts
    raised = [alert_of(board.rows[TENCENT], number=number, raised_at=NOW + number) for number in range(1, 5)]
    board.raise_alert(raised[0])
    window.bridge.drain()
    whole_row = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
    alerts.selectionModel().setCurrentIndex(log.index(0, 0), whole_row)
    with qtbot.assertNotEmitted(log.modelReset):
        board.hold_alerts(raised[2])
        board.raise_alert(raised[1])
        window.bridge.drain()
        assert [log.alert(row) for row in range(log.rowCount())] == [raised[2], raised[1], raised[0]]
        assert (alerts.currentIndex().row(), alerts.selected()) == (2, [raised[0]])
        board.hold_alerts(replace(raised[0], escalations=1, told=2))
        board.raise_alert(raised[3])
        window.bridge.drain()
    assert [log.alert(row).escalations for row in range(log.rowCount())] == [0, 0, 0, 1]
    assert log.data(log.index(3, 3)).endswith("escalated 1×")
    assert alerts.selected_ids() == ["1"]


def test_an_alert_that_cleared_unseen_stays_amber_until_it_is_acknowledged(
    window: MainWindow, board: HandBoard
) -> None:
    raised = alert_of(board.rows[TENCENT])
    board.raise_alert(replace(raised, state=AlertState.CLEARED, cleared_at=NOW))
    window.bridge.drain()
    log = window.detail.alerts.alerts
    assert log.data(log.index(0, 0)) == "Cleared 14:32, not seen"
    assert pill_texts(board.rows[TENCENT]) == (("net ≤ −200M, cleared", "cleared"), True)
    assert window.watchlist.model.figures(1).alerting
    assert window.toolbar.attention.accessibleName() == "1 alert"
    assert window.detail.tabs.tab("alerts").accessibleName() == "Alerts, 1"
    window.intents.acknowledge_all()
    assert window.toolbar.attention.accessibleName() == "No alerts"
    assert log.data(log.index(0, 0)) == "Cleared 14:32"
    assert not window.watchlist.model.figures(1).alerting


def test_an_early_mark_is_amber_and_rings_nobody_until_it_is_confirmed(window: MainWindow, board: HandBoard) -> None:
    early = replace(alert_of(board.rows[TENCENT]), told=0)
    board.raise_alert(early)
    window.bridge.drain()
    log = window.detail.alerts.alerts
    assert log.data(log.index(0, 0)) == "Early"
    assert not window.watchlist.model.figures(1).alerting
    assert window.toolbar.attention.accessibleName() == "No alerts"
    board.raise_alert(replace(early, state=AlertState.CLEARED, cleared_at=NOW))
    window.bridge.drain()
    assert log.data(log.index(0, 0)) == "Withdrawn 14:32"


def test_an_alert_of_an_ended_session_has_no_figure_of_another_one_beside_it(
    window: MainWindow, board: HandBoard
) -> None:
    board.raise_alert(alert_of(board.rows[TENCENT], session="2026-11-19", state=AlertState.ENDED))
    window.bridge.drain()
    log = window.detail.alerts.alerts
    assert log.data(log.index(0, 5)) == "–"
    assert not log.now(log.alert(0))[2]


def test_what_is_wrong_with_a_source_is_listed_without_a_symbol(window: MainWindow, board: HandBoard) -> None:
    lost = Reason.of(Code.SOURCE_LOST, source="opend", why=Reason.of(Code.VERBATIM, text="no"))
    record = replace(unjudged_of(board.rows[TENCENT], ""), rule_id=SOURCE_RULE, rule="source_lost", reason=lost)
    board.raise_alert(record)
    window.bridge.drain()
    log = window.detail.alerts.alerts
    words = [log.data(log.index(0, column)) for column in range(log.columnCount())]
    assert (words[0], words[2:]) == ("Active", ["OpenD", "OpenD is lost, and no rule is judged on it: no", "–", "–"])


def test_the_time_is_said_to_be_when_it_was_noted_and_in_which_line(window: MainWindow, board: HandBoard) -> None:
    raised = alert_of(board.rows[TENCENT])
    board.raise_alert(raised)
    board.raise_alert(replace(raised, id="2", late=True, session="2026-11-19"))
    board.raise_alert(replace(unjudged_of(board.rows[TENCENT], "no quote right"), id="3"))
    window.bridge.drain()
    log = window.detail.alerts.alerts
    column = AlertColumn.TIME
    assert log.headerData(column, Qt.Orientation.Horizontal) == "Noted"
    told = {log.data(log.index(row, column), Qt.ItemDataRole.ToolTipRole) for row in range(3)}
    assert told == {
        "Noted 14:26:08, at the line of 14:26",
        "Noted 19 Nov 14:26:08, since the line of 19 Nov 14:26",
        "Noted 14:26:08",
    }


def test_amounts_say_their_currency_to_who_points_at_them_or_hears_them(window: MainWindow, board: HandBoard) -> None:
    board.raise_alert(alert_of(board.rows[TENCENT]))
    board.raise_alert(alert_of(board.rows[TENCENT], number=2, rule="net/turnover <= -3%", value=-0.04))
    window.bridge.drain()
    log = window.detail.alerts.alerts
    amount, share = sorted(range(2), key=lambda row: "/turnover" in log.alert(row).rule)
    for column in (AlertColumn.FIRED, AlertColumn.NOW):
        told, heard = Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole
        assert log.data(log.index(amount, column), told).endswith("Amount in HKD")
        assert log.data(log.index(amount, column), heard).endswith("M HKD")
        assert "HKD" not in log.data(log.index(share, column), told) + log.data(log.index(share, column), heard)
    window.intents.remove([TENCENT])
    window.bridge.drain()
    row = next(row for row in range(log.rowCount()) if "/turnover" not in log.alert(row).rule)
    assert log.data(log.index(row, AlertColumn.FIRED), Qt.ItemDataRole.ToolTipRole) == "Amount in HKD"
