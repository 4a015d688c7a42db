"""Marks over the panes: made when something changed, drawn where they were exposed, shaped to their text."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem

from capflow_gui.ui.chart import marks as subject
from capflow_gui.ui.chart.look import Fonts, Text
from capflow_gui.ui.chart.marks import Draw, Marks
from capflow_gui.ui.theme import Theme

INK, GROUND = QColor("#d03020"), QColor("#2060d0")
BOX = QRectF(10, 10, 20, 20)


@pytest.fixture
def text(theme: Theme) -> Text:
    return Text("−200 M", Fonts(theme).tag, INK)


def painted(draw: Draw) -> QImage:
    image = QImage(300, 120, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    draw(painter)
    painter.end()
    return image


def touched(image: QImage) -> QRectF:
    """The rectangle of everything that is not white."""
    white = QColor(Qt.GlobalColor.white).rgb()
    places = [(x, y) for y in range(image.height()) for x in range(image.width()) if image.pixel(x, y) != white]
    left, top = (min(place[axis] for place in places) for axis in (0, 1))
    right, bottom = (max(place[axis] for place in places) for axis in (0, 1))
    return QRectF(left, top, right - left + 1, bottom - top + 1)


def test_a_mark_is_made_anew_only_when_it_changed() -> None:
    made: list[str] = []

    def make(name: str) -> tuple[QRectF, Draw]:
        made.append(name)
        return BOX, lambda _painter: None

    marks = Marks(lambda _box: True)
    for stamp in ("a", "a", "b"):
        marks.put("tag", stamp, lambda stamp=stamp: make(stamp))
    assert made == ["a", "b"]
    assert marks.box("tag") == BOX
    assert marks.box("other") is None
    marks.drop("tag")
    marks.drop("tag")
    assert marks.box("tag") is None


def test_marks_are_found_by_what_their_keys_begin_with() -> None:
    marks = Marks(lambda _box: True)
    for key in ("name 0", "name 1", "pill"):
        marks.put(key, key, lambda: (BOX, lambda _painter: None))
    assert set(marks.boxes("name ")) == {"name 0", "name 1"}
    marks.clear()
    assert marks.boxes("") == {}


def test_only_what_was_exposed_is_drawn_and_the_mouse_passes_through() -> None:
    drawn: list[str] = []
    marks = Marks(lambda box: box.left() < 50)
    marks.set_area(QRectF(0, 0, 100, 100))
    for key, left in (("near", 10.0), ("far", 60.0)):
        box = QRectF(left, 0, 10, 10)
        marks.put(key, key, lambda box=box, key=key: (box, lambda _painter, key=key: drawn.append(key)))
    painted(lambda painter: marks.paint(painter, QStyleOptionGraphicsItem()))
    assert drawn == ["near"]
    assert marks.boundingRect() == QRectF(0, 0, 100, 100)
    assert marks.shape().isEmpty()


def shapes(text: Text) -> dict[str, tuple[QRectF, Draw]]:
    pen = QPen(INK, 1)
    return {
        "tag": subject.tag((100.0, 200.0), 60.0, text, GROUND, border=INK, grip=True),
        "label": subject.label_box(100.0, 60.0, text, GROUND, INK),
        "pill": subject.rule_pill(60.0, 60.0, (text, None), GROUND, INK),
        "pill with a hint": subject.rule_pill(60.0, 60.0, (text, text), GROUND, INK),
        "breach": subject.breach(100.0, 40.0, 100.0, (GROUND, INK, pen)),
        "point": subject.hollow_point(100.0, 60.0, GROUND, INK),
        "words": subject.words(60.0, 60.0, text, text, ground=GROUND),
        "leaders": subject.leaders([(50.0, 60.0, 70.0, 40.0, INK), (50.0, 80.0, 70.0, 80.2, INK)]),
        "rule": subject.rule_line(50.0, 150.0, 60.0, pen),
    }


@pytest.mark.parametrize(
    "name", ["tag", "label", "pill", "pill with a hint", "breach", "point", "words", "leaders", "rule"]
)
def test_a_mark_draws_within_the_box_it_gives(text: Text, name: str) -> None:
    box, draw = shapes(text)[name]
    assert box.contains(touched(painted(draw)))


def test_a_tag_that_can_be_gripped_shows_six_dots(text: Text) -> None:
    images = [
        painted(subject.tag((100.0, 200.0), 60.0, text, GROUND, border=None, grip=grip)[1]) for grip in (False, True)
    ]
    more = [sum(image.pixel(x, y) == INK.rgb() for x in range(105, 120) for y in range(120)) for image in images]
    assert more[1] - more[0] == 6 * 4


def test_the_dots_of_a_tag_leave_a_long_text_its_room(text: Text) -> None:
    for room in range(2, 24):
        width = 6 + room + text.width + 6
        images = [
            painted(subject.tag((100.0, 100.0 + width), 60.0, text, GROUND, border=None, grip=grip)[1])
            for grip in (False, True)
        ]
        start = int(100 + width - 6 - text.width)
        inside = [
            [image.pixel(x, y) for x in range(start, int(100 + width)) for y in range(40, 80)] for image in images
        ]
        assert inside[0] == inside[1]


def test_a_level_leader_is_one_row_of_pixels() -> None:
    image = painted(subject.leaders([(50.0, 60.3, 70.0, 60.3, INK)])[1])
    assert [y for y in range(image.height()) if image.pixel(60, y) == INK.rgb()] == [60]


def test_a_pill_takes_its_text_and_its_hint(text: Text) -> None:
    alone, beside = subject.pill_width(text, None), subject.pill_width(text, text)
    assert alone > text.width
    assert beside > alone + text.width


def test_stamps_are_exact_to_a_quarter_of_a_pixel() -> None:
    assert [subject.rounded(value) for value in (1.1, 1.13, 1.38)] == [1.0, 1.25, 1.5]
