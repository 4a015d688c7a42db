"""What an import would do, before it does it."""

from __future__ import annotations

from dataclasses import replace

from pytestqt.qtbot import QtBot

from capflow_gui.domain.typed.rule_entry import new_entry
from capflow_gui.ui.rules.import_sheet import ImportSheet
from capflow_gui.ui.theme import Theme

KEPT, CHANGED = new_entry("*: main <= -80M"), new_entry("*: net <= -5M")


def test_it_shows_what_is_new_what_is_replaced_and_what_cannot_be_read(theme: Theme, qtbot: QtBot) -> None:
    entries = [
        replace(new_entry("*: large <= -1M"), channels=("phone", "pager")),
        CHANGED.written("*: net <= -6M"),
        replace(CHANGED, enabled=False),
        KEPT,
        KEPT.written("*: main <= -80Q"),
    ]
    sheet = ImportSheet(
        "rules.toml", entries, {entry.id: entry for entry in (KEPT, CHANGED)}, theme, channels=["phone"]
    )
    qtbot.addWidget(sheet)
    taken: list[list[object]] = []
    sheet.chosen.connect(taken.append)
    shown = [sheet.list.item(row).text().split("\n") for row in range(sheet.list.count())]
    assert shown[0] == ["*: large ≤ −1M", "New · not set up here: the channel pager"]
    assert shown[1] == ["*: net ≤ −6M", "Replaces *: net ≤ −5M"]
    assert shown[2] == ["*: net ≤ −5M", "Changed"]
    assert shown[3] == ["*: main ≤ −80M", "As it is"]
    assert shown[4][:2] == ["*: main <= -80Q", " " * 14 + "^"]
    assert shown[4][2].startswith("Left out: 'Q' is not a suffix")
    assert sheet.take.text() == "Import 3"
    sheet.take.click()
    assert taken == [entries[:3]]


def test_nothing_new_is_nothing_to_import(theme: Theme, qtbot: QtBot) -> None:
    sheet = ImportSheet("rules.toml", [KEPT], {KEPT.id: KEPT}, theme)
    qtbot.addWidget(sheet)
    assert not sheet.take.isEnabled()
