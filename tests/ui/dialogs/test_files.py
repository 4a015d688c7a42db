"""What asks for a file: it offers a name, and says all in the language."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QFileDialog,
    QFileSystemModel,
    QLabel,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from capflow_gui.app.language.using import use_language
from capflow_gui.settings import Appearance
from capflow_gui.ui.dialogs.files import ask_for_file, ask_for_place, file_to_open, place_to_save
from tests.ui.asked_files import asked_file


@pytest.fixture
def _english_again(qapp: QApplication) -> Iterator[None]:
    yield
    use_language(qapp, Appearance(language="en"))


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


def test_a_place_is_offered_with_a_name_and_its_ending(parent: QWidget) -> None:
    dialog = place_to_save(parent, "Save the chart", "PNG picture (*.png)", "chart.png")
    assert [path.rpartition("/")[2] for path in dialog.selectedFiles()] == ["chart.png"]
    assert (dialog.acceptMode(), dialog.defaultSuffix()) == (QFileDialog.AcceptMode.AcceptSave, "png")
    assert dialog.nameFilters() == ["PNG picture (*.png)"]


def test_a_file_to_open_has_to_be_there(parent: QWidget) -> None:
    dialog = file_to_open(parent, "The private key")
    assert dialog.fileMode() is QFileDialog.FileMode.ExistingFile
    assert dialog.acceptMode() is QFileDialog.AcceptMode.AcceptOpen


def _ask_for_file(parent: QWidget, then: Callable[[str], object]) -> None:
    ask_for_file(parent, "Import", then, "Rules (*.toml)")


def _ask_for_place(parent: QWidget, then: Callable[[str], object]) -> None:
    ask_for_place(parent, "Export", "Rules (*.toml)", "rules.toml", then)


@pytest.mark.parametrize("ask", [_ask_for_file, _ask_for_place])
def test_a_question_for_a_file_has_a_turn_of_its_own_and_is_asked_once(
    parent: QWidget, qtbot: QtBot, ask: Callable[[QWidget, Callable[[str], object]], None]
) -> None:
    with qtbot.waitExposed(parent):
        parent.show()
    taken: list[str] = []
    ask(parent, taken.append)
    ask(parent, taken.append)
    assert parent.findChildren(QFileDialog) == [], "what is to be saved was made in this turn"
    dialog = asked_file(parent)
    dialog.fileSelected.emit("/place/a.toml")
    assert taken == ["/place/a.toml"]
    dialog.close()
    ask(parent, taken.append)
    asked_file(parent).close()


@pytest.mark.parametrize("saving", [False, True])
def test_nothing_is_deleted_renamed_or_moved_in_it(parent: QWidget, tmp_path: Path, qtbot: QtBot, saving: bool) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "kept.txt").write_text("kept", encoding="utf-8")
    dialog = place_to_save(parent, "…", "(*)", "a.txt") if saving else file_to_open(parent, "…")
    dialog.setDirectory(str(tmp_path))
    dialog.open()
    view = dialog.findChild(QAbstractItemView, "treeView")
    assert view is not None
    qtbot.waitUntil(lambda: view.model().rowCount(view.rootIndex()) == 1)
    view.setCurrentIndex(view.model().index(0, 0, view.rootIndex()))
    (model,) = dialog.findChildren(QFileSystemModel)
    assert model.isReadOnly()
    deleting = dialog.findChild(QAction, "qt_delete_action")
    assert deleting is not None
    deleting.trigger()  # what the Delete key does; it would ask first
    assert not model.flags(view.currentIndex()) & Qt.ItemFlag.ItemIsDropEnabled, "nothing is moved into it"
    assert (tmp_path / "folder" / "kept.txt").exists()
    dialog.close()


@pytest.mark.usefixtures("_english_again")
@pytest.mark.parametrize("spoken", ["zh_CN", "zh_HK"])
def test_what_a_dialog_for_files_says_is_all_in_the_language(qapp: QApplication, parent: QWidget, spoken: str) -> None:
    use_language(qapp, Appearance(language=spoken))  # type: ignore[arg-type]
    for dialog in (file_to_open(parent, "…"), place_to_save(parent, "…", "(*.png)", "chart.png")):
        words = [each.text() for each in dialog.findChildren(QLabel)]
        words += [each.text() for each in dialog.findChildren(QPushButton)]
        assert len([word for word in words if word]) >= 5
        assert [word for word in words if re.search("[a-z]", word.lower().replace("&", "").partition("(")[0])] == []
