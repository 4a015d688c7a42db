"""A label that is as wide as its room."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from capflow_gui.ui.history.elided import LEAST_LETTERS, ElidedLabel
from capflow_gui.ui.theme import Role, Theme


def test_what_is_cut_is_told_on_pointing(qtbot: QtBot, theme: Theme) -> None:
    label = ElidedLabel(None)  # type: ignore[arg-type]
    qtbot.addWidget(label)
    label.say("780 polls, 322 unchanged")
    label.set_face(theme.face(Role.SENTENCE))
    label.resize(60, 20)
    label.show()
    assert label.text().endswith("…")
    label.resize(400, 20)
    assert label.text() == label.toolTip() == "780 polls, 322 unchanged"


def test_a_few_letters_of_a_text_are_not_shown(qtbot: QtBot, theme: Theme) -> None:
    label = ElidedLabel(None, least=LEAST_LETTERS)  # type: ignore[arg-type]
    qtbot.addWidget(label)
    label.set_face(theme.face(Role.SENTENCE))
    label.say("compared with Wed 18 Nov")
    label.show()
    for width, is_shown in ((30, False), (120, True)):
        label.resize(width, 20)
        assert bool(label.text()) is is_shown
    label.resize(30, 20)
    label.say("a day")
    label.resize(200, 20)
    assert label.text() == "a day"
