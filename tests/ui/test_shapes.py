"""Small marks, looked at pixel by pixel: where their colour lands, and how wide a pill is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from capflow_gui.ui import shapes
from capflow_gui.ui.theme import Theme

SIZE = 41
MIDDLE = QPointF(20.5, 20.5)
INK = QColor("#d03020")


def drawn(draw: Callable[[QPainter], None], width: int = SIZE, height: int = SIZE) -> QImage:
    """Drawn on white, without antialiasing."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    draw(painter)
    painter.end()
    return image


def inked(image: QImage, color: QColor = INK) -> list[tuple[int, int]]:
    """Every pixel of a colour, as (x, y)."""
    places = ((x, y) for y in range(image.height()) for x in range(image.width()))
    return [place for place in places if image.pixel(*place) == color.rgb()]


def test_a_diamond_is_as_wide_as_high_and_empty_at_its_corners() -> None:
    pixels = inked(drawn(lambda painter: shapes.draw_diamond(painter, MIDDLE, 10.0, INK)))
    assert (20, 20) in pixels
    assert (12, 12) not in pixels
    across, down = ({pixel[axis] for pixel in pixels} for axis in (0, 1))
    assert abs(len(across) - len(down)) <= 1
    assert 19 <= len(across) <= 21


@pytest.mark.parametrize(("value", "wide_end"), [(3.0, "bottom"), (-3.0, "top")])
def test_an_arrow_points_where_the_value_went(value: float, wide_end: str) -> None:
    pixels = inked(drawn(lambda painter: shapes.draw_arrow(painter, MIDDLE, value, INK, 8.0)))
    rows = sorted({y for _, y in pixels})
    wide = max(rows, key=lambda row: sum(y == row for _, y in pixels))
    assert abs(wide - (rows[-1] if wide_end == "bottom" else rows[0])) <= 1


def test_no_arrow_for_no_change() -> None:
    assert inked(drawn(lambda painter: shapes.draw_arrow(painter, MIDDLE, 0.0, INK))) == []


@pytest.mark.parametrize("hollow", [False, True])
def test_a_dot_is_a_ring_when_not_all_is_well(theme: Theme, hollow: bool) -> None:
    pixels = inked(drawn(lambda painter: shapes.draw_dot(painter, MIDDLE, INK, theme, hollow=hollow)))
    assert pixels
    assert ((20, 20) in pixels) is not hollow


@pytest.mark.parametrize("diamond", [False, True])
def test_a_pill_is_as_wide_as_its_text_and_its_diamond(theme: Theme, diamond: bool) -> None:
    wide, high = shapes.pill_size("ALERT", theme, diamond=diamond)
    wider, same = shapes.pill_size("ALERT ALERT", theme, diamond=diamond)
    assert wider > wide
    assert same == high
    assert (shapes.pill_size("ALERT", theme, diamond=True)[0] > wide) is not diamond


@pytest.mark.parametrize("diamond", [False, True])
def test_a_pill_says_what_it_has_room_for_and_no_half_of_it(theme: Theme, diamond: bool) -> None:
    texts = ("cannot judge", "unjudged")
    whole, short = (shapes.pill_size(text, theme, diamond=diamond)[0] for text in texts)
    assert shapes.fitted_pill(texts, theme, whole, diamond=diamond) == ("cannot judge", whole)
    assert shapes.fitted_pill(texts, theme, whole - 1, diamond=diamond) == ("unjudged", short)
    text, width = shapes.fitted_pill(texts, theme, short - 1, diamond=diamond)
    assert (text, width < short) == ("", True)
    rect = QRectF(2, 2, width, 24)
    image = drawn(lambda painter: shapes.draw_pill(painter, rect, text, theme, filled=diamond), round(width) + 4, 28)
    ink = theme.alert_ink if diamond else theme.alert_text
    assert image.pixelColor(2 + round(width / 2), 14).name() == ink.name(), "a diamond in the middle"


@pytest.mark.parametrize("filled", [False, True])
def test_a_pill_nobody_acknowledged_is_filled(theme: Theme, filled: bool) -> None:
    rect = QRectF(2, 2, 90, 24)
    image = drawn(lambda painter: shapes.draw_pill(painter, rect, "ALERT", theme, filled=filled), 94, 28)
    assert (len(inked(image, theme.alert)) > 500) is filled


def test_the_pill_of_a_snoozed_alert_has_no_amber(theme: Theme) -> None:
    rect = QRectF(2, 2, 90, 24)
    image = drawn(lambda painter: shapes.draw_pill(painter, rect, "z", theme, filled=False, quiet=True), 94, 28)
    assert not inked(image, theme.alert_text)
    assert inked(image, theme.faint)


def test_a_key_stands_at_the_right_in_a_box_of_its_width(theme: Theme) -> None:
    image = drawn(lambda painter: shapes.draw_key(painter, 80.0, 30.0, "Ctrl+K", theme), 90, 30)
    box = inked(image, theme.line2)
    right, left = max(x for x, _ in box), min(x for x, _ in box)
    assert right in (78, 79)
    assert right - left + 1 == pytest.approx(shapes.key_width("Ctrl+K", theme), abs=2)
    assert shapes.key_width("K", theme) < shapes.key_width("Ctrl+K", theme)


def test_a_focus_ring_goes_around_and_leaves_the_inside_free() -> None:
    image = drawn(lambda painter: shapes.draw_focus_ring(painter, QRectF(0, 0, SIZE, SIZE), INK))
    pixels = inked(image)
    assert {(1, 20), (39, 20), (20, 1), (20, 39)} <= set(pixels)
    assert (20, 20) not in pixels
