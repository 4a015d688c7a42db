"""The watchlist with what stands around it."""

from __future__ import annotations

from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from capflow_gui.domain.symbol import Symbol
from tests.ui.two_brokers import Two


def test_the_menu_names_the_source_of_the_selected_row(two: Two, qtbot: QtBot) -> None:
    chosen: list[tuple[object, object]] = []
    two.window.intents.source_chosen.connect(lambda symbol, source: chosen.append((symbol, source)))
    two.window.go_to(Symbol.parse("3690.HK"))
    menu = QMenu()
    qtbot.addWidget(menu)
    two.window.keys.fill(menu)
    actions = next(action.menu() for action in menu.actions() if action.text() == "Source of 3690.HK").actions()
    assert [(action.text(), action.isChecked()) for action in actions] == [
        ("Automatic", False),
        ("OpenD", False),
        ("Longport", True),
    ]
    actions[0].trigger()
    assert chosen == [(Symbol.parse("3690.HK"), None)]
