"""The About dialog: facts to copy, licences to read, and what the app reads them from."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

import capflow_gui
from capflow_gui import licences
from capflow_gui.app.about import Installation
from capflow_gui.app.profile import Profile
from capflow_gui.app.request import Request
from capflow_gui.licences import Part, text_of, third_parties
from capflow_gui.ui.dialogs.about import AboutDialog
from capflow_gui.ui.theme import Theme
from tests.ui.boards import HandBoard
from tests.ui.window_fixture import Shelf, open_window, shut, start_now


def words(dialog: AboutDialog) -> str:
    return " ".join(label.text() for label in dialog.findChildren(QLabel))


def test_it_says_what_it_is_and_copies_it(theme: Theme, qtbot: QtBot) -> None:
    window = open_window(HandBoard())
    window.dialogs.open_about()
    dialog = window.dialogs.current
    assert isinstance(dialog, AboutDialog)
    assert f"Capflow {capflow_gui.__version__}" in words(dialog)
    assert "MIT licence" in words(dialog)
    assert "/opt/qt: put your own build of the same version there" in words(dialog)
    dialog.copy_button.click()
    assert QApplication.clipboard().text() == "Capflow: 1.2.3\nLog: /var/log/capflow"
    dialog.reject()
    shut(window)


def test_every_licence_can_be_read(theme: Theme, qtbot: QtBot) -> None:
    dialog = AboutDialog(Shelf(), start_now, theme)
    qtbot.addWidget(dialog)
    assert dialog.parts.count() == 0
    dialog.tabs.setCurrentIndex(1)
    assert [dialog.parts.item(row).text() for row in range(2)] == ["Capflow 1.2.3", "numpy 2.0"]
    assert dialog.text.toPlainText() == "Licence: MIT\n\nthe text of Capflow"
    dialog.parts.setCurrentRow(1)
    assert dialog.text.toPlainText() == "Licence: BSD-3-Clause\n\nthe text of numpy"


@dataclass
class Damaged(Shelf):
    async def parts(self) -> list[Part]:
        raise OSError("index.json is gone")


def test_a_damaged_bundle_is_said(theme: Theme, qtbot: QtBot) -> None:
    def start(job, _done, failed):  # type: ignore[no-untyped-def]
        with pytest.raises(OSError, match="gone") as caught:
            job().send(None)
        failed(caught.value)
        return lambda: None

    dialog = AboutDialog(Damaged(), start, theme)
    qtbot.addWidget(dialog)
    dialog.tabs.setCurrentIndex(1)
    assert "index.json is gone" in dialog.text.toPlainText()


def test_the_installation_names_versions_folders_and_the_policy(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text("[locked]\nlog_level = 'error'\n", encoding="utf-8")
    monkeypatch.setattr("capflow_gui.app.profile.policy_files", lambda: (policy,))
    profile = Profile(Request(folders=(tmp_path / "c", tmp_path / "d")), demo=False)
    facts = dict(Installation(profile).facts())
    assert facts["Capflow"] == f"{capflow_gui.__version__}, Python package"
    assert facts["Policy"] == str(policy)
    assert facts["Settings"] == str(tmp_path / "c" / "settings.toml")
    assert facts["Python"].startswith(f"{sys.version_info.major}.")
    assert Path(Installation(profile).qt_folder(), "__init__.py").is_file()


def test_from_source_every_requirement_has_its_text() -> None:
    parts = {part.name: part for part in third_parties()}
    assert next(iter(parts)) == "Capflow"
    assert {"numpy", "pyside6-essentials", "shiboken6", "cryptography", "yarl", "Inter (typeface)"} <= set(parts)
    assert not {"pytest", "mypy", "ruff"} & set(parts)
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in text_of(parts["shiboken6"])
    assert [name for name, part in parts.items() if not part.texts and name != "Python"] == []


def test_a_bundle_is_asked_for_its_own_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / ("Resources" if sys.platform == "darwin" else "bin") / "licences"
    folder.mkdir(parents=True)
    (folder / "x.txt").write_text("Do as you like.\n", encoding="utf-8")
    licences.write_index(folder, [Part("x", "1", "MIT", (folder / "x.txt",))])
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "capflow"))
    (part,) = third_parties()
    assert (part.name, part.version, part.licence, text_of(part)) == ("x", "1", "MIT", "Do as you like.")
