"""What the search box offers, and in which order."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
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


def test_where_there_is_little_room_it_asks_in_two_words(box: SearchBox) -> None:
    box.show()
    for width, asked in ((262, "Add or find a symbol or action"), (140, "Add or find")):
        box.resize(width, 32)
        QApplication.processEvents()
        assert box.placeholderText() == asked
        assert box.fontMetrics().horizontalAdvance(asked) < width - 20


def test_known_names_come_before_a_guessed_ticker(box: SearchBox) -> None:
    assert offered(box, "tenc") == ["700.HK  Tencent Holdings", "TME.US  Big Tencent Music", "TENC.US"]


def test_actions_come_before_a_guessed_ticker(box: SearchBox) -> None:
    assert offered(box, "set") == ["Settings: appearance, alerts, log", "SET.US"]
    assert offered(box, "keys") == ["Keys", "KEYS.US"]


def test_equally_good_actions_are_offered_by_when_they_were_used_and_others_after_them(box: SearchBox) -> None:
    done: list[str] = []
    names = ("Snoozing one", "Snoozing two", "Snoozing three", "No snoozing")
    box.set_known({}, [Command(name, "", partial(done.append, name)) for name in names])
    assert offered(box, "snoozing") == list(names)
    box.entries()[2].run()
    assert done == ["Snoozing three"]
    assert offered(box, "snoozing") == [names[2], *names[:2], names[3]]
    box.entries()[3].run()
    assert offered(box, "snoozing") == [names[2], *names[:2], names[3]]


def test_what_cannot_be_done_now_is_offered_with_the_reason(box: SearchBox) -> None:
    box.set_known({}, [Command("Playback: slower", "<", lambda: None, why_not="Nothing is played.")])
    assert offered(box, "slower") == ["Playback: slower"]
    (entry,) = box.entries()
    assert (entry.hint, entry.able) == ("Nothing is played.", False)


def test_the_setting_that_is_named_is_offered_before_those_that_have_the_word_in_their_name(box: SearchBox) -> None:
    names = ("Setting: Longport: language", "Setting: Language", "Setting: Languages of sheets")
    box.set_known({}, [Command(name, "", lambda: None) for name in names])
    assert offered(box, "language") == [names[1], names[2], names[0]]


def test_a_hint_has_its_own_room_beside_the_words(box: SearchBox) -> None:
    room = []
    for key in ("", "Ctrl+Alt+5"):
        box.set_known({}, [Command("Threshold of the selected symbol", key, lambda: None)])
        offered(box, "threshold")
        room.append(box._list.sizeHintForColumn(0))
    item, what = box._list.item(0), Qt.ItemDataRole
    told = [item.data(role) for role in (what.DisplayRole, what.AccessibleTextRole, what.ToolTipRole)]
    assert told == ["Threshold of the selected symbol", *(2 * ["Threshold of the selected symbol, Ctrl+Alt+5"])]
    assert room[1] - room[0] > box._list.fontMetrics().horizontalAdvance("Ctrl+Alt+5")


def test_down_in_the_empty_box_offers_everything(box: SearchBox) -> None:
    QTest.keyClick(box, Qt.Key.Key_Down)
    assert [entry.text for entry in box.entries()] == ["Settings: appearance, alerts, log", "Keys"]
    box.entries()[1].run()
    assert box.entries() == []
    QTest.keyClick(box, Qt.Key.Key_Down)
    assert box.entries()[0].text == "Keys"


def test_many_known_symbols_leave_room_for_actions(box: SearchBox) -> None:
    known = {Symbol.parse(f"{number}.HK"): f"Going concern {number}" for number in range(1, 30)}
    box.set_known(known, [Command(f"Go {number}", "", lambda: None) for number in range(9)])
    names = offered(box, "go")
    assert len([name for name in names if name.startswith("Go ")]) >= 4


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
    assert offered(box, "700 AAPL 600519 BRK.B") == ["Add 4 symbols to the list"]
    assert offered(box, "00700\n600519") == ["Add 2 symbols to the list"]


@pytest.mark.parametrize("text", ["920748", "430047", "399001", "000001.SH", "711111"])
def test_what_is_not_covered_or_no_stock_is_not_offered(box: SearchBox, text: str) -> None:
    assert offered(box, text) == []


def test_what_is_added_says_where_to(box: SearchBox) -> None:
    assert offered(box, "1.HK 2.HK 3.HK")[-1] == "Add 3 symbols to the list"
    offered(box, "388.HK")
    assert box.entries()[0].hint == "add"
    box.set_known({}, [], "HK core")
    assert offered(box, "1.HK 2.HK 3.HK") == ["Add 3 symbols to HK core"]
    offered(box, "388.HK")
    assert box.entries()[0].hint == "add to HK core"


def test_esc_leaves_at_once_and_nothing_stays_typed(box: SearchBox) -> None:
    left: list[bool] = []
    box.left.connect(lambda: left.append(True))
    offered(box, "tenc")
    QTest.keyClick(box, Qt.Key.Key_Escape)
    assert (left, box.text(), box.entries()) == ([True], "", [])
    QTest.keyClick(box, Qt.Key.Key_Escape)
    assert left == [True, True]


def test_an_action_hands_the_keyboard_back_before_it_runs(box: SearchBox) -> None:
    order: list[str] = []
    box.left.connect(lambda: order.append("left"))
    box.set_known({}, [Command("Stacked", "U", lambda: order.append("run"))])
    offered(box, "stacked")
    box.entries()[0].run()
    assert (order, box.text()) == (["left", "run"], "")
