"""The settings dialog, what a policy greys, and the way to the page of new versions."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QPushButton, QWidget
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
from capflow_gui.ui.dialogs.connection import ConnectionDialog
from capflow_gui.ui.dialogs.first_run import FirstRun
from capflow_gui.ui.dialogs.settings import SettingsDialog
from capflow_gui.ui.dialogs.threshold import ThresholdDialog
from capflow_gui.ui.locked import BY_ADMINISTRATOR
from capflow_gui.ui.ports import ConnectServices
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
        self.values: list[tuple[str, object]] = []
        dialog.chosen.connect(lambda name, value: self.values.append((name, value)))


@pytest.fixture
def dialog(theme: Theme, qtbot: QtBot) -> SettingsDialog:
    made = SettingsDialog(OWN, theme)
    qtbot.addWidget(made)
    made.show()
    return made


def services() -> ConnectServices:
    answers = Answers()
    return ConnectServices(answers.test, start_now, Access(answers))


def test_it_shows_what_holds(dialog: SettingsDialog) -> None:
    assert dialog.scheme.currentData() == "light"
    assert dialog.palettes.palette_name() == "red_up"
    assert dialog.scale.currentData() == 1.5
    assert dialog.level.currentData() == "error"
    assert not dialog.sound.isChecked()
    assert dialog.remind.isChecked()
    assert not dialog.record.isChecked()
    kept = [dialog.sessions.currentText(), dialog.years.currentText()]
    assert kept == ["45 sessions", "400 days"]


def test_every_choice_is_told_alone(dialog: SettingsDialog) -> None:
    chosen = Chosen(dialog)
    dialog.sound.click()
    assert dialog.desktop.isChecked()
    dialog.desktop.click()
    dialog.remind.click()
    dialog.level.setCurrentIndex(0)
    dialog.level.activated.emit(0)
    dialog.record.click()
    dialog.years.setCurrentIndex(dialog.years.findText("5 years"))
    dialog.years.activated.emit(0)
    assert chosen.values[-2:] == [
        ("archive", ArchiveSettings(record=True, journal_sessions=45, final_days=400)),
        ("archive", ArchiveSettings(record=True, journal_sessions=45, final_days=1825)),
    ]
    assert chosen.values[:-2] == [
        ("alerts", AlertSettings(sound=True)),
        ("alerts", AlertSettings(sound=True, desktop=False)),
        ("updates", UpdateSettings(remind=False, looked="2026-01-02")),
        ("log_level", "debug"),
    ]


def test_a_reset_brings_the_defaults_and_can_be_undone(theme: Theme, qtbot: QtBot) -> None:
    defaults = Settings(appearance=Appearance("system"))
    dialog = SettingsDialog(OWN, theme, defaults=defaults)
    qtbot.addWidget(dialog)
    chosen = Chosen(dialog)
    dialog.reset.click()
    assert dict(chosen.values) == {
        "appearance": Appearance("system"),
        "alerts": AlertSettings(),
        "archive": ArchiveSettings(),
        "log_level": "info",
        "updates": UpdateSettings(remind=False, looked="2026-01-02"),
    }
    assert dialog.scheme.currentData() == "system"
    chosen.values.clear()
    dialog.reset.click()
    assert {name for name, _ in chosen.values} == {"appearance", "alerts", "archive", "log_level", "updates"}
    assert all(value == getattr(OWN, name) for name, value in chosen.values)
    assert dialog.palettes.palette_name() == "red_up"


def test_what_is_locked_is_greyed_and_says_why(theme: Theme, qtbot: QtBot) -> None:
    locked = SettingsDialog(OWN, theme, locks={"appearance.scheme", "alerts.sound"})
    qtbot.addWidget(locked)
    for control in (locked.scheme, locked.sound):
        assert not control.isEnabled()
        assert control.toolTip() == control.accessibleDescription() == BY_ADMINISTRATOR
    assert locked.scale.isEnabled()
    assert "set by your administrator" in locked._note.text()
    everything = SettingsDialog(OWN, theme, locks=ALL)
    qtbot.addWidget(everything)
    controls = [*everything.findChildren(QComboBox), *everything.findChildren(QCheckBox)]
    assert [each.accessibleName() for each in controls if each.isEnabled()] == []


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
    assert not settings.remind.isVisible()
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

    def choose(name: str, value: object) -> None:
        settings = msgspec.structs.replace(window.settings, **{name: value})
        window.settings = settings

    window.intents.setting_chosen.connect(choose)
    window.dialogs.services = replace(window.dialogs.services, room=room)
    window.dialogs.open_settings()
    dialog = window.dialogs.current
    assert isinstance(dialog, SettingsDialog)
    said = "182 MB on disk, about 1.2 GB once it is full. Changes hold from the next start."
    assert dialog.room.text() == said
    dialog.record.click()
    assert dialog.room.text() == said  # what cannot be measured says nothing
    dialog.years.setCurrentIndex(dialog.years.findText("1 year"))
    dialog.years.activated.emit(0)
    assert dialog.room.text().startswith("182 MB on disk, about 620 MB once it is full.")
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
    assert dialog._note.text() == said
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
    for choice in (dialog.scheme, dialog.scale, dialog.level):
        choice.showPopup()
        QApplication.processEvents()
        view = choice.view()
        rows = [view.visualRect(view.model().index(row, 0)) for row in range(choice.count())]
        assert rows[0].top() >= 0
        assert rows[-1].bottom() < view.viewport().height()
        assert all(row.height() >= larger.face(Role.CELL).height for row in rows)
        choice.hidePopup()
    dialog.close()
