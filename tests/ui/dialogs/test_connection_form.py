"""The form for an OpenD: its test, and what it hands over."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from capflow_gui.errors import ConnectFailed
from capflow_gui.settings import OpendSettings
from capflow_gui.ui.dialogs.connection import ConnectionDialog
from capflow_gui.ui.ports import ConnectionReport
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.window.main_window import MainWindow
from tests.reasons import said
from tests.ui.boards import HandBoard
from tests.ui.window_fixture import Answers, open_window, shut


def open_connection(answers: Answers, board: HandBoard) -> tuple[MainWindow, ConnectionDialog]:
    window = open_window(board, answers=answers)
    window.dialogs.open_connection()
    dialog = window.dialogs.current
    assert isinstance(dialog, ConnectionDialog)
    return window, dialog


def test_a_test_says_how_it_went(board: HandBoard, theme: Theme, qtbot: QtBot) -> None:
    report = ConnectionReport(False, "OpenD answered, but is not logged in.", "Log in inside the OpenD window.", 0.8)
    answers = Answers(report=report)
    window, dialog = open_connection(answers, board)
    dialog.form.test_button.click()
    assert answers.asked == [("test", "127.0.0.1", 11111, None)]
    assert dialog.form.answered.text() == "answered in 800 ms"
    assert dialog.form.said() == "OpenD answered, but is not logged in. Log in inside the OpenD window."
    dialog.reject()
    shut(window)


def test_a_test_that_breaks_says_so(board: HandBoard, theme: Theme, qtbot: QtBot) -> None:
    window, dialog = open_connection(Answers(error=ConnectFailed("opend", said("refused"))), board)
    dialog.form.test_button.click()
    assert dialog.form.said().startswith("The test could not be made.")
    dialog.reject()
    shut(window)


@pytest.mark.parametrize(("host", "port"), [("", "11111"), ("a b", "11111"), ("127.0.0.1", ""), ("127.0.0.1", "0")])
def test_a_form_filled_in_badly_asks_nobody(board: HandBoard, theme: Theme, qtbot: QtBot, host: str, port: str) -> None:
    answers = Answers()
    window, dialog = open_connection(answers, board)
    dialog.form.host.setText(host)
    dialog.form.port.setText(port)
    dialog.form.test_button.click()
    dialog.form.connect_button.click()
    assert answers.asked == []
    assert dialog.form.said()
    assert dialog.isVisible()
    dialog.reject()
    shut(window)


def test_connect_hands_over_what_was_filled_in(board: HandBoard, theme: Theme, qtbot: QtBot) -> None:
    window, dialog = open_connection(Answers(), board)
    changed: list[OpendSettings] = []
    window.intents.connection_changed.connect(changed.append)
    dialog.form.host.setText("10.0.0.5")
    dialog.form.port.setText("22222")
    dialog.form.key.setText("/keys/rsa.pem")
    dialog.form.connect_button.click()
    assert changed == [OpendSettings("10.0.0.5", 22222, "/keys/rsa.pem")]
    shut(window)


def test_the_key_is_chosen_by_a_button_at_its_field(board: HandBoard, theme: Theme, qtbot: QtBot) -> None:
    window, dialog = open_connection(Answers(), board)
    key, choose, port = dialog.form.key.geometry(), dialog.form.choose_button.geometry(), dialog.form.port.geometry()
    assert (choose.left() - key.right() <= 8, choose.center().y() - key.center().y()) == (True, 0)
    assert choose.right() == port.right()
    dialog.reject()
    shut(window)
