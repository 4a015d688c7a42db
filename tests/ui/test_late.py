from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.ui.late import InTurns, Late, Slices, later


def test_it_is_made_once_and_only_to_be_shown(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    made: list[QLabel] = []

    def make() -> QLabel:
        made.append(QLabel("late", parent))
        return made[-1]

    late = Late(make)
    late.show(False)
    assert (late.made, late.is_shown, made) == (None, False, [])
    late.show(True)
    assert late.is_shown
    late.show(False)
    assert not late.is_shown
    assert late() is late.made is made[0]
    assert len(made) == 1


def test_what_is_to_be_done_with_it_waits_until_it_is_made(qtbot: QtBot) -> None:
    late, told = Late(QLabel), list[str]()
    late.then = lambda label: told.append(label.text())
    late.show(False)
    assert told == []
    qtbot.addWidget(late())
    assert late() is late.made
    assert told == [""]


def test_what_is_forgotten_is_deleted_and_made_anew(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    late = Late(lambda: QLabel("late", parent))
    late.forget()
    first = late()
    late.forget()
    assert late.made is None
    assert late() is not first
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert parent.findChildren(QLabel) == [late.made]


def steps(name: str, count: int, done: list[str]) -> Iterator[None]:
    for number in range(count):
        done.append(f"{name}{number}")
        yield
    done.append(f"{name}.")


def test_each_step_has_a_turn_of_its_own(qapp: QApplication) -> None:
    done: list[str] = []
    owner = QObject()
    turns = InTurns(owner)
    turns.begin(steps("a", 2, done))
    assert (done, turns.running) == ([], True)
    seen = []
    while turns.running:
        QApplication.processEvents()
        seen.append(len(done))
    assert done == ["a0", "a1", "a."]
    assert {1, 2, 3} <= {*seen}


def test_other_steps_take_the_place_of_those_that_are_left(qapp: QApplication) -> None:
    done: list[str] = []
    owner = QObject()
    turns = InTurns(owner)

    def first() -> Iterator[None]:
        turns.begin(steps("b", 1, done))
        yield
        done.append("never")

    turns.begin(steps("a", 9, done))
    turns.begin(first())
    while turns.running:
        QApplication.processEvents()
    assert done == ["b0", "b."]
    turns.begin(steps("c", 1, done))
    turns.stop()
    QApplication.processEvents()
    assert (done, turns.running) == (["b0", "b."], False)


def test_after_a_step_that_fails_there_is_nothing_left_to_do(qtbot: QtBot) -> None:
    def failing() -> Iterator[None]:
        yield
        raise LookupError("a fault")

    owner = QObject()
    turns = InTurns(owner)
    with qtbot.captureExceptions() as caught:
        turns.begin(failing())
        while turns.running:
            QApplication.processEvents()
    assert [str(fault) for _kind, fault, _trace in caught] == ["a fault"]


class Owner(QObject):
    """Has something to do."""

    def __init__(self) -> None:
        super().__init__()
        self.done = 0

    def do(self) -> None:
        self.done += 1


def test_what_is_done_later_is_done_once_and_keeps_no_owner_that_is_gone(qapp: QApplication) -> None:
    owner, gone = Owner(), Owner()
    for each in (owner, gone):
        later(each, each.do)
    assert owner.done == 0
    gone.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    known = weakref.ref(gone)
    del gone, each
    for _turn in range(3):
        QApplication.processEvents()
    gc.collect()
    assert (owner.done, known()) == (1, None)


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
