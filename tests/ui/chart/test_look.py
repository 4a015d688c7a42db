from __future__ import annotations

from PySide6.QtCore import Qt

from capflow_gui.domain.flow import NET
from capflow_gui.ui.chart.look import ALL_COLUMNS, BESIDE, build_look
from capflow_gui.ui.theme import Theme, build_theme


def test_figures_that_are_not_true_now_carry_no_colour(theme: Theme) -> None:
    true, grey = build_look(theme), build_look(theme, true=False)
    assert len({true.curve[column].color().rgb() for column in ALL_COLUMNS}) > 4
    assert len({grey.curve[column].color().rgb() for column in ALL_COLUMNS}) == 2
    assert true.bar_up.color() != true.bar_down.color()
    assert grey.bar_up.color() == grey.bar_down.color()
    assert true.value_color(1.0) != true.value_color(-1.0)
    assert grey.value_color(1.0) == grey.value_color(-1.0)
    assert grey.name_color(NET) == theme.dim
    # Another session is no grey curve among grey curves.
    assert [look.curve[BESIDE].style() for look in (true, grey)] == [Qt.PenStyle.SolidLine, Qt.PenStyle.CustomDashLine]


def test_straight_lines_are_as_wide_as_a_pixel_of_the_screen(theme: Theme) -> None:
    assert build_look(theme, ratio=2.0).separator.widthF() == 2 * build_look(theme).separator.widthF()
    assert all(pen.isCosmetic() for pen in build_look(theme).curve.values())


def test_charts_of_one_theme_and_screen_share_their_look() -> None:
    theme = build_theme("dark")
    assert build_look(theme, ratio=1.5) is build_look(theme, ratio=1.5)
    assert build_look(theme, ratio=1.5) is not build_look(theme, ratio=1.0)
    assert build_look(theme) is not build_look(build_theme("dark"))
