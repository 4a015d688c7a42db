from __future__ import annotations

from dataclasses import replace
from math import nan

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.tape.event import TapeKind
from capflow_gui.present.language.catalogues import speak
from capflow_gui.ui.tape.filter import TapeFilter, fill_filter_menu
from tests.unit.domain.tape.days import TENCENT
from tests.unit.present.tape.test_words import event

HSBC = Symbol.parse("5.HK")


def test_kind_symbol_and_least_size_each_keep_others_out() -> None:
    burst = event(TapeKind.BURST)
    for wanted, passes in (
        (TapeFilter(), True),
        (TapeFilter(kinds=frozenset({TapeKind.BURST})), True),
        (TapeFilter(kinds=frozenset({TapeKind.LOW})), False),
        (TapeFilter(symbol=TENCENT), True),
        (TapeFilter(symbol=HSBC), False),
        (TapeFilter(least=5e6), True),
        (TapeFilter(least=1e7), False),
    ):
        assert wanted.passes(burst) is passes
    assert TapeFilter().passes(replace(burst, size=nan))
    assert not TapeFilter(least=1e5).passes(replace(burst, size=nan))


def test_the_menu_offers_each_choice_and_checks_those_in_force(qtbot: QtBot) -> None:
    chosen: list[TapeFilter] = []
    shown = TapeFilter(frozenset({TapeKind.LOW}), HSBC, 1e6)
    menu = QMenu()
    qtbot.addWidget(menu)
    fill_filter_menu(menu, shown, TENCENT, chosen.append)
    offered: dict[str, QAction] = {action.text(): action for action in menu.actions() if action.text()}
    assert [name for name, action in offered.items() if action.isChecked()] == ["New low", "Only 5.HK", "From 1M"]
    for name in ("Burst", "New low", "All kinds", "Only 700.HK", "All symbols", "Any size", "From 10M"):
        offered[name].trigger()
    assert chosen == [
        replace(shown, kinds=frozenset({TapeKind.LOW, TapeKind.BURST})),
        replace(shown, kinds=frozenset()),
        replace(shown, kinds=frozenset()),
        replace(shown, symbol=TENCENT),
        replace(shown, symbol=None),
        replace(shown, least=0.0),
        replace(shown, least=1e7),
    ]
    assert [each.count for each in (TapeFilter(), shown)] == [0, 3]


def test_no_choice_stays_english_in_another_language(qtbot: QtBot) -> None:
    menu = QMenu()
    qtbot.addWidget(menu)
    speak("zh_CN")
    try:
        fill_filter_menu(menu, TapeFilter(), None, lambda _filter: None)
    finally:
        speak("en")
    assert [name for name in (action.text() for action in menu.actions()) if name and name.isascii()] == []
