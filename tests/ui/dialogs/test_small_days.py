"""The small days under a threshold: one scale, marks where it would have alerted, words under the pointer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QColor, QHelpEvent, QImage
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from capflow_gui.present.language.catalogues import speak
from capflow_gui.reason import Code, Reason
from capflow_gui.ui.dialogs.small_days import SmallDays
from capflow_gui.ui.theme import Theme, build_theme
from tests.ui.recorded_days import counted_trial, trial
from tests.visual.measured_texts import faults


@pytest.fixture
def days(theme: Theme, qtbot: QtBot) -> SmallDays:
    made = SmallDays(theme)
    qtbot.addWidget(made)
    made.resize(made.sizeHint())
    made.show()
    return made


def place_of(days: SmallDays, place: int, image: QImage) -> QImage:
    return image.copy(days._place(place).toRect())


def holds(image: QImage, color: QColor) -> bool:
    return any(image.pixelColor(x, y) == color for x in range(image.width()) for y in range(image.height()))


def rows_of(image: QImage, color: QColor) -> int:
    return sum(any(image.pixelColor(x, y) == color for x in range(image.width())) for y in range(image.height()))


def test_a_day_on_which_it_would_have_alerted_is_marked(days: SmallDays, theme: Theme) -> None:
    days.show_days(trial(-900e6).days, -900e6)
    bare = days.grab().toImage()
    assert not holds(bare, theme.alert_text)  # the level is far below every figure
    days.show_days(trial(-80e6).days, -80e6)
    marked = days.grab().toImage()
    # The 10th fell to −90M and the 19th to −120M; elsewhere there is the level alone, a line one pixel high.
    assert [place for place in range(10) if rows_of(place_of(days, place, marked), theme.alert_text) > 1] == [3, 9]


@pytest.mark.parametrize("language", ["en", "zh_CN", "zh_HK"])
def test_every_date_is_whole_in_large_text(language: str, qtbot: QtBot) -> None:
    large = build_theme(font_scale=2.0)
    made = SmallDays(large)
    qtbot.addWidget(made)
    made.resize(700, made.sizeHint().height())
    made.show()
    speak(language)
    try:
        made.show_days(trial(-80e6).days, -80e6)
        assert faults(made) == []
    finally:
        speak("en")


def test_while_another_level_is_tried_the_curves_stand_alone(days: SmallDays, theme: Theme) -> None:
    days.show_days(trial(-80e6).days, -80e6)
    days.forget_level()
    image = days.grab().toImage()
    assert not holds(image, theme.alert_text)
    assert holds(image, theme.dim)
    assert days.accessibleDescription() == ""


def test_an_incomplete_day_has_no_colour_and_a_broken_bar(days: SmallDays, theme: Theme) -> None:
    days.show_days(trial(-80e6).days, -80e6)
    image = days.grab().toImage()
    bar = theme.px(57)
    broken = place_of(days, 7, image)
    assert [broken.pixelColor(x, bar) == theme.line2 for x in (1, 12, 22)] == [True, False, True]
    assert all(place_of(days, 8, image).pixelColor(x, bar) == theme.line2 for x in (1, 12, 22))


def test_a_day_that_could_not_be_judged_is_marked(days: SmallDays) -> None:
    found = trial(-900e6).days
    days.show_days(found[:2], -900e6)
    before = days.grab().toImage()
    days.show_days([found[0], replace(found[1], unjudged=[Reason.of(Code.NO_LINES)])], -900e6)
    after = days.grab().toImage()
    assert place_of(days, 0, before) == place_of(days, 0, after)
    assert place_of(days, 1, before) != place_of(days, 1, after)
    assert "not judged" in days.accessibleDescription()


def test_minutes_without_a_figure_are_left_out_of_curve_and_scale(days: SmallDays, theme: Theme) -> None:
    whole, other = trial(-80e6).days[:2]
    partly = whole.values.copy()
    partly[: len(partly) // 2] = np.nan
    days.show_days([replace(whole, values=partly), replace(other, values=np.full_like(other.values, np.nan))], -80e6)
    image = days.grab().toImage()
    assert holds(place_of(days, 0, image), theme.dim)
    assert np.isfinite([days._low, days._high]).all()


def test_of_many_symbols_a_day_has_its_number_of_alerts(days: SmallDays, theme: Theme) -> None:
    days.show_days(counted_trial(0, 14).days, -0.03)
    image = days.grab().toImage()
    assert not holds(place_of(days, 0, image), theme.alert_text)
    assert holds(place_of(days, 1, image), theme.alert_text)
    assert days.accessibleDescription().splitlines()[1] == "Thu 19 Nov 2026 · 14 alerts of 11 symbols"
    days.forget_level()
    assert not holds(days.grab().toImage(), theme.alert_text)


def test_the_words_of_a_day_are_under_the_pointer(days: SmallDays) -> None:
    days.show_days(trial(-80e6).days, -80e6)
    for place, words in ((3, "Tue 10 Nov 2026 · alerted at"), (4, "Wed 11 Nov 2026 · no alert")):
        at = days._place(place).center().toPoint()
        QApplication.sendEvent(days, QHelpEvent(QEvent.Type.ToolTip, at, days.mapToGlobal(at)))
        assert QToolTip.text().startswith(words)
    days.show_days((), -80e6)
    QApplication.sendEvent(days, QHelpEvent(QEvent.Type.ToolTip, QPoint(5, 5), days.mapToGlobal(QPoint(5, 5))))
    assert days.accessibleDescription() == ""
