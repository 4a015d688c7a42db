from __future__ import annotations

import gzip
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.errors import LocalProtocolError, RemoteProtocolError
from capflow_gui.wire.longport.packet import (
    HANDSHAKE,
    WEBSOCKET_QUERY,
    HandshakeReader,
    Kind,
    Packet,
    PacketDecoder,
    decode_message,
    encode_packet,
    open_body,
)

BYTE, ID, BODY = st.integers(0, 255), st.integers(0, 2**32 - 1), st.binary(max_size=300)
PLAIN = st.one_of(
    st.builds(Packet, st.just(Kind.REQUEST), BYTE, BODY, ID, timeout_ms=st.integers(0, 60_000), zipped=st.booleans()),
    st.builds(Packet, st.just(Kind.RESPONSE), BYTE, BODY, ID, status=BYTE, zipped=st.booleans()),
    st.builds(Packet, st.just(Kind.PUSH), BYTE, BODY, zipped=st.booleans()),
)
SENT = st.lists(st.tuples(PLAIN, st.sampled_from((b"", bytes(range(24))))), max_size=6)


def facts(packet: Packet) -> tuple[object, ...]:
    return packet.kind, packet.command, packet.request_id, packet.status, packet.timeout_ms, open_body(packet)


def as_sent(packet: Packet) -> tuple[object, ...]:
    return packet.kind, packet.command, packet.request_id, packet.status, packet.timeout_ms, packet.body


def test_headers_are_laid_out_as_documented() -> None:
    request = encode_packet(Packet(Kind.REQUEST, 24, b"hello", 7, timeout_ms=30_000))
    assert request == b"\x01\x18\x00\x00\x00\x07\x75\x30\x00\x00\x05hello"
    response = encode_packet(Packet(Kind.RESPONSE, 24, b"hello", 7, status=3))
    assert response == b"\x02\x18\x00\x00\x00\x07\x03\x00\x00\x05hello"
    assert encode_packet(Packet(Kind.PUSH, 0, b"hello")) == b"\x03\x00\x00\x00\x05hello"
    assert encode_packet(Packet(Kind.PUSH, 0, b""), verify=bytes(24))[0] == 0x13
    assert encode_packet(Packet(Kind.PUSH, 0, b"", zipped=True))[0] == 0x23


def test_the_handshake() -> None:
    assert HANDSHAKE == b"\x11\x09"
    assert WEBSOCKET_QUERY == "version=1&codec=1&platform=9"
    reader = HandshakeReader()
    assert [reader.receive(part) for part in (b"\x11", b"\x09\x01", b"more")] == [b"", b"\x01", b"more"]
    with pytest.raises(RemoteProtocolError, match="not_a_handshake"):
        HandshakeReader().receive(b"GET / HTTP/1.1")


@given(SENT, st.data())
def test_any_chunking_gives_the_same_packets(sent: list[tuple[Packet, bytes]], data: st.DataObject) -> None:
    stream = b"".join(encode_packet(packet, verify=verify) for packet, verify in sent)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(stream)), max_size=20)) | {0, len(stream)})
    decoder = PacketDecoder()
    found: list[Packet] = []
    for start, stop in pairwise(cuts):
        packets, fault = decoder.receive(stream[start:stop])
        assert fault is None
        found += packets
    assert [facts(packet) for packet in found] == [as_sent(packet) for packet, _ in sent]
    assert decoder.buffered == 0


@given(PLAIN, st.sampled_from((b"", bytes(24))))
def test_a_message_is_one_packet(packet: Packet, verify: bytes) -> None:
    message = encode_packet(packet, verify=verify)
    assert facts(decode_message(message)) == as_sent(packet)
    with pytest.raises(RemoteProtocolError, match="message_too_long"):
        decode_message(message + b"\x00")
    with pytest.raises(RemoteProtocolError, match="message_too_short"):
        decode_message(message[:-1])


@given(st.binary(min_size=1, max_size=40))
def test_an_unknown_kind_ends_the_stream(garbage: bytes) -> None:
    if garbage[0] & 0x0F in (1, 2, 3):
        garbage = b"H" + garbage
    decoder = PacketDecoder()
    packets, fault = decoder.receive(encode_packet(Packet(Kind.PUSH, 101, b"good")) + garbage)
    assert len(packets) == 1
    assert fault is not None
    assert "not_a_packet" in str(fault)
    assert decoder.receive(encode_packet(Packet(Kind.PUSH, 101, b""))) == ([], fault)


def test_one_byte_at_a_time() -> None:
    stream = encode_packet(Packet(Kind.RESPONSE, 24, b"x" * 5000, 1)) + encode_packet(Packet(Kind.PUSH, 0, b""))
    decoder = PacketDecoder()
    found = [packet for byte in stream for packet in decoder.receive(bytes((byte,)))[0]]
    assert [(packet.kind, len(packet.body)) for packet in found] == [(Kind.RESPONSE, 5000), (Kind.PUSH, 0)]


def test_a_compressed_body_is_opened_up_to_a_limit() -> None:
    bomb = Packet(Kind.RESPONSE, 24, gzip.compress(bytes(1_000_000)), 1, zipped=True)
    assert len(open_body(bomb, 1_000_000)) == 1_000_000
    with pytest.raises(RemoteProtocolError, match=r"gzip_too_long.*999999"):
        open_body(bomb, 999_999)


@pytest.mark.parametrize(
    "body", [b"not gzip", gzip.compress(b"cut off", mtime=0)[:-3], gzip.compress(b"one", mtime=0) + b"x", b""]
)
def test_a_compressed_body_is_one_whole_member(body: bytes) -> None:
    with pytest.raises(RemoteProtocolError, match="gzip"):
        open_body(Packet(Kind.PUSH, 0, body, zipped=True))


@pytest.mark.parametrize(
    ("packet", "verify", "said"),
    [
        (Packet(Kind.REQUEST, 256, b"", 1), b"", "does_not_fit"),
        (Packet(Kind.REQUEST, 24, b"", 2**32), b"", "does_not_fit"),
        (Packet(Kind.REQUEST, 24, b"", 1, timeout_ms=60_001), b"", "60001 ms"),
        (Packet(Kind.REQUEST, 24, bytes(1 << 24), 1), b"", "body_too_long"),
        (Packet(Kind.REQUEST, 24, b"", 1), b"short", "verification"),
    ],
)
def test_what_cannot_be_sent_is_our_own_error(packet: Packet, verify: bytes, said: str) -> None:
    with pytest.raises(LocalProtocolError, match=said):
        encode_packet(packet, verify=verify)


def test_an_empty_message_is_no_packet() -> None:
    with pytest.raises(RemoteProtocolError):
        decode_message(b"")
