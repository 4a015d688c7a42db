from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.errors import LocalProtocolError
from capflow_gui.wire.events import Broken, Dead, Pushed, TimedOut, Unmatched, Unreadable
from capflow_gui.wire.longport.packet import Kind, Packet, decode_message, encode_packet
from capflow_gui.wire.longport.protocol import (
    Answer,
    AuthRejected,
    AuthTimedOut,
    ClosedByServer,
    Event,
    LongportConnection,
    PingDue,
    Ready,
    Rejected,
    Reply,
    State,
)
from capflow_gui.wire.pb.longport import control_pb2

SESSION = control_pb2.Session(session_id="s-1", expires=1_700_000_000_000, limit=10, online=2).SerializeToString()


def response(command: int, request_id: int, body: bytes = b"", status: int = 0, *, zipped: bool = False) -> bytes:
    return encode_packet(Packet(Kind.RESPONSE, command, body, request_id, status=status, zipped=zipped))


def refusal(code: int, msg: str) -> bytes:
    return control_pb2.Error(code=code, msg=msg).SerializeToString()


def ready(*, native_ping: bool = True, first_id: int = 1) -> LongportConnection:
    connection = LongportConnection(native_ping=native_ping, first_id=first_id)
    connection.authenticate("otp", {}, 0.0)
    assert not connection.ready
    (event,) = connection.receive_message(response(2, first_id, SESSION), 0.0)
    assert isinstance(event, Ready)
    assert connection.ready
    return connection


def test_a_new_session() -> None:
    connection = LongportConnection()
    sent = decode_message(connection.authenticate("otp", {"accept-language": "en"}, 5.0))
    assert (sent.kind, sent.command, sent.request_id) == (Kind.REQUEST, 2, 1)
    asked = control_pb2.AuthRequest.FromString(sent.body)
    assert (asked.token, dict(asked.metadata)) == ("otp", {"accept-language": "en"})
    assert connection.receive_message(response(2, 1, SESSION, zipped=True), 6.0) == [
        Ready("s-1", 1_700_000_000.0, 10, 2, resumed=False)
    ]
    assert connection.state is State.READY


def test_an_earlier_session_is_resumed_and_its_expiry_is_absolute_too() -> None:
    connection = LongportConnection()
    sent = decode_message(connection.resume("s-0", {}, 5.0))
    assert sent.command == 3
    assert control_pb2.ReconnectRequest.FromString(sent.body).session_id == "s-0"
    assert connection.receive_message(response(3, 1, SESSION), 6.0) == [
        Ready("s-1", 1_700_000_000.0, 10, 2, resumed=True)
    ]


def test_a_refused_session_closes() -> None:
    connection = LongportConnection()
    connection.resume("s-0", {}, 0.0)
    events = connection.receive_message(response(3, 1, refusal(401003, "expired"), 5), 0.1)
    assert events == [AuthRejected(5, 401003, "expired", resumed=True)]
    assert connection.closed


def test_an_unanswered_login_closes() -> None:
    connection = LongportConnection(auth_timeout_s=8)
    assert connection.next_deadline() is None
    connection.authenticate("otp", {}, 1.0)
    assert connection.next_deadline() == 9.0
    assert connection.handle_timer(8.9, 0.0) == []
    assert connection.handle_timer(9.0, 0.0) == [AuthTimedOut()]
    assert connection.closed


@pytest.mark.parametrize("body", [b"\xff\xff", b""])
def test_a_login_answer_must_carry_a_session(body: bytes) -> None:
    connection = LongportConnection()
    connection.authenticate("otp", {}, 0.0)
    (event,) = connection.receive_message(response(2, 1, body), 0.0)
    assert isinstance(event, Broken)
    assert connection.closed


def test_requests_are_matched_by_id_and_command() -> None:
    connection = ready()
    first, packet = connection.request(24, b"ask", 1.0)
    second, _ = connection.request(11, b"", 1.0)
    sent = decode_message(packet)
    assert (first, second, sent.request_id, sent.timeout_ms, sent.body) == (2, 3, 2, 12_000, b"ask")
    assert connection.receive_message(response(11, first), 1.1) == [Unmatched(11, first)]
    assert connection.receive_message(response(11, second, b"two"), 1.1) == [Answer(11, second, b"two")]
    assert connection.receive_message(response(24, first, b"one", zipped=True), 1.2) == [Answer(24, first, b"one")]
    assert connection.receive_message(response(24, first, b"one"), 1.3) == [Unmatched(24, first)]
    assert connection.in_flight == 0


def test_a_refusal_keeps_status_and_code_apart() -> None:
    """301600 is our mistake under status 3 and an unknown symbol under status 7."""
    connection = ready()
    for status, body, said in (
        (3, refusal(301600, "invalid request"), (301600, "invalid request")),
        (7, refusal(301600, "symbol not found"), (301600, "symbol not found")),
        (6, b"", (0, "")),
        (7, b"\xff\xff\xff", (0, "")),
    ):
        number, _ = connection.request(24, b"", 0.0)
        events = connection.receive_message(response(24, number, body, status), 0.0)
        assert events == [Rejected(24, number, status, *said)]
    number, _ = connection.request(24, b"", 0.0)
    broken = encode_packet(Packet(Kind.RESPONSE, 24, b"", number, status=7))
    assert connection.receive_message(bytes((broken[0] | 0x20,)) + broken[1:], 0.0) == [Rejected(24, number, 7, 0, "")]


def test_a_body_that_cannot_be_opened_costs_its_request_alone() -> None:
    connection = ready()
    number, _ = connection.request(24, b"", 0.0)
    spoiled = bytearray(encode_packet(Packet(Kind.RESPONSE, 24, b"lines", number, zipped=True)))
    spoiled[-9] ^= 0xFF
    (event,) = connection.receive_message(bytes(spoiled), 0.0)
    assert isinstance(event, Unreadable)
    assert event.number == number
    assert not connection.closed
    number, _ = connection.request(24, b"", 0.0)
    assert connection.receive_message(response(24, number), 0.0) == [Answer(24, number, b"")]


def test_time_outs_and_late_answers() -> None:
    connection = ready()
    first, _ = connection.request(24, b"", 1.0)
    second, _ = connection.request(24, b"", 2.0)
    third, _ = connection.request(24, b"", 2.5)
    connection.forget(third)
    assert connection.next_deadline() == 13.0
    assert connection.handle_timer(13.0, 0.0) == [TimedOut(first)]
    assert connection.receive_message(response(24, first), 13.5) == [Unmatched(24, first)]
    assert connection.handle_timer(14.6, 0.0) == [TimedOut(second)]


def test_ids_wrap_and_pass_over_what_is_pending() -> None:
    connection = ready(first_id=2**32 - 2)
    assert connection.request(24, b"", 0.0)[0] == 2**32 - 1
    assert connection.request(24, b"", 0.0)[0] == 1
    assert connection.request(24, b"", 0.0)[0] == 2
    again = ready(first_id=2**32 - 1)
    held = [again.request(24, b"", 0.0)[0] for _ in range(3)]
    again._next_id = 1
    assert again.request(24, b"", 0.0)[0] not in held


def test_no_request_without_a_session() -> None:
    with pytest.raises(LocalProtocolError, match="opening"):
        LongportConnection().request(24, b"", 0.0)
    connection = ready()
    with pytest.raises(LocalProtocolError, match="ready"):
        connection.authenticate("otp", {}, 0.0)


def test_native_pings_and_the_dead_man() -> None:
    connection = ready()
    assert connection.next_deadline() == 20.0
    assert connection.handle_timer(20.0, 0.0) == [PingDue()]
    connection.heard(21.0)
    assert connection.handle_timer(40.0, 0.0) == [PingDue()]
    assert connection.handle_timer(60.0, 0.0) == [PingDue()]
    assert connection.next_deadline() == 80.0
    assert connection.handle_timer(81.0, 0.0) == [Dead(60.0)]
    assert connection.next_deadline() is None
    assert connection.handle_timer(200.0, 0.0) == []


def test_over_tcp_heartbeats_are_packets() -> None:
    connection = ready(native_ping=False)
    (reply,) = connection.handle_timer(20.0, 1_700_000_000.5)
    assert isinstance(reply, Reply)
    beat = decode_message(reply.data)
    assert beat.command == 1
    assert control_pb2.Heartbeat.FromString(beat.body).timestamp == 1_700_000_000_500
    assert connection.receive_data(response(1, beat.request_id, beat.body), 21.0) == []
    assert connection.receive_data(response(1, beat.request_id + 1), 21.0) == [Unmatched(1, beat.request_id + 1)]


def test_the_servers_heartbeat_is_echoed_under_its_id() -> None:
    connection = ready()
    beat = Packet(Kind.REQUEST, 1, b"\x08\x01", 77, timeout_ms=5)
    (reply,) = connection.receive_message(encode_packet(beat), 1.0)
    assert isinstance(reply, Reply)
    echo = decode_message(reply.data)
    assert (echo.kind, echo.command, echo.request_id, echo.status, echo.body) == (Kind.RESPONSE, 1, 77, 0, b"\x08\x01")


@pytest.mark.parametrize("code", range(7))
def test_a_close_push_says_why(code: int) -> None:
    connection = ready()
    connection.request(24, b"", 0.0)
    body = control_pb2.Close(code=code, reason="because").SerializeToString()  # type: ignore[arg-type]
    push = encode_packet(Packet(Kind.PUSH, 0, body))
    assert connection.receive_message(push, 1.0) == [ClosedByServer(code, "because")]
    assert connection.closed
    assert connection.in_flight == 0
    assert connection.receive_message(push, 1.0) == []


def test_other_pushes_are_passed_on() -> None:
    assert ready().receive_message(encode_packet(Packet(Kind.PUSH, 101, b"q")), 0.0) == [Pushed(101, b"q")]


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\x02\x18",
        b"\x0f" + bytes(20),
        encode_packet(Packet(Kind.PUSH, 0, b"\xff")),
        encode_packet(Packet(Kind.REQUEST, 24, b"", 1)),
    ],
)
def test_what_no_server_sends_breaks_the_connection(message: bytes) -> None:
    connection = ready()
    (event,) = connection.receive_message(message, 0.0)
    assert isinstance(event, Broken)
    assert connection.closed


@given(st.data())
def test_any_chunking_of_a_tcp_stream_gives_the_same_events(data: st.DataObject) -> None:
    stream = b"".join(
        (
            response(24, 2, b"x" * data.draw(st.integers(0, 400)), zipped=data.draw(st.booleans())),
            encode_packet(Packet(Kind.PUSH, 101, b"q", zipped=True), verify=bytes(24)),
            response(24, 3, refusal(301606, "slow down"), 3, zipped=data.draw(st.booleans())),
            encode_packet(Packet(Kind.REQUEST, 1, b"beat", 9)),
            encode_packet(Packet(Kind.PUSH, 0, b"")),
        )
    )
    whole = run(stream, [0, len(stream)])
    cuts = sorted(data.draw(st.sets(st.integers(0, len(stream)), max_size=30)) | {0, len(stream)})
    assert run(stream, cuts) == whole
    assert [type(event) for event in whole] == [Answer, Pushed, Rejected, Reply, ClosedByServer]


def run(stream: bytes, cuts: list[int]) -> list[Event]:
    connection = ready(native_ping=False)
    for _ in range(2):
        connection.request(24, b"", 0.0)
    return [event for start, stop in pairwise(cuts) for event in connection.receive_data(stream[start:stop], 0.0)]


def test_nothing_is_read_after_the_end() -> None:
    connection = ready(native_ping=False)
    stream = response(24, 99) + b"\xff" * 20 + response(24, 100)
    events = connection.receive_data(stream, 1.0)
    assert isinstance(events[-1], Broken)
    assert connection.receive_data(response(24, 101), 2.0) == []
    assert connection.receive_message(response(24, 101), 2.0) == []


def test_a_push_that_cannot_be_opened_is_told_and_the_connection_lives() -> None:
    connection = ready()
    push = bytearray(encode_packet(Packet(Kind.PUSH, 101, b"not gzip", 0)))
    push[0] |= 0x20  # gzip
    (event,) = connection.receive_message(bytes(push), 1.0)
    assert isinstance(event, Unreadable)
    assert connection.state is State.READY


def test_an_answer_to_nobody_before_the_login_is_unmatched() -> None:
    connection = LongportConnection()
    connection.authenticate("otp", {}, 0.0)
    assert connection.receive_message(response(24, 7), 0.5) == [Unmatched(24, 7)]
    assert connection.state is State.AUTHENTICATING


def test_a_login_answer_that_cannot_be_opened_breaks_the_connection() -> None:
    connection = LongportConnection()
    connection.authenticate("otp", {}, 0.0)
    answer = bytearray(response(2, 1, b"not gzip"))
    answer[0] |= 0x20  # gzip
    (event,) = connection.receive_message(bytes(answer), 0.5)
    assert isinstance(event, Broken)
