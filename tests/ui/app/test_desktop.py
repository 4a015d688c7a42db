"""The desktop program around its session; processes of the whole of it run in tests/ui/test_app_*.py."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.app.desktop import Desktop, show_refusal
from capflow_gui.app.request import Reopen, Request
from capflow_gui.errors import CapflowError, InvalidInput, PolicyError
from capflow_gui.reason import Code
from tests.reasons import said

Make = Callable[..., Desktop]


@pytest.fixture
def desktop(qapp: QApplication, tmp_path: Path) -> Make:
    def make(**request: object) -> Desktop:
        return Desktop(qapp, Request(folders=(tmp_path / "config", tmp_path / "data"), **request))

    return make


class Knot:
    """Garbage that only a collection frees."""

    def __init__(self) -> None:
        self.itself = self


def left_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_a_demo_that_is_switched_off_starts_nothing(desktop: Make, tmp_path: Path) -> None:
    (tmp_path / "config" / "demo").mkdir(parents=True)
    (tmp_path / "config" / "demo" / "settings.toml").write_text("allow_demo = false\n", encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        await desktop(demo=True).run()
    assert caught.value.reason.code is Code.DEMO_OFF


async def test_who_has_ended_it_already_sees_no_profile(desktop: Make, tmp_path: Path) -> None:
    ended = desktop()
    ended.stop()
    assert await ended.run() == 0
    assert left_in(tmp_path) == []


@pytest.mark.usefixtures("left_out_again")
async def test_what_stays_of_a_session_is_looked_through_once(desktop: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    left_out: list[bool] = []
    ended: list[weakref.ref[Knot]] = []

    async def profile(_self: Desktop, _wanted: Reopen) -> tuple[int, Reopen | None]:
        left_out.append(all(found is not first for found in gc.get_objects()))
        knot = Knot()
        ended.append(weakref.ref(knot))
        return 0, Reopen(demo=True) if len(ended) == 1 else None

    first: list[object] = [[]]
    monkeypatch.setattr(Desktop, "_profile", profile)
    assert await desktop(demo=True).run() == 0
    assert left_out == [False, True]
    assert ended[0]() is None


class Opened:
    """A session with a window."""

    reopen = None
    kept: object = None
    left_out: object = None

    def __init__(self, window: object) -> None:
        self.windows = [window]
        self.first = weakref.ref(window)

    def apply_theme(self) -> None:
        """The scheme of the system changed."""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[object]:
        yield self.windows.pop()

    async def until_stopped(self) -> None:
        self.kept = self.first()
        self.left_out = gc.get_freeze_count() > 0


@pytest.mark.usefixtures("left_out_again")
async def test_the_first_window_is_kept_by_nobody_once_there_is_another(desktop: Make) -> None:
    session: Any = Opened(QObject())
    assert await desktop()._run_session(session) == (0, None)
    assert session.kept is None


@pytest.mark.usefixtures("left_out_again")
async def test_what_there_is_when_a_window_opens_is_left_out_until_its_session_ends(desktop: Make) -> None:
    gc.unfreeze()
    session: Any = Opened(QObject())
    assert await desktop()._run_session(session) == (0, None)
    assert session.left_out
    assert gc.get_freeze_count() == 0


async def test_a_picture_is_saved_or_the_file_is_named_that_cannot_be(
    desktop: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    label = QLabel("figures")
    qtbot.addWidget(label)
    desktop(screenshot=tmp_path / "a.png")._save(label)
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    desktop()._save(label)
    with pytest.raises(CapflowError, match=r"the picture cannot be written to .*missing"):
        desktop(screenshot=tmp_path / "missing" / "a.png")._save(label)


async def test_a_second_start_raises_the_window_that_is_there(desktop: Make, qtbot: QtBot) -> None:
    window, hidden = QWidget(), QWidget()
    for each in (window, hidden):
        qtbot.addWidget(each)
    window.showMinimized()
    desktop()._raise("")
    assert (window.isMinimized(), window.isVisible(), hidden.isVisible()) == (False, True, False)


@pytest.mark.parametrize("by_user", [True, False])
async def test_the_reason_is_shown_until_it_is_read_or_the_program_is_ended(
    qapp: QApplication, *, by_user: bool
) -> None:
    stop = asyncio.Event()
    error = PolicyError(Path("/etc/capflow/policy.toml"), 7, "locked.opend.prot", said("this setting is not known"))
    shown = asyncio.create_task(show_refusal(error, stop))
    await asyncio.sleep(0)
    (box,) = [widget for widget in qapp.topLevelWidgets() if isinstance(widget, QMessageBox)]
    assert box.isVisible()
    assert "line 7, locked.opend.prot" in box.informativeText()
    if by_user:
        box.accept()
    else:
        stop.set()
    await shown
    assert not box.isVisible()
