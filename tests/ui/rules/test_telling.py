"""Who is told of a rule's alerts: all channels, some, or none; quiet hours that can be read; urgent."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from capflow_gui.domain.typed.rule_entry import RuleEntry, new_entry
from capflow_gui.present.rules.words import NO_CHANNEL, NOTHING_SENT, QUIET_FAULT
from capflow_gui.ui.rules.telling import RuleTelling
from capflow_gui.ui.theme import Theme

ENTRY = new_entry("*: main <= -80M")


def shown(theme: Theme, qtbot: QtBot, entry: RuleEntry, *channels: str) -> RuleTelling:
    made = RuleTelling(channels, theme)
    qtbot.addWidget(made)
    made.show_entry(entry)
    made.show()
    return made


@pytest.mark.parametrize("channels", [None, (), ("phone",), ("phone", "gone")])
def test_what_a_rule_has_comes_out_as_it_went_in(theme: Theme, qtbot: QtBot, channels: tuple[str, ...] | None) -> None:
    entry = replace(ENTRY, channels=channels, quiet="22:00-07:00", urgent=True)
    telling = shown(theme, qtbot, entry, "phone", "desk")
    assert telling.told(ENTRY) == entry
    assert telling.all.isChecked() is (channels is None)
    assert telling.boxes["desk"].isEnabled() is (channels is not None)


def test_all_channels_are_the_default_and_single_ones_are_chosen_from_there(theme: Theme, qtbot: QtBot) -> None:
    telling, edited = shown(theme, qtbot, ENTRY, "phone", "desk"), list[bool]()
    telling.edited.connect(lambda: edited.append(True))
    telling.boxes["phone"].click()
    assert (telling.told(ENTRY), edited) == (ENTRY, [])
    telling.all.click()
    telling.boxes["phone"].click()
    assert telling.told(ENTRY).channels == ("desk",)
    assert len(edited) == 2


def test_where_no_channel_is_set_up_it_says_so(theme: Theme, qtbot: QtBot) -> None:
    telling = shown(theme, qtbot, ENTRY)
    assert (telling._none.isVisible(), telling._none.text(), telling.all.isVisible()) == (True, NO_CHANNEL, False)
    assert telling.told(ENTRY) == ENTRY


def test_where_nothing_is_sent_it_offers_no_way_to_set_a_channel_up(theme: Theme, qtbot: QtBot) -> None:
    telling = RuleTelling(None, theme)
    qtbot.addWidget(telling)
    telling.show_entry(ENTRY)
    telling.show()
    assert (telling._none.isVisible(), telling._none.text(), telling.all.isVisible()) == (True, NOTHING_SENT, False)


@pytest.mark.parametrize(("text", "fault"), [("", ""), (" 22:00-07:00 ", ""), ("22-7", QUIET_FAULT)])
def test_quiet_hours_are_read_or_the_fault_is_said(theme: Theme, qtbot: QtBot, text: str, fault: str) -> None:
    telling = shown(theme, qtbot, ENTRY, "phone")
    telling.quiet.setText(text)
    telling.quiet.textEdited.emit(text)
    assert telling.fault() == fault
    assert telling.quiet.property("fault") == ("true" if fault else "false")
