"""The program is known by its entry in the menu. The icon is drawn, whatever its folder is called."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from pytestqt.qtbot import QtBot

from capflow_gui.app import run
from capflow_gui.app.request import Request
from capflow_gui.app.run import icon_of
from capflow_gui.paths import resource


def test_taskbar_and_notifications_know_the_program_by_its_entry_in_the_menu(monkeypatch: pytest.MonkeyPatch) -> None:
    named: list[str] = []
    application = SimpleNamespace(setApplicationName=str, setApplicationDisplayName=str, setApplicationVersion=str)

    def stop(name: str) -> None:
        named.append(name)
        raise LookupError

    application.setDesktopFileName = stop
    monkeypatch.setattr(run, "QApplication", lambda _arguments: application)
    with pytest.raises(LookupError):
        run._run(Request())
    (entry,) = (Path(__file__).parents[3] / "packaging" / "linux").glob("*.desktop")
    assert named == [entry.stem]


@pytest.mark.parametrize("folder", [b"plain", "图标".encode(), b"not-utf8-\xff"])
def test_the_icon_is_drawn_from_any_folder(qtbot: QtBot, tmp_path: Path, folder: bytes) -> None:
    place = tmp_path / os.fsdecode(folder)
    place.mkdir()
    shutil.copy(resource("icons/capflow.svg"), place / "icon.svg")
    picture = icon_of(place / "icon.svg").pixmap(32, 32).toImage()
    colours = {picture.pixel(x, y) for x in range(picture.width()) for y in range(picture.height())}
    assert picture.width() == 32
    assert len(colours) > 2
