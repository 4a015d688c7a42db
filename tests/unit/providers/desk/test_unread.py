from __future__ import annotations

from collections.abc import Callable

from capflow_gui.errors import RemoteProtocolError
from capflow_gui.providers.desk.unread import MOST_SENDERS, QUIET_S, Unread
from capflow_gui.reason import Code, Reason
from tests.unit.conftest import HandClock

GARBAGE = RemoteProtocolError(Reason.of(Code.DESK_UNREADABLE, what="DecodeError"))
ODD = RemoteProtocolError(Reason.of(Code.DESK_LEFT_OUT, count=2))


def test_a_thousand_messages_of_one_sender_are_one_line_an_hour(
    hand_clock: HandClock, expect_log: Callable[[str], None]
) -> None:
    unread = Unread(hand_clock)
    expect_log("^WARNING .*unread: interest.ws01: desk_unreadable what=DecodeError$")
    for _ in range(999):
        unread.note("ws01", "interest.ws01", GARBAGE)
    unread.note("ws01", "interest.ws01", ODD)
    assert unread.recent() == {"ws01": (1000, ODD.reason)}
    hand_clock.move(QUIET_S)
    assert unread.recent() == {}
    expect_log(r"^WARNING .*unread: interest.ws01: desk_unreadable what=DecodeError \(999 more in the hour before\)$")
    unread.note("ws01", "interest.ws01", GARBAGE)
    assert unread.recent() == {"ws01": (1, GARBAGE.reason)}


def test_any_number_of_senders_takes_bounded_room(hand_clock: HandClock, expect_log: Callable[[str], None]) -> None:
    unread = Unread(hand_clock)
    expect_log("desk_unreadable")
    for number in range(MOST_SENDERS + 10):
        unread.note(f"user{number}", "interest", GARBAGE)
    assert len(unread.recent()) == MOST_SENDERS
    assert "user0" not in unread.recent()
