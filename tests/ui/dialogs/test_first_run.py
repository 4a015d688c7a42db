"""The first run: three ways out, and a test that helps."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollArea
from pytestqt.qtbot import QtBot

from capflow_gui.domain.typed.level import Choice, Share, ThresholdChoice
from capflow_gui.settings import Appearance, DeskSettings, LongportSettings, OpendSettings
from capflow_gui.ui.dialogs.first_run import FirstRun
from capflow_gui.ui.ports import ConnectionReport, ConnectServices
from capflow_gui.ui.theme import Theme, build_theme
from tests.ui.dialogs.test_desk_form import Access as DeskWay
from tests.ui.window_fixture import Access, Answers, start_now


class Page:
    """The page, and what it said."""

    def __init__(self, theme: Theme, answers: Answers) -> None:
        self.answers = answers
        self.desk = DeskWay()
        self.widget = FirstRun(
            OpendSettings(),
            LongportSettings(),
            Appearance(),
            ConnectServices(answers.test, start_now, Access(answers)),
            theme,
            threshold=Share(-0.03),
            desk=(DeskSettings("10.0.0.5"), self.desk),
        )
        self.said: list[object] = []
        self.widget.demo_chosen.connect(lambda: self.said.append("demo"))
        self.widget.threshold_chosen.connect(self.said.append)
        self.widget.connect_chosen.connect(self.said.append)
        self.widget.closed.connect(lambda: self.said.append("closed"))
        self.widget.show()


@pytest.fixture
def page(theme: Theme, qtbot: QtBot) -> Iterator[Page]:
    opened = Page(theme, Answers(report=ConnectionReport(False, "OpenD did not answer.", "Check the port.", 0.2)))
    yield opened
    opened.widget.close()
    opened.widget.deleteLater()


def test_d_is_the_demo(page: Page) -> None:
    QTest.keyClicks(page.widget.opend_card, "d")
    assert page.said == ["demo"]


def test_a_click_on_the_card_is_the_demo_too(page: Page) -> None:
    QTest.mouseClick(page.widget.demo_card, Qt.MouseButton.LeftButton)
    assert page.said == ["demo"]


def test_at_first_nothing_scrolls_even_where_a_scripts_lines_are_higher(page: Page) -> None:
    page.widget.resize(page.widget.width(), page.widget.height() - 32)
    page.widget.show()
    QApplication.processEvents()
    assert page.widget.findChildren(QScrollArea)[0].verticalScrollBar().maximum() == 0


def test_in_a_low_window_a_card_scrolls_to_the_form_it_is_for(page: Page) -> None:
    page.widget.resize(900, 470)
    QApplication.processEvents()
    for card, parts in (
        (page.widget.opend_card, (page.widget.form.host, page.widget.form.connect_button)),
        (page.widget.longport_card, (page.widget.longport,)),
    ):
        assert all(part.visibleRegion().isEmpty() for part in parts)
        QTest.mouseClick(card, Qt.MouseButton.LeftButton)
        QApplication.processEvents()
        assert not any(part.visibleRegion().isEmpty() for part in parts)
        page.widget.findChild(QScrollArea).verticalScrollBar().setValue(0)
        QApplication.processEvents()


def test_connect_takes_what_is_filled_in(page: Page) -> None:
    page.widget.form.port.setText("22222")
    page.widget.form.connect_button.click()
    assert page.said == [OpendSettings("127.0.0.1", 22222, None)]


def test_a_desk_is_connected_as_the_brokers_are(page: Page) -> None:
    form = page.widget.desk
    assert form is not None
    assert not form.isVisible()
    QTest.keyClicks(page.widget.opend_card, "k")
    assert form.isVisible()
    assert form.host.hasFocus() or not page.widget.isActiveWindow()
    QTest.keyClicks(form.secret, "its secret")
    form.connect_button.click()
    assert page.desk.kept == [(DeskSettings("10.0.0.5"), "its secret")]
    assert page.said == [DeskSettings("10.0.0.5")]


def test_without_a_way_to_a_desk_none_is_offered(theme: Theme, qtbot: QtBot) -> None:
    services = ConnectServices(Answers().test, start_now, Access(Answers()))
    page = FirstRun(OpendSettings(), LongportSettings(), Appearance(), services, theme)
    qtbot.addWidget(page)
    assert (page.desk, page.desk_card) == (None, None)
    QTest.keyClicks(page.opend_card, "k")
    page.close()


@pytest.mark.parametrize(("typed", "level"), [("2.5 %", Share(-0.025)), ("－２亿", -2e8), ("", Choice.NONE)])
def test_the_threshold_for_all_is_chosen_with_the_connection(page: Page, typed: str, level: ThresholdChoice) -> None:
    assert page.widget.threshold.text() == "−3%"
    assert page.widget.threshold_said.text().endswith("of the session's turnover so far, from its 30th minute on.")
    page.widget.threshold.setText(typed)
    page.widget.form.connect_button.click()
    assert page.said == [level, OpendSettings()]


def test_a_threshold_that_cannot_be_read_is_said_before_anything_is_connected(page: Page) -> None:
    page.widget.threshold.setText("3M%")
    assert page.widget.threshold_said.property("role") == "trouble"
    page.widget.form.connect_button.click()
    assert page.said == []
    page.widget.threshold.setText("3%")
    page.widget.form.connect_button.click()
    assert page.said == [OpendSettings()]


def test_a_wrong_port_is_said_and_can_be_corrected(page: Page) -> None:
    form = page.widget.form
    form.test_button.click()
    assert form.said() == "OpenD did not answer. Check the port."
    page.answers.report = ConnectionReport(True, "OpenD answered.", "Version 1008, logged in.", 0.1)
    QTest.keyClick(form.port, Qt.Key.Key_Backspace)
    QTest.keyClicks(form.port, "2")
    assert form.said() == ""
    form.test_button.click()
    assert form.said() == "OpenD answered. Version 1008, logged in."
    assert page.said == []


def test_a_palette_is_chosen_before_anything_is_coloured(page: Page) -> None:
    chosen: list[str] = []
    page.widget.palettes.chosen.connect(chosen.append)
    page.widget.palettes._buttons[2].click()
    assert chosen == ["colour_blind"]
    assert page.widget.palettes.palette_name() == "colour_blind"


@pytest.mark.parametrize(
    ("pressed", "locks", "kept"),
    [(None, (), ["red_up"]), ("green_up", (), ["green_up"]), (None, ("appearance.palette",), [])],
)
def test_a_suggested_palette_is_taken_unless_another_is_pressed(
    theme: Theme, qtbot: QtBot, pressed: str | None, locks: tuple[str, ...], kept: list[str]
) -> None:
    services = ConnectServices(Answers().test, start_now, Access(Answers()))
    settings = OpendSettings(), LongportSettings(), Appearance(), services, theme
    page = FirstRun(*settings, threshold=Share(-0.03), locks=locks, suggested="red_up")
    chosen: list[str] = []
    page.palettes.chosen.connect(chosen.append)
    for button in page.palettes._buttons:
        if button.palette_name == pressed:
            button.click()
    page.form.connect_button.click()
    assert chosen == kept
    page.close()
    page.deleteLater()


def test_the_demo_is_coloured_by_the_suggested_palette(theme: Theme, qtbot: QtBot) -> None:
    services = ConnectServices(Answers().test, start_now, Access(Answers()))
    page = FirstRun(OpendSettings(), LongportSettings(), Appearance(), services, theme, suggested="red_up")
    qtbot.addWidget(page)
    said: list[str] = []
    page.palettes.chosen.connect(said.append)
    page.demo_chosen.connect(lambda: said.append("demo"))
    assert page.demo_card._theme.down == build_theme(theme.scheme, "red_up").down != theme.down
    page.demo_card.click()
    assert said == ["red_up", "demo"]


def test_the_languages_are_in_sight_at_once_in_a_low_window(page: Page) -> None:
    page.widget.resize(900, 470)
    QApplication.processEvents()
    assert not any(each.visibleRegion().isEmpty() for each in page.widget.languages)


def test_another_language_can_be_chosen_but_not_that_of_the_page(page: Page) -> None:
    page.widget.language_chosen.connect(page.said.append)
    english, simplified, _traditional = page.widget.languages
    QTest.mouseClick(english, Qt.MouseButton.LeftButton)
    assert page.said == []
    QTest.mouseClick(simplified, Qt.MouseButton.LeftButton)
    page.widget.close()
    assert page.said == ["zh_CN"]


def test_closing_it_is_an_answer_once(page: Page) -> None:
    page.widget.close()
    page.widget.close()
    assert page.said == ["closed"]
