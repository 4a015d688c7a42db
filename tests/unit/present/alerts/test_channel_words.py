"""Channels in words: every kind and field has some, and results say what, when and why."""

from __future__ import annotations

from datetime import UTC

import msgspec
import pytest

from capflow_gui.delivery.model import Failed, Result, RetryAt, Sent, SetUpWrong
from capflow_gui.delivery.plan import DeliveryState
from capflow_gui.present.alerts.channel_words import (
    KIND_NAMES,
    VARIABLE_NAME,
    ChannelNews,
    channel_line,
    channel_news,
    field_fault,
    field_words,
    words_of_test,
)
from capflow_gui.reason import Code, Reason
from capflow_gui.settings.channels import KINDS, SlackSettings
from capflow_gui.storage.alert_history import Sending

AT = 1654656125.5
WHY = Reason.of(Code.CHANNEL_OFF)
UNSET = Reason.of(Code.SETTING_UNUSABLE, key="token", why=Reason.of(Code.VARIABLE_NOT_SET, variable="PHONE_TOKEN"))
UNKEPT = Reason.of(Code.SETTING_UNUSABLE, key="token", why=Reason.of(Code.SECRET_NOT_KEPT, name="channels.team.token"))


def test_every_kind_and_field_has_words() -> None:
    assert set(KIND_NAMES) == set(KINDS)
    for name, kind in KINDS.items():
        for field in msgspec.structs.fields(kind):
            caption, hint = field_words(name, field.name)
            assert caption
            assert hint == hint.strip()
    assert field_words("telegram", "token") == ("Token", "@BotFather gives it.")


def test_a_channel_is_named_with_its_kind_and_whether_it_is_on() -> None:
    assert channel_line("desk", SlackSettings(address="keyring", enabled=False)) == "desk · Slack · off"


def test_a_fault_is_a_sentence() -> None:
    assert field_fault(Reason.of(Code.WHOLE_NUMBER_BETWEEN, low=1, high=600)) == "Write a whole number from 1 to 600."
    elsewhere = Reason.of(Code.SECRET_ELSEWHERE)
    assert field_fault(elsewhere, variable=True) == VARIABLE_NAME
    assert field_fault(elsewhere) != VARIABLE_NAME


def sending(state: DeliveryState, **facts: object) -> Sending:
    given = {"attempts": 1, "created": AT, "done_at": None, "receipt": "", "reason": None, "title": "700.HK"}
    return Sending(state.value, **given | facts)  # type: ignore[arg-type]


def test_news_say_what_when_and_why() -> None:
    assert channel_news([]) == ChannelNews("Nothing sent yet")
    sent = sending(DeliveryState.SENT, done_at=AT + 2, receipt="id 7", attempts=2)
    failed = sending(DeliveryState.FAILED, done_at=AT, reason=WHY)
    assert channel_news([sent, failed], UTC) == ChannelNews(
        "Sent 2022-06-08 02:42:07 · receipt id 7 · 2 attempts · 1 of the last 2 did not arrive",
        trouble=False,
        messages=(
            "700.HK\nSent 2022-06-08 02:42:07 · receipt id 7 · 2 attempts",
            "700.HK\nRefused 2022-06-08 02:42:05 · this channel is off",
        ),
    )
    only = channel_news([failed], UTC)
    assert (only.last, only.trouble) == ("Refused 2022-06-08 02:42:05 · this channel is off", True)
    unset = channel_news([sending(DeliveryState.SET_UP_WRONG, reason=UNSET)], UTC)
    assert unset.last == (
        "Not sent, the set-up is wrong 2022-06-08 02:42:05 · token: the environment variable PHONE_TOKEN is not set"
    )
    waits = channel_news([sending(DeliveryState.WAITING)], UTC)
    assert (waits.last, waits.trouble) == ("Waits 2022-06-08 02:42:05", False)


@pytest.mark.parametrize(
    ("result", "title", "advice"),
    [
        (Sent("7"), "The test was sent to team at 02:42:05.", "Receipt 7."),
        (Sent(), "The test was sent to team at 02:42:05.", "It gives no receipt."),
        (RetryAt(1.0, WHY), "The test did not reach team at 02:42:05.", "This channel is off."),
        (SetUpWrong(WHY), "team refused the test: its set-up is wrong.", "This channel is off."),
        (
            SetUpWrong(UNSET),
            "The test of team was not sent at 02:42:05.",
            (
                "Token: the environment variable PHONE_TOKEN is not set. "
                "Set it and start Capflow again, or keep the secret in the keyring."
            ),
        ),
        (
            SetUpWrong(UNKEPT),
            "The test of team was not sent at 02:42:05.",
            (
                "Token: this computer's keyring holds nothing for capflow under the name channels.team.token: "
                "enter it in the window (Channels…)."
            ),
        ),
        (Failed(WHY), "team refused the test.", "This channel is off."),
    ],
    ids=str,
)
def test_a_test_says_how_it_went(result: Result, title: str, advice: str) -> None:
    told = words_of_test("team", result, AT, UTC)
    assert (told.title, told.advice, told.sent) == (title, advice, isinstance(result, Sent))
