"""The top-level window: on screen first, then holding the rest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QRect
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.settings import Appearance, Settings
from capflow_gui.ui.fitting import fit, within
from capflow_gui.ui.theme import Theme, apply_theme, build_theme
from capflow_gui.ui.window.frame import Frame, Notice
from tests.ui.boards import HandBoard, row_of
from tests.ui.window_fixture import TENCENT, open_window, shut


def test_it_is_painted_before_it_holds_anything(theme: Theme, qtbot: QtBot) -> None:
    frame = Frame("", theme, simulated=True)
    with qtbot.waitSignal(frame.painted):
        frame.show()
    image = frame.grab().toImage()
    assert image.pixelColor(20, 20) == theme.bg
    assert image.pixelColor(20, 300) == theme.panel
    assert frame.windowTitle() == "SIMULATED – Capflow"
    with qtbot.waitSignal(frame.closing):
        frame.close()
    assert frame.isVisible()
    frame.may_close()
    frame.close()
    frame.deleteLater()


class _Laid(QWidget):
    """Writes down when it is laid out and painted; asked to lay out, it asks what it holds, as layouts do."""

    def __init__(self, name: str, seen: list[str], parent: QWidget) -> None:
        super().__init__(parent)
        self._name, self._seen = name, seen
        self.inner: _Laid | None = None

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.LayoutRequest:
            self._seen.append(f"{self._name} laid out")
            if self.inner is not None:
                QCoreApplication.postEvent(self.inner, QEvent(QEvent.Type.LayoutRequest))
            else:
                self.resize(self.width() + 1, self.height())
        elif event.type() is QEvent.Type.Paint:
            self._seen.append(f"{self._name} painted")
        return super().event(event)


def test_it_is_laid_out_to_the_innermost_part_before_it_is_painted(theme: Theme, qtbot: QtBot) -> None:
    frame, seen = Frame("", theme, simulated=True), list[str]()
    outer = _Laid("outer", seen, frame)
    outer.inner = _Laid("middle", seen, outer)
    outer.inner.inner = _Laid("inner", seen, outer.inner)
    with qtbot.waitSignal(frame.painted):
        frame.show()
    QApplication.processEvents()
    seen.clear()
    outer.update()
    QCoreApplication.postEvent(outer, QEvent(QEvent.Type.LayoutRequest))
    QApplication.processEvents()
    laid_out, painted = (
        [f"{part} {done}" for part in ("outer", "middle", "inner")] for done in ("laid out", "painted")
    )
    assert seen == [*laid_out, *painted]
    seen.clear()
    QCoreApplication.postEvent(outer, QEvent(QEvent.Type.LayoutRequest))
    frame.resize(frame.width() + 10, frame.height())
    assert seen == laid_out, "the window system may have it painted next"
    frame.may_close()
    frame.close()
    frame.deleteLater()


def test_what_it_holds_is_given_its_style_sheet_once_it_is_built(theme: Theme, qtbot: QtBot) -> None:
    frame = Frame("", theme, simulated=False)
    window = open_window(HandBoard(), show=False)
    app = QApplication.instance()
    sheet = app.styleSheet()
    apply_theme(app, theme, sheet=False)
    assert (app.styleSheet(), bool(sheet)) == ("", True)
    frame.hold(window, app)
    assert app.styleSheet() == sheet
    shut(window)
    frame.may_close()
    frame.close()
    frame.deleteLater()


def test_it_is_called_as_what_it_holds_was_called_before(theme: Theme, qtbot: QtBot) -> None:
    frame = Frame("", theme, simulated=True)
    window = open_window(HandBoard(), show=False)
    window.setWindowTitle("模擬數據 – Capflow")
    frame.hold(window, QApplication.instance())
    assert frame.windowTitle() == "模擬數據 – Capflow"
    shut(window)
    frame.may_close()
    frame.close()
    frame.deleteLater()


def test_what_it_holds_follows_it(theme: Theme, qtbot: QtBot) -> None:
    frame = Frame("", theme, simulated=False)
    window = open_window(HandBoard.of(row_of("700.HK", "Tencent Holdings", -263.2e6, 7056e6)), show=False)
    frame.show()
    frame.hold(window, QApplication.instance())
    QApplication.processEvents()
    assert window.bridge.running
    assert window.window() is frame
    frame.showMinimized()
    QApplication.processEvents()
    assert not window.bridge.running
    frame.showNormal()
    QApplication.processEvents()
    assert window.bridge.running
    with qtbot.waitSignal(window.closing):
        frame.close()
    shut(window)
    frame.may_close()
    frame.close()
    frame.deleteLater()


@pytest.mark.parametrize("size", [(1600, 1000), (1280, 720), (3840, 2160)])
def test_all_of_a_window_and_its_frame_is_on_the_screen(theme: Theme, qtbot: QtBot, size: tuple[int, int]) -> None:
    frame = Frame("", theme, simulated=False)
    frame.resize(*size)
    fit(frame, frame.screen().availableGeometry().center())
    frame.show()
    QApplication.processEvents()
    fit(frame)
    assert frame.screen().availableGeometry().contains(frame.frameGeometry())
    frame.may_close()
    frame.close()
    frame.deleteLater()


@given(*(st.tuples(*[st.integers(-3000, 3000)] * 2, *[st.integers(100, 4000)] * 2) for _ in range(2)))
def test_what_is_fitted_is_within_and_no_larger(wanted: tuple[int, ...], available: tuple[int, ...]) -> None:
    screen = QRect(*available)
    found = within(QRect(*wanted), screen)
    assert screen.contains(found)
    assert found.size() == QRect(*wanted).size().boundedTo(screen.size())
    if screen.contains(QRect(*wanted)):
        assert found == QRect(*wanted)


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
def test_a_window_of_nine_hundred_by_five_hundred_reaches_everything(theme: Theme, qtbot: QtBot, scale: float) -> None:
    settings = Settings(appearance=Appearance("dark", "green_up", scale))
    window = open_window(HandBoard.of(row_of("700.HK", "Tencent", -263.2e6, 7056e6)), settings, size=(896, 466))
    assert (window.width(), window.height()) == (896, 466)
    assert window.rect().contains(QRect(window.status.mapTo(window, QPoint()), window.status.size()))
    central = window.views.central.outer
    area = next(each for each in window.findChildren(QScrollArea) if each.widget() is central.parentWidget())
    assert central.width() <= area.viewport().width() + area.horizontalScrollBar().maximum()
    assert central.height() <= area.viewport().height() + area.verticalScrollBar().maximum()
    assert area.horizontalScrollBar().maximum() == 0
    stand_below = window.views.place.mapTo(window, QPoint()).y() > window.watchlist.mapTo(window, QPoint()).y()
    assert stand_below == (scale > 1.0)
    area.verticalScrollBar().setValue(0)
    window.views.activate(TENCENT)
    QApplication.processEvents()
    chart = QRect(window.chart.mapTo(area, QPoint()), window.chart.size())
    assert chart.intersected(area.rect()).height() >= min(chart.height(), area.height()) - 1
    shut(window)


def test_another_theme_is_put_on_in_turns_and_nothing_is_painted_in_between(theme: Theme, qtbot: QtBot) -> None:
    frame = Frame("", theme, simulated=False)
    window = open_window(HandBoard(), show=False)
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    frame.show()
    frame.hold(window, app)
    given: list[Theme] = []

    class Tray:
        def set_theme(self, theme: Theme) -> None:
            given.append(theme)

    frame.dress(app, build_theme("dark"), lambda: (window, Tray()))
    assert not frame.dressing  # it is worn
    window.panels.clocks().open()
    window.panels.clocks().close()
    beside = window.panels.figures()
    beside.open()
    light = build_theme("light")
    frame.dress(app, light, lambda: (window, Tray()))
    painted = []
    while frame.dressing:
        QApplication.processEvents()
        painted.append((frame.updatesEnabled(), beside.updatesEnabled()))
    assert painted.count((False, False)) > 3
    assert [*dict.fromkeys(painted)] == [(False, False), (True, False), (True, True)], "one window in a turn"
    assert window.panels.clocks.made is None, "what is closed is not styled"
    assert (window.theme, given, light.bg.name() in app.styleSheet()) == (light, [light], True)
    frame.dress(app, build_theme("dark"), lambda: (window, Tray()))
    for wanted in (build_theme("light", font_scale=1.1), build_theme("light", font_scale=1.2)):
        QApplication.processEvents()
        frame.dress(app, wanted, lambda: (window, Tray()))
        assert (frame.updatesEnabled(), beside.updatesEnabled()) == (False, False), "the next one goes on unpainted"
    painted = []
    while frame.dressing:
        QApplication.processEvents()
        painted.append((frame.updatesEnabled(), beside.updatesEnabled()))
    assert [*dict.fromkeys(painted)] == [(False, False), (True, False), (True, True)]
    assert window.theme == wanted
    frame.dress(app, theme, lambda: (window, Tray()))
    QApplication.processEvents()
    shut(window)
    frame.may_close()
    assert (frame.dressing, frame.updatesEnabled()) == (False, True)
    frame.close()
    frame.deleteLater()


def test_a_picture_that_follows_nothing_says_so(theme: Theme, qtbot: QtBot) -> None:
    frame = Frame("", theme, simulated=False)
    qtbot.addWidget(frame)
    frame.resize(800, 600)
    with qtbot.waitSignal(frame.painted):
        frame.show()
    clear = frame.grab().toImage()
    with frame.unchanged(QApplication.instance()):
        notice = frame.findChild(Notice)
        assert notice is not None
        assert notice.isVisible()
        assert frame.rect().contains(notice.geometry())
        assert notice.accessibleName() == "One moment: the window is made anew."
        assert notice.grab().toImage().pixelColor(5, 5) == theme.raised
        assert not frame.updatesEnabled()
    assert not notice.isVisible()
    assert frame.grab().toImage() == clear
    frame.may_close()


def test_the_notice_is_painted_without_what_else_is_to_be(theme: Theme, qtbot: QtBot) -> None:
    frame = Frame("", theme, simulated=False)
    window = open_window(HandBoard(), show=False)
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    frame.show()
    frame.hold(window, app)
    QApplication.processEvents()
    painted: list[QEvent] = []

    class Watch(QObject):
        def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
            painted.extend([event] if event.type() is QEvent.Type.Paint else [])
            return False

    watch = Watch()
    window.status.installEventFilter(watch)
    window.status.update()
    with frame.unchanged(app):
        QApplication.processEvents()
        assert not painted
    qtbot.waitUntil(lambda: bool(painted))
    assert window.updatesEnabled()
    shut(window)
    frame.may_close()
    frame.close()
    frame.deleteLater()
