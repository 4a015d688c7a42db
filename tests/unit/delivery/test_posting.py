"""Who is told of what."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from capflow_gui.delivery.model import Message, Urgency
from capflow_gui.delivery.posting import Posting, Wishes, wishes_of
from capflow_gui.domain.alert_record import SOURCE_RULE, AlertChange, AlertEvent, AlertRecord, AlertState
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.domain.typed.rule_entry import RuleEntry, new_entry, threshold_entry
from capflow_gui.reason import Code, Reason
from capflow_gui.settings.channels import CommandSettings, PagerdutySettings, SlackSettings
from tests.unit.delivery.outgoing import message

RECORD = AlertRecord(
    "r7",
    "opend",
    Symbol(Market.HK, "700"),
    "net <= -200M",
    AlertState.ACTIVE,
    "2022-06-08",
    60,
    -2e8,
    -2e8,
    65.0,
    told=2,
)
CHANNELS = {
    "team": SlackSettings(address="keyring"),
    "duty": PagerdutySettings(key="keyring"),
    "desk": CommandSettings(command=["say"]),
}


def event(change: AlertChange) -> AlertEvent:
    return AlertEvent(65.0, change, RECORD, 60, -2e8, -2e8)


def worded(record: AlertRecord, _event: AlertEvent | None, key: str, at: float) -> Message:
    assert record is RECORD
    return message(key, at)


@pytest.mark.parametrize("change", [AlertChange.RAISED, AlertChange.ESCALATED, AlertChange.CANNOT_JUDGE])
def test_every_channel_is_told_of_an_alert(change: AlertChange) -> None:
    letters = list(Posting(CHANNELS, worded, lambda: None).announced(event(change), 70.0))
    assert [(letter.event, letter.channel, letter.record) for letter in letters] == [
        ("r7-2", "team", "r7"),
        ("r7-2", "duty", "r7"),
        ("r7-2", "desk", "r7"),
    ]
    assert all(msgspec.json.decode(letter.message, type=Message) == message("r7-2", 70.0) for letter in letters)


def test_no_channel_is_told_again_of_a_snoozed_alert_but_of_its_end() -> None:
    snoozed = replace(RECORD, snoozed_until=900.0)
    posting = Posting(CHANNELS, lambda _record, _event, key, at: message(key, at), lambda: None)
    for change in (AlertChange.ESCALATED, AlertChange.CANNOT_JUDGE):
        assert not list(posting.announced(replace(event(change), record=snoozed), 70.0))
    assert len(list(posting.announced(replace(event(AlertChange.CLEARED), record=snoozed), 70.0))) == 1


def test_its_end_is_for_those_who_want_it() -> None:
    posting = Posting(CHANNELS, worded, lambda: None)
    for change in (AlertChange.CLEARED, AlertChange.JUDGED_AGAIN):
        letters = posting.announced(event(change), 70.0)
        assert [(letter.event, letter.channel) for letter in letters] == [(f"r7-2-{change.value}", "duty")]
    letters = posting.acknowledged(RECORD, 70.0)
    assert [(letter.event, letter.channel) for letter in letters] == [("r7-2-acknowledged", "duty")]


def test_that_a_source_answers_again_is_told_to_all_and_that_its_session_is_over_is_not() -> None:
    record = replace(RECORD, rule_id=SOURCE_RULE, cannot_judge=True)
    posting = Posting(CHANNELS, lambda _record, _event, key, at: message(key, at), lambda: None)
    for code, told in ((Code.SOURCE_AGAIN, {"team", "duty", "desk"}), (Code.SESSION_ENDED, {"duty"})):
        over = AlertEvent(65.0, AlertChange.JUDGED_AGAIN, record, None, None, 0.0, Reason.of(code, source="opend"))
        assert {letter.channel for letter in posting.announced(over, 70.0)} == told


def test_that_a_source_is_lost_is_told_once_and_not_for_each_of_its_rules() -> None:
    gone = Reason.of(Code.SOURCE_RIGHT_LOST, source="opend", why=Reason.of(Code.CLOSED))
    silent = Reason.of(Code.SOURCE_SILENT, source="opend", since="09:40:00")
    posting = Posting(CHANNELS, worded, lambda: None)
    for why in (Reason.of(Code.NOT_CONNECTED), gone, silent):
        lost = replace(RECORD, cannot_judge=True, reason=why)
        assert list(posting.announced(replace(event(AlertChange.CANNOT_JUDGE), record=lost), 70.0)) == []


def test_a_rule_may_choose_its_channels() -> None:
    posting = Posting(CHANNELS, worded, lambda: None, lambda _record: Wishes({"desk", "gone"}, "22:00-07:00"))
    (letter,) = posting.announced(event(AlertChange.RAISED), 70.0)
    assert letter.channel == "desk"
    assert msgspec.json.decode(letter.message, type=Message).quiet == "22:00-07:00"


def test_the_alerts_of_a_rule_may_be_urgent_and_so_is_their_end() -> None:
    posting = Posting(CHANNELS, worded, lambda: None, lambda _record: Wishes({"duty"}, urgent=True))
    for change in (AlertChange.RAISED, AlertChange.CLEARED):
        (letter,) = posting.announced(event(change), 70.0)
        assert msgspec.json.decode(letter.message, type=Message).urgency is Urgency.URGENT


def test_channels_may_change() -> None:
    posting = Posting({}, worded, lambda: None)
    posting.use(CHANNELS)
    assert {letter.channel for letter in posting.announced(event(AlertChange.RAISED), 70.0)} == set(CHANNELS)
    assert [letter.channel for letter in posting.acknowledged(RECORD, 70.0)] == ["duty"]


def test_without_channels_nothing_is_worded() -> None:
    def never(*_: object) -> Message:
        raise AssertionError

    assert list(Posting({}, never, lambda: None).announced(event(AlertChange.RAISED), 70.0)) == []


def test_whoever_sends_is_rung() -> None:
    rung: list[str] = []
    Posting(CHANNELS, worded, lambda: rung.append("rung")).posted()
    assert rung == ["rung"]


def entry(text: str, channels: tuple[str, ...] | None, *, quiet: str = "", urgent: bool = False) -> RuleEntry:
    return replace(new_entry(text), channels=channels, quiet=quiet, urgent=urgent)


@pytest.mark.parametrize(
    ("covered", "wanted"),
    [
        (entry("700.HK: net <= -200M", ("phone",)), Wishes({"mail", "phone"})),
        (entry("700.HK: net <= -200M", None, urgent=True), Wishes(None, urgent=True)),
        (entry("700.HK: net <= -200M", ("mail",), quiet="23:00-06:00"), Wishes({"mail"}, "22:00-07:00")),
        (entry("5.HK: net <= -200M", ("phone",)), Wishes({"mail"}, "22:00-07:00")),
        (entry("700.HK: net <= -100M", ("phone",)), Wishes({"mail"}, "22:00-07:00")),
        (replace(entry("700.HK: net <= -200M", ("phone",)), enabled=False), Wishes({"mail"}, "22:00-07:00")),
        (threshold_entry(-2e8, None), Wishes({"mail"}, "22:00-07:00")),
    ],
)
def test_a_rule_that_another_one_covers_is_told_by_its_own_channels_too(covered: RuleEntry, wanted: Wishes) -> None:
    raises = entry("*: net <= -200M", ("mail",), quiet="22:00-07:00")
    rules = [raises, covered]
    assert wishes_of(rules, raises.id, RECORD.symbol, ()) == wanted
    assert wishes_of(rules, "gone", RECORD.symbol, ()) == Wishes()
