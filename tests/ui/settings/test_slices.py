from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QObject
from pytestqt.qtbot import QtBot

from capflow_gui.ui.settings.slices import Slices


def test_one_piece_is_done_in_a_turn(qtbot: QtBot) -> None:
    del qtbot
    owner = QObject()
    done: list[str] = []
    slices = Slices(owner)
    slices.put("first", lambda: done.append("not this"))
    slices.put("second", lambda: done.append("second"))
    slices.put("third", lambda: done.append("third"))
    slices.put("first", lambda: done.append("first"))
    slices.drop("second")
    slices.drop("unknown")
    assert ("first" in slices, "second" in slices, len(slices), done) == (True, False, 2, [])
    QCoreApplication.processEvents()
    assert done == ["first"]
    QCoreApplication.processEvents()
    assert done == ["first", "third"]
    assert not slices
    QCoreApplication.processEvents()
    assert done == ["first", "third"]


def test_a_piece_may_put_in_another(qtbot: QtBot) -> None:
    owner = QObject()
    done: list[int] = []
    slices = Slices(owner)

    def do() -> None:
        done.append(len(done))
        if len(done) < 3:
            slices.put("again", do)

    slices.put("again", do)
    qtbot.waitUntil(lambda: not slices)
    assert done == [0, 1, 2]


def test_what_is_cleared_is_left_undone(qtbot: QtBot) -> None:
    owner = QObject()
    done: list[str] = []
    slices = Slices(owner)
    for name in ("first", "second"):
        slices.put(name, lambda name=name: done.append(name))
    slices.clear()
    QCoreApplication.processEvents()
    assert (done, len(slices)) == ([], 0)
    slices.put("third", lambda: done.append("third"))
    qtbot.waitUntil(lambda: not slices)
    assert done == ["third"]
