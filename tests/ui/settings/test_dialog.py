"""The settings dialog, what a policy greys, and the way to the page of new versions."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import StorageError
from capflow_gui.reason import Code, Reason
from capflow_gui.settings import (
    AlertSettings,
    Appearance,
    ArchiveSettings,
    LongportSettings,
    OpendSettings,
    Settings,
    UpdateSettings,
    lockable_names,
)
from capflow_gui.settings.declared import leaves, replaced, value_at
from capflow_gui.ui.dialogs.connection import ConnectionDialog
from capflow_gui.ui.dialogs.first_run import FirstRun, PaletteChoices
from capflow_gui.ui.dialogs.threshold import ThresholdDialog
from capflow_gui.ui.locked import BY_ADMINISTRATOR
from capflow_gui.ui.ports import ConnectServices
from capflow_gui.ui.settings.dialog import AT_ONCE, SettingsDialog
from capflow_gui.ui.settings.rows import SettingRow
from capflow_gui.ui.theme import Role, Theme, apply_theme, build_theme
from tests.ui.boards import HandBoard, row_of
from tests.ui.window_fixture import Access, Answers, open_window, shut, start_now

PAGE = "https://desk.example.com/capflow"
ALL = frozenset(lockable_names())
OWN = Settings(
    log_level="error",
    appearance=Appearance("light", "red_up", 1.5),
    alerts=AlertSettings(sound=False),
    updates=UpdateSettings(remind=True, looked="2026-01-02"),
    archive=ArchiveSettings(record=False, journal_sessions=45, final_days=400),
)


class Chosen:
    """The settings as the window would hold them after every signal."""

    def __init__(self, dialog: SettingsDialog) -> None:
        self.values: list[dict[str, object]] = []
        dialog.chosen.connect(self.values.append)


@pytest.fixture
def dialog(theme: Theme, qtbot: QtBot) -> SettingsDialog:
    made = SettingsDialog(OWN, theme, updates=True)
    qtbot.addWidget(made)
    made.show()
    return made


def box(dialog: SettingsDialog, key: str) -> QCheckBox:
    control = dialog.row(key).control
    assert isinstance(control, QCheckBox)
    return control


def choice(dialog: SettingsDialog, key: str) -> QComboBox:
    control = dialog.row(key).control
    assert isinstance(control, QComboBox)
    return control


def line(dialog: SettingsDialog, key: str) -> QLineEdit:
    control = dialog.row(key).control
    assert isinstance(control, QLineEdit)
    return control


def pick(dialog: SettingsDialog, key: str, value: object) -> None:
    control = choice(dialog, key)
    control.setCurrentIndex(control.findData(value))
    control.activated.emit(control.currentIndex())


def write(dialog: SettingsDialog, key: str, text: str) -> None:
    control = line(dialog, key)
    control.setText(text)
    QTest.keyClick(control, Qt.Key.Key_Return)


def seen(dialog: SettingsDialog) -> list[str]:
    while dialog._slices:
        QCoreApplication.processEvents()
    return [row.item.key for row in laid_out(dialog) if not row.isHidden()]


def laid_out(dialog: SettingsDialog) -> list[SettingRow]:
    """The rows there are, from top to bottom."""
    parts = [dialog._content.itemAt(place).widget() for place in range(dialog._content.count())]
    return [part for part in parts if isinstance(part, SettingRow)]


def services() -> ConnectServices:
    answers = Answers()
    return ConnectServices(answers.test, start_now, Access(answers))


def test_every_declared_setting_with_a_name_has_a_row(dialog: SettingsDialog) -> None:
    named = {key for key, item in leaves(Settings).items() if item.setting.name}
    assert {dialog.row(key).item.key for key in dialog.items} == named


def test_few_rows_are_made_in_one_turn(dialog: SettingsDialog) -> None:
    first = seen(dialog)
    assert set(dialog.rows) == set(first)
    dialog.search.setText("o")
    assert len(dialog.rows) == len(first) + AT_ONCE
    QCoreApplication.processEvents()
    assert len(dialog.rows) == len(first) + AT_ONCE + 1
    assert len(seen(dialog)) > AT_ONCE + 1
    assert [row.item.key for row in laid_out(dialog)] == [key for key in dialog.items if key in dialog.rows]


def test_a_setting_that_is_led_to_is_scrolled_into_sight(dialog: SettingsDialog) -> None:
    for key in ("longport.transport", "opend.host"):
        dialog.show_setting(key)
        assert dialog.row(key).control.hasFocus()
        seen(dialog)
        assert not dialog.row(key).control.visibleRegion().isEmpty()


def test_it_shows_what_holds(dialog: SettingsDialog) -> None:
    assert choice(dialog, "appearance.scheme").currentData() == "light"
    palettes = dialog.row("appearance.palette").control
    assert isinstance(palettes, PaletteChoices)
    assert palettes.palette_name() == "red_up"
    assert choice(dialog, "appearance.font_scale").currentText() == "150 %"
    assert choice(dialog, "log_level").currentData() == "error"
    assert not box(dialog, "alerts.sound").isChecked()
    assert box(dialog, "updates.remind").isChecked()
    assert line(dialog, "archive.journal_sessions").text() == "45"


def test_every_choice_is_told_alone(dialog: SettingsDialog) -> None:
    chosen = Chosen(dialog)
    box(dialog, "alerts.sound").click()
    box(dialog, "updates.remind").click()
    pick(dialog, "log_level", "debug")
    pick(dialog, "appearance.font_scale", 1.25)
    pick(dialog, "appearance.font_scale", 1.25)
    write(dialog, "archive.final_days", "1825")
    write(dialog, "archive.final_days", " 1825 ")
    assert chosen.values == [
        {"alerts.sound": True},
        {"updates.remind": False},
        {"log_level": "debug"},
        {"appearance.font_scale": 1.25},
        {"archive.final_days": 1825},
    ]


def test_what_cannot_be_used_stays_in_its_field_and_is_explained(dialog: SettingsDialog) -> None:
    chosen = Chosen(dialog)
    dialog.show_setting("alerts.volume")
    row = dialog.row("alerts.volume")
    for text in ("loud", "0", "101", "7.5", ""):
        write(dialog, "alerts.volume", text)
        assert line(dialog, "alerts.volume").text() == text
        assert row.fault.text() == "Write a whole number from 1 to 100."
        assert row.fault.isVisible()
        assert row.control.accessibleDescription() == row.fault.text()
    dialog.follow(msgspec.structs.replace(OWN, log_level="info"))
    assert line(dialog, "alerts.volume").text() == ""
    assert chosen.values == []
    write(dialog, "alerts.volume", "30")
    assert not row.fault.isVisible()
    assert chosen.values == [{"alerts.volume": 30}]


def test_a_changed_setting_is_marked_and_goes_back_to_its_default(theme: Theme, qtbot: QtBot) -> None:
    dialog = SettingsDialog(OWN, theme, defaults=Settings(appearance=Appearance("system")))
    qtbot.addWidget(dialog)
    dialog.show()
    chosen = Chosen(dialog)
    row = dialog.row("appearance.scheme")
    assert (row.mark.isVisible(), row.reset.text()) == (True, "Reset to Like the system")
    row.reset.click()
    assert chosen.values == [{"appearance.scheme": "system"}]
    assert choice(dialog, "appearance.scheme").currentData() == "system"
    assert not row.mark.isVisible()
    assert not row.reset.isVisible()


def test_all_go_back_to_their_defaults_in_one_step(dialog: SettingsDialog) -> None:
    chosen = Chosen(dialog)
    dialog.reset_button.click()
    assert chosen.values == [
        {
            "log_level": "info",
            "appearance.scheme": "dark",
            "appearance.palette": "green_up",
            "appearance.font_scale": 1.0,
            "alerts.sound": True,
            "archive.record": True,
            "archive.journal_sessions": 60,
            "archive.final_days": 730,
            "updates.remind": False,
        }
    ]
    assert not dialog.reset_button.isEnabled()
    dialog.undo_button.click()
    assert choice(dialog, "appearance.scheme").currentData() == "light"
    assert chosen.values[1] == {key: value_at(OWN, key) for key in chosen.values[0]}


def test_changes_are_taken_back_one_by_one_by_key(dialog: SettingsDialog, qtbot: QtBot) -> None:
    chosen = Chosen(dialog)
    dialog.show_setting("alerts.volume")
    write(dialog, "alerts.volume", "30")
    box(dialog, "alerts.desktop").click()
    assert dialog.begun == {"alerts.volume": 70, "alerts.desktop": True}
    line(dialog, "alerts.volume").setFocus()
    QTest.keyClick(line(dialog, "alerts.volume"), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert chosen.values[2:] == [{"alerts.desktop": True}]
    assert dialog.begun == {"alerts.volume": 70}
    QTest.keyClick(line(dialog, "alerts.volume"), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert chosen.values[3:] == [{"alerts.volume": 70}]
    assert line(dialog, "alerts.volume").text() == "70"
    assert dialog.begun == {}
    assert not dialog.undo_button.isEnabled()


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("volume", ["alerts.volume"]),
        ("theme", ["appearance.scheme"]),
        ("log_level", ["log_level"]),
        ("bell", ["alerts.sounds"]),
        ("font TEXT", ["appearance.font_scale"]),
        ("futu key", ["opend.rsa_key"]),
    ],
)
def test_a_setting_is_found_by_name_sentence_other_words_and_key(
    dialog: SettingsDialog, typed: str, found: list[str]
) -> None:
    dialog.search.setText(typed)
    assert seen(dialog) == found


def test_a_section_is_in_sight_until_something_is_searched_for(dialog: SettingsDialog) -> None:
    looks = ("scheme", "palette", "font_scale", "language", "units", "reduce_motion")
    assert seen(dialog) == [f"appearance.{name}" for name in looks]
    dialog.search.setText("volumne")
    assert seen(dialog) == []
    assert dialog._nothing.text() == "No setting is found for “volumne”. Did you mean “Volume”?"
    dialog.tabs.setCurrentIndex(3)
    assert dialog.search.text() == ""
    assert seen(dialog) == ["archive.record", "archive.journal_sessions", "archive.final_days"]


def test_what_is_locked_is_greyed_and_says_by_whom_and_why(theme: Theme, qtbot: QtBot) -> None:
    locks = {"appearance.scheme": "Set by IT: all screens are dark.", "alerts.sound": BY_ADMINISTRATOR}
    locked = SettingsDialog(OWN, theme, locks=locks, lock_words=locks.__getitem__)
    qtbot.addWidget(locked)
    locked.show()
    row = locked.row("appearance.scheme")
    assert row.lock.text() == "Set by IT: all screens are dark."
    assert row.lock.isVisible()
    assert not row.control.isEnabled()
    assert "Set by IT" in row.control.accessibleDescription()
    assert not row.reset.isVisible()
    assert locked.row("appearance.font_scale").control.isEnabled()
    locked.reset_button.click()
    assert choice(locked, "appearance.scheme").currentData() == "light"
    everything = SettingsDialog(OWN, theme, locks=ALL)
    qtbot.addWidget(everything)
    assert [key for key in everything.items if everything.row(key).control.isEnabled()] == ["channels"]


def test_what_has_a_dialog_of_its_own_shows_what_holds_and_leads_there(dialog: SettingsDialog) -> None:
    wanted: list[str] = []
    dialog.page_wanted.connect(wanted.append)
    dialog.follow(msgspec.structs.replace(OWN, opend=OpendSettings(host="10.0.0.9")))
    row = dialog.row("opend.host")
    assert row.control.accessibleName() == "OpenD: host: 10.0.0.9"
    row.control.click()  # type: ignore[attr-defined]
    assert wanted == ["connection"]
    assert row.reset.isHidden()  # a connection is tested before it is taken


def test_a_closed_dialog_offers_to_take_its_changes_back(theme: Theme) -> None:
    window = open_window(HandBoard())
    taken: list[dict[str, object]] = []
    window.intents.settings_chosen.connect(taken.append)
    window.dialogs.open_settings()
    dialog = window.dialogs.current
    assert isinstance(dialog, SettingsDialog)
    box(dialog, "alerts.sound").click()
    box(dialog, "alerts.desktop").click()
    dialog.close()
    assert window.notice.text() == "2 settings were changed."
    window.notice.findChild(QPushButton).click()
    assert taken[-1] == {"alerts.sound": True, "alerts.desktop": True}
    window.dialogs.open_settings()
    dialog = window.dialogs.current
    assert dialog is not None
    dialog.close()
    assert window.notice.text() == ""
    shut(window)


def enabled(*controls: QWidget) -> list[bool]:
    return [control.isEnabled() for control in controls]


def test_connections_that_are_locked_are_greyed(theme: Theme, qtbot: QtBot) -> None:
    dialog = ConnectionDialog(
        OpendSettings(), LongportSettings(), services(), theme, locks={"opend.host", "opend.rsa_key", "longport.region"}
    )
    qtbot.addWidget(dialog)
    form = dialog.form
    assert enabled(form.host, form.port, form.key, form.choose_button) == [False, True, False, False]
    assert not dialog.longport.region.isEnabled()
    assert form.connect_button.isEnabled()
    free = ConnectionDialog(OpendSettings(), LongportSettings(), services(), theme)
    qtbot.addWidget(free)
    assert enabled(free.form.host, free.form.port, free.form.key, free.longport.region) == [True] * 4


@pytest.mark.parametrize(
    ("sources", "locks", "open_tabs"),
    [
        (("opend", None), {"source"}, [True, True]),
        (("opend", None), {"second_source"}, [True, False]),
        (("opend", None), {"source", "second_source"}, [True, False]),
        (("opend", "longport"), {"source", "second_source"}, [True, True]),
        ((None, None), {"second_source"}, [True, True]),
    ],
)
def test_a_broker_that_has_no_place_cannot_be_connected(
    theme: Theme, qtbot: QtBot, sources: tuple[str | None, str | None], locks: set[str], open_tabs: list[bool]
) -> None:
    settings = Settings(source=sources[0], second_source=sources[1])  # type: ignore[arg-type]
    window = open_window(HandBoard(), settings, locks=locks)
    window.dialogs.open_connection()
    dialog = window.dialogs.current
    assert isinstance(dialog, ConnectionDialog)
    assert [dialog.tabs.isTabEnabled(place) for place in (0, 1)] == open_tabs
    dialog.reject()
    shut(window)


def test_the_first_run_keeps_to_the_policy(theme: Theme, qtbot: QtBot) -> None:
    page = FirstRun(
        OpendSettings(),
        LongportSettings(),
        Appearance(),
        services(),
        theme,
        locks=ALL - {"opend.port"},
        allow_demo=False,
    )
    qtbot.addWidget(page)
    assert enabled(page.demo_card, page.palettes, page.form.host, page.form.port) == [False, False, False, True]


def test_a_locked_threshold_stays_as_it_is(theme: Theme, qtbot: QtBot) -> None:
    board = HandBoard.of(row_of("700.HK", "Tencent Holdings", -263.2e6, 7056e6, threshold=-200e6, threshold_own=True))
    window = open_window(board, locks={"thresholds.symbols"})
    symbol = Symbol.parse("700.HK")
    window.go_to(symbol)
    before = board.row(symbol).threshold
    window.dialogs.open_threshold(symbol)
    dialog = window.dialogs.current
    assert isinstance(dialog, ThresholdDialog)
    assert not dialog._ok.isEnabled()
    assert dialog.said.text().startswith(BY_ADMINISTRATOR)
    dialog.reject()
    window.chart.threshold_changed.emit(-1e6)
    assert board.row(symbol).threshold == before
    assert window.notice.text().startswith(BY_ADMINISTRATOR)
    window.dialogs.open_threshold(None)
    dialog = window.dialogs.current
    assert isinstance(dialog, ThresholdDialog)
    assert dialog._ok.isEnabled()
    dialog.reject()
    shut(window)


def test_nothing_speaks_of_updates_where_nobody_named_a_page(theme: Theme) -> None:
    window = open_window(HandBoard())
    assert not [command.name for command in window.keys.commands() if "update" in command.name.lower()]
    window.dialogs.open_settings()
    settings = window.dialogs.current
    assert isinstance(settings, SettingsDialog)
    assert "updates.remind" not in settings.items
    assert "updates" not in settings.more
    window.dialogs.open_about()
    about = window.dialogs.current
    assert about is not None
    assert "Look for updates…" not in [button.text() for button in about.findChildren(QPushButton)]
    shut(window)


def test_the_room_of_the_archive_is_said_for_what_is_chosen(theme: Theme) -> None:
    window = open_window(HandBoard())
    asked: list[ArchiveSettings] = []

    async def room(kept: ArchiveSettings) -> tuple[int, int]:
        asked.append(kept)
        if len(asked) == 2:
            raise StorageError(Reason.of(Code.VERBATIM, text="nothing is recorded"))
        return 182_000_000, kept.final_days * 1_700_000

    def choose(values: dict[str, object]) -> None:
        window.settings = replaced(window.settings, values)

    window.intents.settings_chosen.connect(choose)
    window.dialogs.services = replace(window.dialogs.services, room=room)
    window.dialogs.open_settings()
    dialog = window.dialogs.current
    assert isinstance(dialog, SettingsDialog)
    said = "182 MB on disk, about 1.2 GB once it is full."
    room_note = dialog.row("archive.final_days").note
    assert room_note.text() == said
    box(dialog, "archive.record").click()
    assert room_note.text() == said  # what cannot be measured says nothing
    write(dialog, "archive.final_days", "365")
    assert room_note.text().startswith("182 MB on disk, about 620 MB once it is full.")
    assert [each.final_days for each in asked] == [730, 730, 365]
    shut(window)


@pytest.mark.parametrize("there_is_one", [True, False])
def test_looking_for_updates_opens_a_page_and_no_more(theme: Theme, qtbot: QtBot, *, there_is_one: bool) -> None:
    window = open_window(HandBoard(), releases=PAGE)
    opened: list[str] = []
    looked: list[bool] = []

    def open_page(page: str) -> bool:
        opened.append(page)
        return there_is_one

    window.dialogs.services = replace(window.dialogs.services, open_page=open_page)
    window.intents.updates_looked.connect(lambda: looked.append(True))
    window.remind("You have not looked for updates of Capflow yet.")
    assert window.notice.text() == "You have not looked for updates of Capflow yet."
    assert opened == []
    window.notice.findChild(QPushButton).click()
    assert opened == [PAGE]
    assert looked == [True] * there_is_one
    said = "" if there_is_one else f"No browser could be opened. New versions are at {PAGE}"
    assert window.notice.text() == said
    names = [command.name for command in window.keys.commands()]
    assert "Look for updates" in names
    shut(window)


@pytest.mark.parametrize(
    ("demo", "simulated", "said"),
    [
        (True, True, "The demo keeps settings of its own."),
        (False, True, "These are your own settings, on simulated figures."),
        (False, False, ""),
    ],
    ids=["the demo", "a profile on a simulator", "a profile on a broker"],
)
def test_it_says_whose_settings_these_are(qapp, demo: bool, simulated: bool, said: str) -> None:
    board = HandBoard.of(row_of("700.HK", "Tencent", 1e6, 2e6))
    board.simulated = simulated
    window = open_window(board)
    window.dialogs.services = replace(window.dialogs.services, simulated=demo)
    window.dialogs.open_settings()
    dialog = window.dialogs.current
    assert isinstance(dialog, SettingsDialog)
    assert dialog.note.text() == said
    dialog.close()
    shut(window)


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
def test_a_drop_down_shows_whole_rows(theme: Theme, qtbot: QtBot, scale: float) -> None:
    larger = build_theme("dark", "green_up", scale)
    apply_theme(QApplication.instance(), larger)
    dialog = SettingsDialog(Settings(), larger)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    for key in ("appearance.scheme", "appearance.font_scale", "log_level"):
        dialog.show_setting(key)
        listed = choice(dialog, key)
        listed.showPopup()
        QApplication.processEvents()
        view = listed.view()
        rows = [view.visualRect(view.model().index(row, 0)) for row in range(listed.count())]
        assert rows[0].top() >= 0
        assert rows[-1].bottom() < view.viewport().height()
        assert all(row.height() >= larger.face(Role.CELL).height for row in rows)
        listed.hidePopup()
    dialog.close()
