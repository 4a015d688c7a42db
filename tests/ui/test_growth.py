"""What is opened and closed, shown and left, or made anew leaves no object of Qt behind, dead or alive."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from capflow_gui.settings import Settings
from capflow_gui.ui.actions.views import ONE, WALL
from capflow_gui.ui.theme import Theme, build_theme
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard
from tests.ui.recorded_days import TENCENT, HandDays, minute_by_minute, recorded
from tests.ui.window_fixture import Answers, HeldLayouts, arranged, open_window, shut

DAY = date(2026, 11, 19)
KINDS = ("chart", "tape", "grid", "wall")


class Desk:
    """One window, and what can be done with it; each method leaves it as it was."""

    def __init__(self, board: HandBoard) -> None:
        days = HandDays.of([minute_by_minute(recorded(TENCENT, DAY, -120e6))])
        self.board, self.answers = board, Answers(recorded=days, layouts=HeldLayouts())
        self.window = self.open(Settings())
        self.lingers = False  # a second passes while something is open

    def open(self, settings: Settings) -> MainWindow:
        window = open_window(self.board, settings, self.answers, size=(900, 700))
        window.playback.slice_s = float("inf")
        window.layouts.begin()
        window.go_to(TENCENT)
        return window

    def _wait(self) -> None:
        if self.lingers:
            self.window.bridge.ticked.emit()

    def anew(self) -> None:
        """As another language does it."""
        for kind in ("chart", "grid"):
            self.window.views.torn.open({"kind": kind})
        self.window.views.docks.open({"kind": "tape"})
        self.window.panels.open_budget()
        QApplication.processEvents()
        kept = self.window.kept_state()
        shut(self.window)
        self.window = self.open(Settings(window=kept))
        self.window.places.restore_beside(kept)
        arranged(self.window)
        self._wait()
        self.window.views.torn.close()
        self.window.views.docks.close()
        self.window.panels.budget().close()

    def theme(self) -> None:
        for scheme in ("light", "dark"):
            self.window.set_theme(build_theme(scheme))

    def layouts(self) -> None:
        for name in ("Chart wall", "List only", "Standard"):
            self.window.layouts.use(name)
            arranged(self.window)

    def torn(self) -> None:
        for kind in KINDS:
            window = self.window.views.torn.open({"kind": kind})
            assert window is not None
            QApplication.processEvents()
            self._wait()
            window.close()

    def docks(self) -> None:
        for kind in ("chart", "alerts", "grid", "log"):
            self.window.views.docks.open({"kind": kind})
        QApplication.processEvents()
        self._wait()
        self.window.views.docks.close()

    def sizes(self) -> None:
        for view in (4, 9, WALL, ONE):
            self.window.views.show(view)
            for _turn in range(4):
                QApplication.processEvents()

    def playback(self) -> None:
        self.window.chart.show_date(DAY)
        self.window.chart.play_or_pause()
        self.window.playback.seek(self.window.playback.span[0] + 600)
        QApplication.processEvents()
        self.window.chart.show_date(None)

    def dialogs(self) -> None:
        dialogs = self.window.dialogs
        for show in (
            dialogs.open_settings,
            dialogs.open_keys,
            dialogs.open_connection,
            self.window.layouts.open_dialog,
            lambda: dialogs.exchange().export(),
        ):
            show()
            while dialogs.making:
                QApplication.processEvents()
            assert dialogs.current is not None
            dialogs.current.close()

    def menu(self) -> None:
        self.window.open_menu()
        menu = QApplication.activePopupWidget()
        assert menu is not None
        menu.close()


def alive() -> Counter[str]:
    """How many objects of Qt's kinds Python knows, and how many widgets there are."""
    for _turn in range(2):
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QApplication.processEvents()
        gc.collect()
    kinds = Counter(type(each).__qualname__ for each in gc.get_objects() if isinstance(each, QObject))
    for of_application in ("QScreen", "QCommonStyle"):
        del kinds[of_application]
    return kinds + Counter({"widgets": len(QApplication.allWidgets())})


def grown(first: Counter[str], second: Counter[str]) -> dict[str, tuple[int, int]]:
    """The kinds of which there were more the second time."""
    return {kind: (first[kind], count) for kind, count in second.items() if count > first[kind]}


@pytest.fixture
def desk(board: HandBoard, theme: Theme, qtbot: QtBot) -> Iterator[Desk]:
    del theme, qtbot
    desk = Desk(board)
    yield desk
    shut(desk.window)


IN_ONE_WINDOW: tuple[Callable[[Desk], None], ...] = (
    Desk.theme, Desk.layouts, Desk.torn, Desk.docks, Desk.sizes, Desk.playback, Desk.dialogs, Desk.menu,
)  # fmt: skip
USES = (*IN_ONE_WINDOW, Desk.anew)


def test_nothing_grows_after_the_first_time(desk: Desk) -> None:
    seen = []
    for desk.lingers in (False, True):  # what looks once a second keeps nothing of what it saw
        for use in USES:  # the last one leaves a window in which nothing was opened yet
            use(desk)
        seen.append(alive())
    assert grown(*seen) == {}


def test_nothing_grows_in_a_window_in_which_all_was_opened_once(desk: Desk) -> None:
    seen = []
    for _time in range(2):
        for use in IN_ONE_WINDOW:
            use(desk)
        seen.append(alive())
    assert grown(*seen) == {}
