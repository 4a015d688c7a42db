"""The small picture of screens and windows."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

from PySide6.QtGui import QImage

from capflow_gui.domain.arrangement.layouts import BUILT_IN, Arrangement
from capflow_gui.domain.arrangement.screens import Rect, Screen
from capflow_gui.ui.arrangement.drawing import SIZE, built_in_icon, screens_icon
from capflow_gui.ui.theme import Theme

LEFT, RIGHT = Rect(-1000, 0, 1000, 1000), Rect(0, 0, 1000, 1000)


def picture(desk: dict[str, object], theme: Theme) -> QImage:
    made = Arrangement((Screen("A", RIGHT, RIGHT), Screen("B", LEFT, LEFT)), datetime(2026, 11, 30, tzinfo=UTC), desk)
    return screens_icon(made, theme, 2.0).pixmap(SIZE, 2.0).toImage()


def test_each_window_is_drawn_on_its_screen_and_one_that_fills_it_wholly(theme: Theme) -> None:
    bare = picture({}, theme)
    left, right = bare.width() // 3, bare.width() * 2 // 3
    middle = bare.height() // 2
    assert bare.pixelColor(left, middle) == bare.pixelColor(right, middle) == theme.bg
    there = picture({"geometry": "300 300 400 400 normal A"}, theme)
    assert there.pixelColor(right, middle) == theme.raised
    assert there.pixelColor(left, middle) == theme.bg
    filled = picture({"torn": [{"geometry": "-900 100 10 10 maximized B"}]}, theme)
    assert filled.pixelColor(left, middle) == theme.raised


def test_each_built_in_layout_has_a_picture_of_its_own_parts(theme: Theme) -> None:
    drawn = [built_in_icon(name, theme, 1.0).pixmap(SIZE, 1.0).toImage() for name in BUILT_IN]
    colors = [{image.pixelColor(x, SIZE.height() // 2).name() for x in range(SIZE.width())} for image in drawn]
    assert all(theme.raised.name() in seen for seen in colors), "no empty box"
    assert all(one != other for one, other in itertools.combinations(drawn, 2))
