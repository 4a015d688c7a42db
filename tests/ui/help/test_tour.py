"""The tour: cards beside what can be seen, left at any moment."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.ui.help import tour as tour_module
from capflow_gui.ui.help.tour import Step, Tour
from capflow_gui.ui.theme import Theme


class Place:
    """A window with three parts and a text field, and its tour."""

    def __init__(self, theme: Theme, qtbot: QtBot) -> None:
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.window.resize(900, 600)
        self.field = QLineEdit(self.window)
        self.parts = [QWidget(self.window) for _part in range(3)]
        places = (QRect(0, 0, 300, 40), QRect(0, 50, 400, 500), QRect(500, 0, 400, 600))
        for part, place in zip(self.parts, places, strict=True):
            part.setGeometry(place)
        self.window.show()
        self.field.setFocus()
        self.theme, self.over = theme, 0

    def begin(self) -> Tour:
        steps = [Step(lambda part=part: part, f"Part {n}", "What it is.") for n, part in enumerate(self.parts)]
        tour = Tour(steps, self.theme, self.window)
        tour.ended.connect(self.count)
        return tour

    def count(self) -> None:
        self.over += 1


@pytest.fixture
def place(theme: Theme, qtbot: QtBot) -> Iterator[Place]:
    yield Place(theme, qtbot)
    QApplication.sendPostedEvents(None, 52)  # what was to be deleted


def test_each_card_stands_beside_its_part_inside_the_window(place: Place) -> None:
    tour = place.begin()
    for number, part in enumerate(place.parts):
        around = QRect(part.mapTo(place.window, QPoint()), part.size())
        assert tour.card.title.text() == f"Part {number}"
        assert tour.card.place.text() == f"{number + 1} of 3"
        assert place.window.rect().contains(tour.card.geometry())
        assert not tour.card.geometry().intersects(around)
        assert tour._ring.geometry().intersects(around)
        tour.card.next.click()
    assert place.over == 1
    assert place.field.hasFocus()


def test_keys_step_and_end_it_and_the_keyboard_goes_back(place: Place) -> None:
    tour = place.begin()
    assert tour.card.next.hasFocus()
    QTest.keyClick(tour.card, Qt.Key.Key_Right)
    QTest.keyClick(tour.card, Qt.Key.Key_Return)
    assert tour.step.title == "Part 2"
    QTest.keyClick(tour.card, Qt.Key.Key_Left)
    assert tour.step.title == "Part 1"
    QTest.keyClick(tour.card, Qt.Key.Key_Escape)
    assert (place.over, place.field.hasFocus()) == (1, True)


def test_a_hidden_part_is_left_out_and_one_that_hides_is_left(place: Place) -> None:
    place.parts[0].hide()
    tour = place.begin()
    assert (tour.step.title, tour.card.place.text()) == ("Part 1", "1 of 2")
    place.parts[1].hide()
    place.window.resize(880, 590)
    assert tour.step.title == "Part 2"
    place.parts[2].hide()
    place.window.resize(860, 580)
    assert place.over == 1


def test_it_follows_its_part_when_the_window_changes(place: Place) -> None:
    tour = place.begin()
    tour.move(1)
    tour.move(1)
    place.parts[2].setGeometry(300, 0, 300, 400)
    place.window.resize(620, 420)
    assert place.window.rect().contains(tour.card.geometry())
    assert tour._ring.geometry().intersects(place.parts[2].geometry())
    tour.end()


def test_a_screen_reader_hears_each_card(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []
    monkeypatch.setattr(tour_module, "announce", lambda _widget, text: heard.append(text))
    tour = place.begin()
    tour.card.skip.click()
    assert heard == ["Part 0. What it is."]
    assert tour.card.accessibleName() == "Part 0"
    assert tour.card.accessibleDescription() == "What it is."
