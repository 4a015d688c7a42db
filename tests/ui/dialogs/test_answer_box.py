from __future__ import annotations

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.ui.dialogs.answer_box import AnswerBox
from capflow_gui.ui.fitting import scrolled
from capflow_gui.ui.layouts import stacked
from capflow_gui.ui.theme import Theme


def test_it_is_hidden_until_it_says_something_and_trouble_looks_like_it(theme: Theme, qtbot: QtBot) -> None:
    box = AnswerBox(theme)
    qtbot.addWidget(box)
    assert (box.isHidden(), box.said()) == (True, "")
    box.say("OpenD answered.", "", trouble=False)
    assert (box.said(), box.accessibleName().strip()) == ("OpenD answered.", "OpenD answered.")
    assert theme.accent.name() in box.styleSheet()
    box.say("Nobody is there.", "Start OpenD.", trouble=True)
    assert box.said() == "Nobody is there. Start OpenD."
    assert theme.alert.name() in box.styleSheet()


def test_an_answer_below_what_is_in_sight_is_scrolled_to(theme: Theme, qtbot: QtBot) -> None:
    page, tall = QWidget(), QWidget()
    box = AnswerBox(theme, page)
    tall.setMinimumHeight(400)
    stacked(tall, box, of=page)
    area = scrolled(page)
    qtbot.addWidget(area)
    area.resize(300, 200)
    area.show()
    box.say("The channel is not saved.", "This computer has no keyring to keep secrets in.", trouble=True)
    assert box.visibleRegion().boundingRect() == box.rect()
