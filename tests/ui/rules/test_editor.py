"""The editor: fields and text are one rule, a fault has a caret, and what it would have done is said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from capflow_gui.domain.alert_grammar import Kind, Rule, Scope
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import Share
from capflow_gui.domain.typed.rule_entry import RuleEntry, threshold_entry
from capflow_gui.playback.trial import TriedDay
from capflow_gui.ui.rules.editor import AskRule, RuleEditor
from capflow_gui.ui.theme import Theme
from tests.ui.recorded_days import trial

TENCENT = Symbol.parse("700.HK")


def entry_of(text: str) -> RuleEntry:
    return RuleEntry(Rule(Scope(), "net", Kind.LEVEL, "<=", -1.0, own_id="r1")).written(text)


def opened(
    theme: Theme,
    qtbot: QtBot,
    text: str | RuleEntry = "*: main <= -80M",
    ask_past: AskRule | None = None,
    *,
    locked: str = "",
) -> RuleEditor:
    made = RuleEditor(
        "Rule",
        entry_of(text) if isinstance(text, str) else text,
        [Scope(), Scope(symbol=TENCENT)],
        theme,
        others=[threshold_entry(Share(-0.03), None)],
        locked=locked,
        money=lambda scope: "HKD" if scope.symbol else "in each symbol's currency",
        channels=["phone", "desk"],
        ask_past=ask_past,
    )
    qtbot.addWidget(made)
    made.begin()
    made.show()
    return made


def typed(editor: RuleEditor, text: str) -> None:
    editor.text.selectAll()
    QTest.keyClicks(editor.text, text)


def test_the_fields_follow_the_text_and_the_text_the_fields(theme: Theme, qtbot: QtBot) -> None:
    editor = opened(theme, qtbot)
    assert (editor.form.measured.currentText(), editor.form.amount.text()) == ("Main inflow", "−80M")
    typed(editor, "700.HK: net change 10m <= -5M")
    assert (editor.form.scope.currentText(), editor.form.minutes.text()) == ("700.HK", "10")
    editor.form.amount.clear()
    QTest.keyClicks(editor.form.amount, "-7M")
    assert editor.text.text() == "700.HK: net change 10m <= -7M"
    assert editor.said.text().startswith("Alert when the net inflow of 700.HK has changed over 10 trading minutes")
    assert "−7M HKD or less" in editor.said.text()


def test_a_fault_has_its_caret_and_a_way_out_and_is_not_taken(theme: Theme, qtbot: QtBot) -> None:
    editor, taken = opened(theme, qtbot), list[RuleEntry]()
    editor.chosen.connect(taken.append)
    typed(editor, "*: net <= -200m")
    assert editor.said.text() == "M is minutes; million is a capital M. Write it as -200M, 1.5B, -1500万 or -80000."
    assert editor.said.property("role") == "trouble"
    assert editor.text.accessibleDescription() == editor.said.text()
    assert editor.text.fault_point() is not None
    assert not editor.save.isEnabled()
    QTest.keyClick(editor.text, Qt.Key.Key_Return)
    assert (taken, editor.isVisible()) == ([], True)
    assert not editor.said.visibleRegion().isEmpty()
    assert not editor.form.isEnabled()  # the fields cannot show what is no rule
    typed(editor, "*: net <= -200M")
    assert editor.form.isEnabled()
    assert editor.text.fault_point() is None
    QTest.keyClick(editor.text, Qt.Key.Key_Return)
    assert [(entry.id, entry.text) for entry in taken] == [("r1", "*: net <= -200M")]


def test_to_whom_a_rule_is_told_is_chosen_beside_its_text(theme: Theme, qtbot: QtBot) -> None:
    entry = replace(
        entry_of("*: main <= -80M"), channels=("phone", "pager"), quiet="22:00-07:00", muted=frozenset({TENCENT})
    )
    editor, taken = opened(theme, qtbot, entry), list[RuleEntry]()
    editor.chosen.connect(taken.append)
    telling = editor.telling
    assert [(box.text(), box.isChecked()) for box in telling.boxes.values()] == [
        ("phone", True),
        ("desk", False),
        ("pager (not set up)", True),
    ]
    telling.boxes["desk"].click()
    telling.boxes["pager"].click()
    telling.urgent.click()
    telling.quiet.selectAll()
    QTest.keyClicks(telling.quiet, "25:00")
    assert editor.said.text() == "The quiet hours cannot be read. Write them as 22:00-07:00, or leave them empty."
    assert not editor.save.isEnabled()
    telling.quiet.clear()
    QTest.keyClicks(telling.quiet, "23:00-06:00")
    assert editor.said.text().startswith("Alert when")
    editor.save.click()
    assert taken == [replace(entry, channels=("phone", "desk"), quiet="23:00-06:00", urgent=True)]


def test_a_field_that_is_at_fault_is_marked_in_the_text(theme: Theme, qtbot: QtBot) -> None:
    editor = opened(theme, qtbot)
    editor.form.amount.clear()
    QTest.keyClicks(editor.form.amount, "12x")
    assert editor.text.text() == "*: main <= 12x"
    assert editor.form.amount.property("fault") == "true"
    assert editor.form.amount.accessibleDescription() == editor.said.text()
    assert editor.text.fault_point() is not None
    assert not editor.save.isEnabled()


def test_what_another_rule_says_already_is_not_taken(theme: Theme, qtbot: QtBot) -> None:
    editor = opened(theme, qtbot)
    for scope, said in (
        ("*", "The threshold says this already."),
        ("700.HK", "The default threshold covers this already."),
    ):
        typed(editor, f"{scope}: net/turnover<=-3.0% skip first 30m rearm 50%")
        assert editor.said.text() == said
        assert not editor.save.isEnabled()


def test_a_locked_rule_can_only_be_looked_at_and_says_why(theme: Theme, qtbot: QtBot) -> None:
    editor = opened(theme, qtbot, locked="Set by your administrator.")
    typed(editor, "*: net <= -1M")
    assert editor.text.text() == "*: main <= -80M"
    assert editor.said.text().endswith("Set by your administrator.")
    parts = (editor.save, editor.form, editor.telling, *editor.templates)
    assert not any(part.isEnabled() for part in parts)
    assert editor.save.toolTip() == "Set by your administrator."


def test_templates_are_shares_of_turnover_for_whom_the_rule_is(theme: Theme, qtbot: QtBot) -> None:
    editor = opened(theme, qtbot, "700.HK: main <= -80M")
    for button in editor.templates:
        button.click()
        assert editor.text.text().startswith("700.HK: net/turnover <= -")
        assert editor.save.isEnabled()
        assert "a symbol and week" in button.accessibleDescription()
    assert [button.text() for button in editor.templates] == ["Conservative", "Normal", "Nervous"]


class Asked:
    """Takes what the editor asks; the test answers."""

    def __init__(self) -> None:
        self.rules: list[str] = []
        self.told: list[Callable[[str, Sequence[TriedDay]], None]] = []
        self.forgotten: list[str] = []

    def __call__(self, rule: Rule, tell: Callable[[str, Sequence[TriedDay]], None]) -> Callable[[], None]:
        self.rules.append(rule.text)
        self.told.append(tell)
        return lambda: self.forgotten.append(rule.text)


def test_it_says_what_the_rule_would_have_done_and_forgets_older_questions(theme: Theme, qtbot: QtBot) -> None:
    asked = Asked()
    editor = opened(theme, qtbot, ask_past=asked)
    asked.told[0]("It would have alerted once.", trial(-100e6).days)
    assert editor.past.text() == "It would have alerted once."
    assert editor.days.accessibleDescription().count("\n") == 9
    editor.text.show_text("")
    typed(editor, "*: net <= -5M")
    assert (asked.rules[0], asked.rules[-1]) == ("*: main <= -80M", "*: net <= -5M")
    assert asked.forgotten == asked.rules[:-1]
    assert editor.past.text() == "Trying it on the recorded sessions …"
    before = len(asked.rules)
    editor.form.scope.activated.emit(0)  # the same rule
    assert len(asked.rules) == before
    editor.finished.emit(0)
    assert asked.forgotten == asked.rules


def test_the_keyboard_goes_through_the_fields_as_they_stand(theme: Theme, qtbot: QtBot) -> None:
    editor = opened(theme, qtbot)
    names = []
    for _ in range(18):
        field = editor.focusWidget()
        names.append(field.accessibleName() or field.text())
        QTest.keyClick(field, Qt.Key.Key_Tab)
    assert names == [
        "Amount",
        "Confirmed minutes",
        "Re-arm after",
        "Again at each further",
        "Cooldown, minutes",
        "From",
        "To",
        "Skip first minutes",
        "Skip last minutes",
        "Until the session of",
        "At most once a session",
        "Mark early, before the minute is over",
        "The rule as text",
        "All channels",
        "Quiet hours of this rule, by this computer's clock",
        "Urgent: told in quiet hours too",
        "Cancel",
        "Save",
    ]


def test_where_nothing_is_recorded_it_has_no_room_for_that(theme: Theme, qtbot: QtBot) -> None:
    editor = opened(theme, qtbot)
    assert editor.past.isHidden()
    assert editor.days.isHidden()


@pytest.mark.parametrize("text", ["", "net", "*:", "@: net <= -5M", "*: net <= -5M for", "*: net <= -5M x"])
def test_any_text_may_be_opened(theme: Theme, qtbot: QtBot, text: str) -> None:
    editor = opened(theme, qtbot, text)
    assert not editor.save.isEnabled()
    assert len(editor.said.text()) > 10
    assert editor.text.text() == text


def test_what_is_typed_or_chosen_is_unsaved_until_it_is_as_it_was(theme: Theme, qtbot: QtBot) -> None:
    editor = opened(theme, qtbot)
    assert not editor.has_unsaved()
    editor.telling.urgent.click()
    assert editor.has_unsaved()
    editor.telling.urgent.click()
    assert not editor.has_unsaved()
    editor.templates[0].click()
    assert editor.has_unsaved()
    other = opened(theme, qtbot)
    QTest.keyClicks(other.form.amount, "7")
    assert other.has_unsaved()
