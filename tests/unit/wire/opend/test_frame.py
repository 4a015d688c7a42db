from __future__ import annotations

import hashlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.errors import LocalProtocolError, RemoteProtocolError
from capflow_gui.wire.opend.frame import HEADER, Frame, FrameDecoder, encode_frame, open_body, text_of

BODIES = st.lists(st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.binary(max_size=300)), max_size=6)


def test_header_is_44_bytes_laid_out_as_documented() -> None:
    frame = encode_frame(3211, 7, b"hello")
    assert HEADER.size == 44
    assert frame[:2] == b"FT"
    assert int.from_bytes(frame[2:6], "little") == 3211
    assert frame[6:8] == b"\0\0"
    assert int.from_bytes(frame[8:12], "little") == 7
    assert int.from_bytes(frame[12:16], "little") == 5
    assert frame[16:36] == hashlib.sha1(b"hello").digest()
    assert frame[36:44] == bytes(8)
    assert frame[44:] == b"hello"


@given(BODIES, st.data())
def test_any_chunking_gives_the_same_frames(bodies: list[tuple[int, int, bytes]], data: st.DataObject) -> None:
    stream = b"".join(encode_frame(*body) for body in bodies)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(stream)), max_size=20)) | {0, len(stream)})
    decoder = FrameDecoder()
    frames: list[Frame] = []
    for start, stop in pairwise(cuts):
        found, fault = decoder.receive(stream[start:stop])
        assert fault is None
        frames += found
    assert [(f.proto_id, f.serial, open_body(f)) for f in frames] == bodies
    assert decoder.buffered == 0


def test_one_byte_at_a_time() -> None:
    stream = encode_frame(1, 2, b"x" * 500) + encode_frame(3, 4, b"")
    decoder = FrameDecoder()
    frames = [frame for byte in stream for frame in decoder.receive(bytes((byte,)))[0]]
    assert [(f.proto_id, f.serial, len(f.body)) for f in frames] == [(1, 2, 500), (3, 4, 0)]


@given(st.binary(min_size=1, max_size=100), st.integers(0, 43))
def test_a_wrong_magic_ends_the_stream_at_its_first_bytes(garbage: bytes, keep: int) -> None:
    if garbage[:2] == b"FT"[: len(garbage[:2])]:
        garbage = b"H" + garbage
    decoder = FrameDecoder()
    frames, fault = decoder.receive(encode_frame(1, 1, b"good") + garbage)
    assert len(frames) == 1
    assert fault is not None
    assert "not_a_frame" in str(fault)
    assert decoder.receive(encode_frame(1, 2, b"more")) == ([], fault)


def test_a_huge_length_is_fatal_before_its_body_comes() -> None:
    head = HEADER.pack(b"FT", 3211, 0, 0, 1, 0xFFFFFFFF, bytes(20), bytes(8))
    frames, fault = FrameDecoder().receive(head)
    assert frames == []
    assert fault is not None
    assert "4294967295" in str(fault)


def test_json_bodies_are_refused() -> None:
    head = HEADER.pack(b"FT", 3211, 1, 0, 1, 2, hashlib.sha1(b"{}").digest(), bytes(8))
    _, fault = FrameDecoder().receive(head + b"{}")
    assert fault is not None
    assert "format=1" in str(fault)


def test_a_bad_digest_costs_one_frame_only() -> None:
    good = encode_frame(1, 1, b"good")
    spoiled = bytearray(encode_frame(1, 2, b"bad"))
    spoiled[-1] ^= 1
    frames, fault = FrameDecoder().receive(bytes(spoiled) + good)
    assert fault is None
    with pytest.raises(RemoteProtocolError, match="sha_mismatch"):
        open_body(frames[0])
    assert open_body(frames[1]) == b"good"


def test_what_cannot_be_sent_is_our_own_error() -> None:
    with pytest.raises(LocalProtocolError, match="does_not_fit"):
        encode_frame(1, 2**32, b"")
    with pytest.raises(LocalProtocolError, match="body_too_long"):
        encode_frame(1, 1, bytes(16 * 1024 * 1024 + 1))


def test_a_wrong_magic_in_a_whole_header_ends_the_stream_too() -> None:
    good = encode_frame(3211, 1, b"hello")
    frames, fault = FrameDecoder().receive(good + b"XT" + good[2:])
    assert [frame.serial for frame in frames] == [1]
    assert isinstance(fault, RemoteProtocolError)


@pytest.mark.parametrize(
    ("value", "text"), [("OpenD", "OpenD"), (b"\xe8\x85", "\\xe8\\x85"), ("未知".encode(), "未知")]
)
def test_a_text_that_is_no_utf_8_is_seen_and_breaks_nothing(value: object, text: str) -> None:
    assert text_of(value) == text
