"""Export and import of settings in the window."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QPushButton

from capflow_gui.settings import Appearance, OpendSettings, Settings, WatchSettings
from capflow_gui.settings.exchange import PARTS, exported
from capflow_gui.ui.settings.exchange import ExportSheet, ImportSheet
from tests.ui.boards import HandBoard
from tests.ui.window_fixture import Answers, open_window, shut

THEIRS = Settings(appearance=Appearance("light"), opend=OpendSettings("10.0.0.9"), watchlist=WatchSettings(["700.HK"]))


def lines(sheet: ImportSheet) -> list[str]:
    return [sheet.list.item(place).text() for place in range(sheet.list.count())]


def test_an_import_shows_what_it_would_change_and_is_taken_back() -> None:
    answers = Answers()
    answers.saved["/s.toml"] = exported(THEIRS, [], PARTS)
    window = open_window(HandBoard(), Settings(opend=OpendSettings("10.0.0.8")), answers)
    window.dialogs.services = replace(window.dialogs.services, locks={"opend.host"})
    told: list[object] = []
    window.intents.copies_wanted.connect(lambda: told.append("copies"))
    window.intents.settings_chosen.connect(told.append)
    window.dialogs.exchange().import_from("/s.toml")
    sheet = window.dialogs.current
    assert isinstance(sheet, ImportSheet)
    assert lines(sheet) == ["Appearance: Dark → Light", "The watchlist in its order: 0 → 1"]
    assert "Locked by your administrator, and left as they are: OpenD: host." in sheet.problems.text()
    sheet.parts.boxes["lists"].click()
    assert lines(sheet) == ["Appearance: Dark → Light"]
    assert told == []
    sheet.take.click()
    assert told == ["copies", {"appearance.scheme": "light"}]
    assert window.notice.text().startswith("1 change was imported from s.toml.")
    window.notice.findChild(QPushButton).click()
    assert told[2:] == [{"appearance.scheme": "dark"}]
    shut(window)


def test_what_changes_nothing_cannot_be_imported() -> None:
    answers = Answers()
    answers.saved["/s.toml"] = exported(Settings(), [], PARTS)
    answers.saved["/x.toml"] = b"[["
    window = open_window(HandBoard(), answers=answers)
    window.dialogs.exchange().import_from("/s.toml")
    sheet = window.dialogs.current
    assert isinstance(sheet, ImportSheet)
    assert lines(sheet) == ["Nothing: all of it holds already."]
    assert not sheet.take.isEnabled()
    sheet.reject()
    window.dialogs.exchange().import_from("/x.toml")
    assert "x.toml" in window.notice.text()
    shut(window)


def test_an_export_asks_for_its_parts_and_says_what_is_not_in_it() -> None:
    answers = Answers()
    window = open_window(HandBoard(), THEIRS, answers)
    exchange = window.dialogs.exchange()
    exchange.export()
    sheet = window.dialogs.current
    assert isinstance(sheet, ExportSheet)
    for box in sheet.parts.boxes.values():
        box.click()
    assert not sheet.save.isEnabled()
    sheet.reject()
    exchange.export_to("/out.toml", ["settings"])
    assert b'scheme = "light"' in answers.saved["/out.toml"]
    assert b"700.HK" not in answers.saved["/out.toml"]
    assert window.notice.text() == "Saved /out.toml."
    shut(window)
