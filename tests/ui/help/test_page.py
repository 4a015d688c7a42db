"""The page of what the figures mean."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from capflow_gui.present.help.glossary import figures, states
from capflow_gui.ui.help.page import FiguresPage
from capflow_gui.ui.theme import Theme


@pytest.fixture
def page(theme: Theme, qtbot: QtBot) -> FiguresPage:
    page = FiguresPage(theme, key="age")
    qtbot.addWidget(page)
    page.show()
    return page


def test_it_has_every_definition_and_every_state_and_begins_at_the_one_asked_for(page: FiguresPage) -> None:
    said = " ".join(page.text.toPlainText().split())
    for each in figures():
        assert each.what in said
        assert all(text in said for _name, text in each.facts())
    assert all(state.what in said for state in states())
    assert page.text.verticalScrollBar().value() > 0


def test_states_are_drawn_as_they_look(page: FiguresPage, theme: Theme) -> None:
    page.search.setText("stale")
    html = page.text.toHtml()
    assert page.text.toPlainText().count("▼") == 1
    assert theme.none.name() in html  # the figure
    assert theme.alert_text.name() in html  # its age
    assert theme.down.name() not in html


def test_typing_finds_names_and_words_of_definitions(page: FiguresPage) -> None:
    page.search.setText("turnover rate")
    assert "% of turnover" in page.text.toPlainText()
    assert "Cycle" not in page.text.toPlainText()
    page.search.setText("no such thing")
    assert page.text.toPlainText() == "Nothing is called like that."
