"""A label that is as wide as its room."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from capflow_gui.ui.history.elided import ElidedLabel
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
