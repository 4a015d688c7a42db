"""Where motion is reduced nothing moves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QAbstractAnimation, Qt, QTimeLine
from PySide6.QtWidgets import QApplication

import capflow_gui.ui
from capflow_gui.ui.access.motion import Choice, is_reduced, tell_system, use_motion
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard, alert_of
from tests.ui.window_fixture import TENCENT

MOVING = ("QPropertyAnimation", "QVariantAnimation", "QSequentialAnimationGroup", "QTimeLine", "QScroller", "QMovie")


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    tell_system(reduced=False)
    use_motion("system")


def moving() -> list[str]:
    """The animations that run now."""
    found = [each for widget in QApplication.allWidgets() for each in widget.findChildren(QAbstractAnimation)]
    lines = [each for widget in QApplication.allWidgets() for each in widget.findChildren(QTimeLine)]
    running = [each for each in found if each.state() is QAbstractAnimation.State.Running]
    return [repr(each) for each in (*running, *(line for line in lines if line.state() is QTimeLine.State.Running))]


@pytest.mark.parametrize(
    ("choice", "system", "still"),
    [("on", False, True), ("off", True, False), ("system", True, True), ("system", False, False)],
)
def test_an_alert_moves_nothing_where_motion_is_reduced(
    window: MainWindow, board: HandBoard, choice: Choice, system: bool, still: bool
) -> None:
    tell_system(reduced=system)
    look = msgspec.structs.replace(window.settings.appearance, reduce_motion=choice)
    window.settings = msgspec.structs.replace(window.settings, appearance=look)
    assert is_reduced() is still
    window.announce(alert_of(board.rows[TENCENT]))
    assert (moving() == []) is still
    assert (QApplication.styleHints().cursorFlashTime() == 0) is still
    if still:
        assert not any(map(QApplication.isEffectEnabled, (Qt.UIEffect.UI_AnimateCombo, Qt.UIEffect.UI_FadeMenu)))
    window.watchlist.table.rest()


def test_whoever_moves_something_asks_first() -> None:
    """A module that names a class of motion asks whether motion is reduced; no window slides its docks unasked."""
    for path in Path(capflow_gui.ui.__file__).parent.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if any(name in text for name in MOVING):
            assert "is_reduced()" in text, path
        if "(QDockWidget" in text:
            beside = "".join(each.read_text(encoding="utf-8") for each in path.parent.glob("*.py"))
            assert "setDockOptions(" in beside, path
            assert "AnimatedDocks" not in beside, path
