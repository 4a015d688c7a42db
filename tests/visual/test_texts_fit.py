"""Every text in its box: at each font size, window size and scale of the screen, none is cut and none overlap."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.ui.theme import Role, Theme, apply_theme, build_theme
from tests.visual.approved import compare, difference
from tests.visual.measured_texts import faults
from tests.visual.window_scenes import DIALOGS, SCENES, Size, places, scene, scenes

ROOT = Path(__file__).parents[2]
FULL_HD, LAPTOP, FOUR_K = (1600, 1000), (900, 470), (3840, 2130)
WINDOWS = tuple(name for name in SCENES if name not in DIALOGS)
STANDING = ("alerts", "cannot judge", "disconnected", "empty")
# The scenes that are measured at a font size and window size. A dialog is as large at any size of the window: at one
# font size it is measured once.
MEASURED: dict[tuple[float, Size], tuple[str, ...]] = {
    (2.0, LAPTOP): SCENES,
    (2.0, FULL_HD): STANDING,
    (1.5, FULL_HD): SCENES,
    (1.5, LAPTOP): STANDING,
    (1.0, LAPTOP): SCENES,
    (1.0, FULL_HD): WINDOWS,
    (1.0, FOUR_K): STANDING,
    (0.9, FULL_HD): STANDING,
    (0.8, FULL_HD): SCENES,
    (0.8, LAPTOP): STANDING,
}
# A picture, its font size and window size.
PICTURES = (
    ("alerts", 1.5, FULL_HD),
    ("alerts", 2.0, FULL_HD),
    ("alerts", 1.0, LAPTOP),
    ("alerts", 1.0, FOUR_K),
    ("grid", 1.0, FULL_HD),
    ("wall", 1.0, FULL_HD),
    ("docked", 1.0, FULL_HD),
    ("own groups", 1.0, FULL_HD),
    ("own groups", 1.5, LAPTOP),
    ("columns", 1.0, FULL_HD),
    ("cannot judge", 1.5, LAPTOP),
    ("disconnected", 1.0, (1280, 690)),
    ("awaited", 1.0, (1280, 690)),
    ("week", 1.5, FULL_HD),
    ("month", 1.0, FULL_HD),
    ("recorded", 1.0, FULL_HD),
    ("recorded", 1.0, LAPTOP),
    ("not recorded", 1.0, (1280, 690)),
    ("ghost", 1.0, (1280, 690)),
    ("compared", 1.5, FULL_HD),
    ("quality", 1.0, FULL_HD),
    ("playback", 1.0, FULL_HD),
    ("recorded days", 1.0, (1280, 690)),
    ("playback", 1.5, (1280, 690)),
    ("first run", 2.0, FULL_HD),
    ("settings", 1.5, FULL_HD),
    ("settings found", 1.0, FULL_HD),
    ("channels", 1.0, FULL_HD),
    ("channel at fault", 1.5, FULL_HD),
    ("threshold", 1.0, FULL_HD),
    ("threshold of all", 1.5, FULL_HD),
    ("rules", 1.0, FULL_HD),
    ("tape", 1.0, FULL_HD),
    ("poll budget", 1.0, FULL_HD),
    ("clocks", 1.0, FULL_HD),
    ("rule", 1.0, FULL_HD),
    ("rule at fault", 1.5, FULL_HD),
    ("keys found", 1.0, FULL_HD),
    ("tour", 1.0, (1280, 690)),
    ("layouts", 1.0, FULL_HD),
)


DIALOGS_AT = sorted(
    {(scale, size) for (scale, size), names in MEASURED.items() if names is SCENES}
    | {(scale, size) for name, scale, size in PICTURES if name in DIALOGS}
)


def use(scale: float, scheme: str = "dark", palette: str = "green_up") -> tuple[QApplication, object]:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme = build_theme(scheme, palette, scale)
    apply_theme(app, theme)
    return app, theme


@pytest.mark.parametrize("name", WINDOWS)
def test_every_text_of_a_window_fits(qtbot: QtBot, name: str, tmp_path: Path) -> None:
    """At every size; and as it is built, it looks as its approved pictures do."""
    app, _ = use(1.0)
    pictured = [(scale, size) for each, scale, size in PICTURES if each == name]
    others = [shape for shape, names in MEASURED.items() if name in names and shape not in pictured]
    walks = [[shape] for shape in pictured] or [[others.pop()]]
    built_at = walks[-1][0][0]
    walks[-1] += sorted(others, key=lambda shape: (shape[0] != built_at, shape))
    said = [
        f"{theme.font_scale} at {size}: {fault}"
        for walk in walks
        for theme, size, shown in places(name, looks(walk), wait(qtbot))
        for fault in (*unlike(name, theme.font_scale, size, shown, tmp_path), *faults(shown))
    ]
    app.setStyleSheet("")
    assert said == []


def looks(walk: list[tuple[float, Size]]) -> list[tuple[Theme, Size]]:
    """A theme, for each font scale one, and a size."""
    themes = {scale: build_theme(font_scale=scale) for scale, _ in walk}
    return [(themes[scale], size) for scale, size in walk]


@pytest.mark.parametrize(("scale", "size"), DIALOGS_AT, ids=str)
def test_every_text_of_a_dialog_fits(qtbot: QtBot, scale: float, size: Size, tmp_path: Path) -> None:
    app, theme = use(scale)
    names = [name for name in DIALOGS if name in MEASURED[scale, size] or (name, scale, size) in PICTURES]
    said = [
        f"{name}: {fault}"
        for name, shown in scenes(names, theme, size, wait(qtbot))
        for fault in (*unlike(name, scale, size, shown, tmp_path), *faults(shown))
    ]
    app.setStyleSheet("")
    assert said == []


def unlike(name: str, scale: float, size: Size, shown: QWidget, tmp_path: Path) -> list[str]:
    """How a scene differs from its approved picture, where it has one."""
    if (name, scale, size) not in PICTURES:
        return []
    image = shown.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    said = difference(image, f"window-{name.replace(' ', '-')}-{scale * 100:.0f}-{size[0]}x{size[1]}", tmp_path)
    return [said] if said else []


def wait(qtbot: QtBot) -> Callable[[Callable[[], bool]], None]:
    return lambda true: qtbot.waitUntil(true, timeout=20_000)


@pytest.mark.parametrize("factor", ["1.5", "2"])
def test_every_text_fits_on_a_screen_of_another_scale(factor: str, tmp_path: Path) -> None:
    names = ("alerts", "disconnected", "first run", *DIALOGS)
    picture = str(tmp_path / "alerts.png")
    done = run(factor, "tests.visual.measured_texts", picture, "1.0", *map(str, LAPTOP), *names)
    assert (done.stdout, done.returncode) == ("", 0)
    image = QImage(picture).convertToFormat(QImage.Format.Format_RGB32)
    assert image.width() == round(LAPTOP[0] * float(factor))
    compare(image, f"window-alerts-scale-factor-{factor}", tmp_path)


def run(factor: str, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "QT_SCALE_FACTOR": factor, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize(
    ("name", "palette"), [("alerts", "green_up"), ("columns", "red_up"), ("disconnected", "colour_blind")]
)
def test_picture_in_light(qtbot: QtBot, name: str, palette: str, tmp_path: Path) -> None:
    app, theme = use(1.0, "light", palette)
    with scene(name, theme, (1280, 690), wait(qtbot)) as shown:
        image = shown.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    app.setStyleSheet("")
    compare(image, f"light-{name}-{palette.replace('_', '-')}", tmp_path)


class _Cramped(QWidget):
    """Paints a text that is too wide for its box, one over another, and one without its end."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(0, 0, 20, 30), middle, "much too wide")
        painter.drawText(QRectF(0, 60, 90, 30), middle, "below")
        painter.drawText(QRectF(4, 64, 90, 30), middle, "above")
        painter.drawText(QRectF(0, 100, 90, 30), middle, "elid…")
        painter.drawText(QRectF(0, 140, 90, 6), middle, "high")
        painter.drawText(QRectF(80, 170, 90, 30), middle, "outside")


def test_what_does_not_fit_is_found(qtbot: QtBot) -> None:
    app, theme = use(1.0)
    cramped = _Cramped()
    qtbot.addWidget(cramped)
    cramped.setFont(theme.font(Role.CELL))
    label, button = QLabel("A label that is longer than its place", cramped), QPushButton("Acknowledge", cramped)
    label.setGeometry(0, 210, 60, 20)
    button.setGeometry(60, 210, 60, 20)
    cramped.resize(100, 240)
    with qtbot.waitExposed(cramped):
        cramped.show()
    said = " ".join(faults(cramped))
    app.setStyleSheet("")
    for words in (
        "'much too wide' needs",
        "'below' and 'above' overlap",
        "'elid…' is elided without a tooltip",
        "'high' needs",
        "'outside' reaches out",
        "QLabel 'A label that is longer than its place' is cut",
        "QPushButton 'Acknowledge' is cut",
        "QPushButton 'Acknowledge' reaches out",
    ):
        assert words in said
