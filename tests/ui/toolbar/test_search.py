"""What the search box offers, and in which order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from capflow_gui.domain.quote import SearchHit, SecurityKind
from capflow_gui.domain.symbol import Symbol
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.toolbar.search import Command, SearchBox

TENCENT, TENCENT_MUSIC = Symbol.parse("700.HK"), Symbol.parse("TME.US")
KNOWN = {
    Symbol.parse("5.HK"): "HSBC Holdings",
    TENCENT_MUSIC: "Big Tencent Music",
    TENCENT: "Tencent Holdings",
}


@pytest.fixture
def box(theme: Theme, qtbot: QtBot) -> Iterator[SearchBox]:
    box = SearchBox(theme)
    qtbot.addWidget(box)
    actions = [Command("Settings: appearance, alerts, log", "", lambda: None), Command("Keys", "?", lambda: None)]
    box.set_known(KNOWN, actions)
    yield box
    box.rest()


def offered(box: SearchBox, text: str) -> list[str]:
    box.setText(text)
    box.textEdited.emit(text)
    return [entry.text for entry in box.entries()]


def test_known_names_come_before_a_guessed_ticker(box: SearchBox) -> None:
    assert offered(box, "tenc") == ["700.HK  Tencent Holdings", "TME.US  Big Tencent Music", "TENC.US"]


def test_actions_come_before_a_guessed_ticker(box: SearchBox) -> None:
    assert offered(box, "set") == ["Settings: appearance, alerts, log", "SET.US"]
    assert offered(box, "keys") == ["Keys", "KEYS.US"]


def test_what_the_broker_finds_comes_before_a_guess(box: SearchBox) -> None:
    offered(box, "alib")
    box._found([SearchHit(Symbol.parse("9988.HK"), "Alibaba-W", SecurityKind.STOCK)])
    assert [entry.text for entry in box.entries()] == ["9988.HK  Alibaba-W", "ALIB.US"]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("700", "700.HK  Tencent Holdings"),
        ("600519", "600519.SH"),
        ("113050", "113050.SH"),
        ("7００。ＨＫ", "700.HK  Tencent Holdings"),
        ("\u200b00005\ufeff", "5.HK  HSBC Holdings"),
        ('="1398.HK"', "1398.HK"),
        ("BRK.B", "BRK.B.US"),
        ("ＴＥＮＣ", "700.HK  Tencent Holdings"),
    ],
)
def test_a_code_is_offered_first(box: SearchBox, text: str, first: str) -> None:
    assert offered(box, text)[0] == first


def test_several_codes_are_offered_together_and_after_an_action(box: SearchBox) -> None:
    assert offered(box, "700 AAPL 600519 BRK.B") == ["Add 4 symbols"]
    assert offered(box, "00700\n600519") == ["Add 2 symbols"]


@pytest.mark.parametrize("text", ["920748", "430047", "399001", "000001.SH", "711111"])
def test_what_is_not_covered_or_no_stock_is_not_offered(box: SearchBox, text: str) -> None:
    assert offered(box, text) == []
