from __future__ import annotations

from itertools import pairwise

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.errors import LocalProtocolError
from capflow_gui.wire.events import Broken, Dead, Pushed, TimedOut, Unmatched, Unreadable
from capflow_gui.wire.opend.cipher import RsaKey
from capflow_gui.wire.opend.frame import PLAIN, BodyCipher, Frame, FrameDecoder, Proto, encode_frame, open_body
from capflow_gui.wire.opend.protocol import (
    Answer,
    Event,
    InitRejected,
    InitTimedOut,
    InitUnreadable,
    KeepAliveUnanswered,
    OpendConnection,
    Ready,
    State,
)
from capflow_gui.wire.pb.opend import init_connect_pb2, keep_alive_pb2

KEY = RsaKey(rsa.generate_private_key(65537, 1024))
AES, IV = "0123456789ABCDEF", "ABCDEF0123456789"


def init_answer(serial: int = 1, cipher: BodyCipher = PLAIN, *, iv: str = "", interval: int = 10) -> bytes:
    s2c = init_connect_pb2.S2C(
        serverVer=1011, loginUserID=2**63 + 1, connID=2**60 + 3, connAESKey=AES, keepAliveInterval=interval
    )
    if iv:
        s2c.aesCBCiv = iv
    answer = init_connect_pb2.Response(retType=0, s2c=s2c)
    return encode_frame(Proto.INIT_CONNECT, serial, answer.SerializeToString(), cipher)


def ready(now: float = 0.0) -> OpendConnection:
    connection = OpendConnection()
    connection.connect(now)
    assert not connection.ready
    (event,) = connection.receive_data(init_answer(), now)
    assert isinstance(event, Ready)
    assert connection.ready
    return connection


def frame_of(data: bytes) -> Frame:
    ((frame,), fault) = FrameDecoder().receive(data)
    assert fault is None
    return frame


def test_the_first_frame_is_init_connect_with_serial_one() -> None:
    frame = frame_of(OpendConnection(client_id="me").connect(0.0))
    assert (frame.proto_id, frame.serial) == (1001, 1)
    c2s = init_connect_pb2.Request.FromString(open_body(frame)).c2s
    assert (c2s.clientVer, c2s.clientID, c2s.recvNotify, c2s.packetEncAlgo) == (300, "me", True, -1)


def test_ready_tells_the_facts_of_the_answer() -> None:
    connection = OpendConnection()
    connection.connect(0.0)
    (event,) = connection.receive_data(init_answer(), 0.1)
    assert event == Ready(1011, 2**63 + 1, 2**60 + 3, 10.0, encrypted=False)
    assert connection.state is State.READY


@pytest.mark.parametrize("iv", ["", IV])
def test_the_answer_chooses_the_session_cipher(iv: str) -> None:
    connection = OpendConnection(KEY)
    asked = init_connect_pb2.Request.FromString(open_body(frame_of(connection.connect(0.0)), KEY)).c2s
    assert asked.packetEncAlgo == 2
    (event,) = connection.receive_data(init_answer(cipher=KEY, iv=iv), 0.0)
    assert isinstance(event, Ready)
    assert event.encrypted
    cipher = KEY.session_cipher(AES, iv)
    serial, data = connection.request(3211, b"question", 0.0)
    assert open_body(frame_of(data), cipher) == b"question"
    answers = connection.receive_data(encode_frame(3211, serial, b"answer", cipher), 0.0)
    assert [a.body for a in answers if isinstance(a, Answer)] == [b"answer"]


def test_a_key_on_one_side_only_is_unreadable() -> None:
    keyed, plain = OpendConnection(KEY), OpendConnection()
    keyed.connect(0.0)
    plain.connect(0.0)
    assert isinstance(keyed.receive_data(init_answer(), 0.0)[0], InitUnreadable)
    assert isinstance(plain.receive_data(init_answer(cipher=KEY), 0.0)[0], InitUnreadable)
    assert keyed.closed
    assert plain.closed


def test_init_refused_in_the_servers_words() -> None:
    connection = OpendConnection()
    connection.connect(0.0)
    body = init_connect_pb2.Response(retType=-1, retMsg="需要手机验证码").SerializeToString()
    assert connection.receive_data(encode_frame(1001, 1, body), 0.0) == [InitRejected(-1, "需要手机验证码")]
    assert connection.closed
    assert connection.receive_data(init_answer(), 0.0) == []


@pytest.mark.parametrize("body", [b"", b"\xff\xff", b"\x08\x00"])
def test_an_init_answer_that_says_nothing(body: bytes) -> None:
    connection = OpendConnection()
    connection.connect(0.0)
    (event,) = connection.receive_data(encode_frame(1001, 1, body), 0.0)
    assert isinstance(event, InitUnreadable)


def test_init_times_out_after_eight_seconds() -> None:
    connection = OpendConnection()
    connection.connect(100.0)
    assert connection.next_deadline() == 108.0
    assert connection.handle_timer(107.9, 0.0) == (b"", [])
    assert connection.handle_timer(108.0, 0.0) == (b"", [InitTimedOut(0)])
    assert connection.closed
    assert connection.next_deadline() is None


def test_frames_before_the_init_answer_match_nothing() -> None:
    connection = OpendConnection()
    connection.connect(0.0)
    events = connection.receive_data(encode_frame(3211, 1, b"early") + init_answer(serial=9) + init_answer(), 0.0)
    assert events[:2] == [Unmatched(3211, 1), Unmatched(1001, 9)]
    assert isinstance(events[2], Ready)


def test_requests_before_ready_and_twice_connected_are_our_bug() -> None:
    connection = OpendConnection()
    with pytest.raises(LocalProtocolError):
        connection.request(3211, b"", 0.0)
    connection.connect(0.0)
    with pytest.raises(LocalProtocolError):
        connection.connect(0.0)


def test_answers_are_matched_by_protocol_and_serial_in_any_order() -> None:
    connection = ready()
    first, _ = connection.request(3211, b"a", 0.0)
    second, _ = connection.request(3203, b"b", 0.0)
    assert (first, second) == (2, 3)
    events = connection.receive_data(
        encode_frame(3203, second, b"B")
        + encode_frame(3203, first, b"wrong protocol")
        + encode_frame(3211, 99, b"nobody asked")
        + encode_frame(1003, first, b"push with a serial of ours")
        + encode_frame(3211, first, b"A")
        + encode_frame(3211, first, b"twice"),
        0.0,
    )
    assert [(e.serial, e.body) for e in events if isinstance(e, Answer)] == [(second, b"B"), (first, b"A")]
    assert [e for e in events if isinstance(e, Unmatched)] == [
        Unmatched(3203, first),
        Unmatched(3211, 99),
        Unmatched(3211, first),
    ]
    assert [e for e in events if isinstance(e, Pushed)] == [Pushed(1003, b"push with a serial of ours")]


def test_a_bad_digest_fails_its_request_alone() -> None:
    connection = ready()
    first, _ = connection.request(3211, b"a", 0.0)
    second, _ = connection.request(3211, b"b", 0.0)
    spoiled = bytearray(encode_frame(3211, first, b"A"))
    spoiled[20] ^= 0xFF
    events = connection.receive_data(bytes(spoiled) + encode_frame(3211, second, b"B"), 0.0)
    assert isinstance(events[0], Unreadable)
    assert events[0].number == first
    assert isinstance(events[1], Answer)
    assert not connection.closed


def test_garbage_breaks_the_connection_after_the_good_frames() -> None:
    connection = ready()
    serial, _ = connection.request(3211, b"a", 0.0)
    events = connection.receive_data(encode_frame(3211, serial, b"A") + b"HTTP/1.1 400", 0.0)
    assert isinstance(events[0], Answer)
    assert isinstance(events[1], Broken)
    assert connection.closed


def test_requests_expire_oldest_first_and_late_answers_match_nothing() -> None:
    connection = ready()
    first, _ = connection.request(3211, b"a", 1.0)
    connection.receive_data(b"", 1.0)
    second, _ = connection.request(3211, b"b", 2.0)
    third, _ = connection.request(3211, b"c", 3.0)
    connection.forget(third)
    connection.handle_timer(8.0, 0.0)
    connection.receive_data(b"", 8.0)
    assert connection.next_deadline() == 13.0
    assert connection.handle_timer(13.0, 0.0)[1] == [TimedOut(first)]
    assert connection.handle_timer(14.0, 0.0)[1] == [TimedOut(second)]
    late = encode_frame(3211, first, b"late")
    assert connection.receive_data(late, 14.5) == [Unmatched(3211, first)]


def test_keep_alive_every_four_fifths_of_the_interval() -> None:
    connection = ready()
    assert connection.next_deadline() == 8.0
    data, events = connection.handle_timer(8.0, 1234.5)
    assert events == []
    frame = frame_of(data)
    assert frame.proto_id == 1004
    assert keep_alive_pb2.Request.FromString(open_body(frame)).c2s.time == 1234
    assert connection.receive_data(encode_frame(1004, frame.serial, b""), 8.1) == []
    assert connection.next_deadline() == 16.0
    assert connection.handle_timer(16.0, 0.0)[1] == []


def test_unanswered_keep_alives_are_counted_while_other_bytes_come() -> None:
    connection = ready()
    connection.handle_timer(8.0, 0.0)
    connection.receive_data(encode_frame(1003, 1, b"push"), 15.0)
    assert connection.handle_timer(16.0, 0.0)[1] == [KeepAliveUnanswered(1)]
    connection.receive_data(encode_frame(1003, 2, b"push"), 23.0)
    data, events = connection.handle_timer(24.0, 0.0)
    assert events == [KeepAliveUnanswered(2)]
    connection.receive_data(encode_frame(1004, frame_of(data).serial, b""), 24.1)
    assert connection.handle_timer(32.0, 0.0)[1] == []


def test_two_and_a_half_silent_intervals_are_death() -> None:
    connection = ready()
    connection.handle_timer(8.0, 0.0)
    connection.handle_timer(16.0, 0.0)
    connection.handle_timer(24.0, 0.0)
    assert connection.next_deadline() == 25.0
    assert connection.handle_timer(25.0, 0.0) == (b"", [Dead(25.0)])
    assert connection.closed


@pytest.mark.parametrize("interval", [0, -5, 100000])
def test_an_absurd_interval_falls_back_to_ten_seconds(interval: int) -> None:
    connection = OpendConnection()
    connection.connect(0.0)
    connection.receive_data(init_answer(interval=interval), 0.0)
    assert connection.next_deadline() == 8.0


STREAM = (
    init_answer()
    + encode_frame(3211, 2, b"A" * 200)
    + encode_frame(1003, 7, b"push")
    + encode_frame(3203, 2, b"stranger")
    + b"".join(encode_frame(3211, serial, b"x") for serial in range(3, 6))
    + b"garbage"
)


def run(pieces: list[bytes]) -> list[Event]:
    connection = OpendConnection()
    connection.connect(0.0)
    events: list[Event] = []
    asked = False
    for piece in pieces:
        events += connection.receive_data(piece, 0.0)
        if not asked and connection.state is State.READY:
            asked = True
            for _ in range(5):
                connection.request(3211, b"q", 0.0)
    return [Broken(e.error) if isinstance(e, Broken) else e for e in events]


@given(st.sets(st.integers(1, len(STREAM) - len(init_answer()) - 1), max_size=30))
def test_any_chunking_gives_the_same_events(cuts: set[int]) -> None:
    head, rest = init_answer(), STREAM[len(init_answer()) :]
    whole = run([head, rest])
    edges = sorted(cuts | {0, len(rest)})
    pieces = run([head, *(rest[a:b] for a, b in pairwise(edges))])
    assert [e for e in pieces if not isinstance(e, Broken)] == [e for e in whole if not isinstance(e, Broken)]
    assert len(whole) == len(pieces) == 8
    assert isinstance(pieces[-1], Broken)
