"""OpenD's framing, both directions: a 44-byte little-endian header, then the body.

The header carries the SHA-1 of the body *before* encryption and the length of the body *as sent*. There is no mark to
find the next frame by: a header that cannot be one ends the connection. Source: FutuOpenD API docs, "Protocol".
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha1
from typing import Protocol

from capflow_gui.errors import LocalProtocolError, RemoteProtocolError
from capflow_gui.reason import Code, Reason

HEADER = struct.Struct("<2sIBBII20s8s")
MAGIC = b"FT"
FORMAT_PROTOBUF = 0
MAX_BODY = 16 * 1024 * 1024
_MAX_U32 = 0xFFFFFFFF
_RESERVED = bytes(8)


class Proto(IntEnum):
    """The protocol numbers Capflow speaks."""

    INIT_CONNECT = 1001
    GLOBAL_STATE = 1002
    NOTIFY = 1003
    KEEP_ALIVE = 1004
    STATIC_INFO = 3202
    SNAPSHOT = 3203
    CAPITAL_FLOW = 3211
    CAPITAL_DISTRIBUTION = 3212
    USER_SECURITY = 3213
    TRADE_DATE = 3219
    USER_SECURITY_GROUP = 3222
    MARKET_STATE = 3223
    SEARCH_QUOTE = 3262


# What OpenD sends unasked: its serials are the server's own and match no request.
PUSHES = frozenset({1003, 2208, 2218, 3005, 3007, 3009, 3011, 3013, 3015, 3019, 3261, 3310, 3450, 3451, 3452})


def text_of(value: object) -> str:
    """Return a message's string field as text.

    The protobuf runtime hands out bytes where a proto2 string is not UTF-8: those are escaped, so that a broken name
    is seen and breaks nothing else.
    """
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)


class BodyCipher(Protocol):
    """What turns a plain body into the bytes sent, and back. Every frame stands alone."""

    def encrypt(self, plain: bytes) -> bytes:
        """Return the bytes to send for `plain`."""

    def decrypt(self, sent: bytes) -> bytes:
        """Return the plain body; raise RemoteProtocolError where `sent` cannot be one of this cipher's."""


class PlainCipher:
    """No encryption."""

    def encrypt(self, plain: bytes) -> bytes:
        """Return `plain` itself."""
        return plain

    def decrypt(self, sent: bytes) -> bytes:
        """Return `sent` itself."""
        return sent


PLAIN = PlainCipher()


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame as it came: `body` is still encrypted where the connection is; `digest` is the plain body's SHA-1."""

    proto_id: int
    serial: int
    body: bytes
    digest: bytes = b""


def encode_frame(proto_id: int, serial: int, plain: bytes, cipher: BodyCipher = PLAIN) -> bytes:
    """Return header and body of one frame, the body encrypted by `cipher`. Raises LocalProtocolError."""
    if not 0 <= serial <= _MAX_U32 or not 0 <= proto_id <= _MAX_U32:
        raise LocalProtocolError(Reason.of(Code.DOES_NOT_FIT, what=f"protocol {proto_id}, serial {serial}"))
    sent = cipher.encrypt(plain)
    if len(sent) > MAX_BODY:
        raise LocalProtocolError(Reason.of(Code.BODY_TOO_LONG, length=len(sent), most=MAX_BODY, command=proto_id))
    return (
        HEADER.pack(
            MAGIC,
            proto_id,
            FORMAT_PROTOBUF,
            0,
            serial,
            len(sent),
            sha1(plain, usedforsecurity=False).digest(),
            _RESERVED,
        )
        + sent
    )


def open_body(frame: Frame, cipher: BodyCipher = PLAIN) -> bytes:
    """Return the plain body after checking its SHA-1. Raises RemoteProtocolError; only this frame is lost by it."""
    plain = cipher.decrypt(frame.body)
    if sha1(plain, usedforsecurity=False).digest() != frame.digest:
        raise RemoteProtocolError(Reason.of(Code.SHA_MISMATCH, command=frame.proto_id, serial=frame.serial))
    return plain


class FrameDecoder:
    """Cuts a byte stream into frames, however it is chunked.

    After a RemoteProtocolError the stream is lost: every later call raises it again.
    """

    def __init__(self, max_body: int = MAX_BODY) -> None:
        self._max_body = max_body
        self._pieces: list[bytes] = []
        self._held = 0
        self._need = HEADER.size
        self._fault: RemoteProtocolError | None = None

    @property
    def buffered(self) -> int:
        """Bytes of an unfinished frame."""
        return self._held

    def receive(self, data: bytes | memoryview) -> tuple[list[Frame], RemoteProtocolError | None]:
        """Return the frames completed by `data`, in order, and the fault that ended the stream, if one did.

        Nothing of `data` is kept by reference: the caller may use its buffer again.
        """
        if self._fault is not None:
            return [], self._fault
        if self._pieces:
            self._pieces.append(bytes(data))
            self._held += len(data)
            # While the header is incomplete every byte is looked at: a wrong magic is said at once, and a peer of
            # another kind may never send 44 bytes. A long body is joined once, when it is whole.
            if self._held < self._need and self._need != HEADER.size:
                return [], None
            data = b"".join(self._pieces)
        frames, offset = self._cut(data)
        self._held = len(data) - offset
        self._pieces = [bytes(data[offset:])] if self._held else []
        return frames, self._fault

    def _cut(self, buffer: bytes | memoryview) -> tuple[list[Frame], int]:
        frames: list[Frame] = []
        offset, size = 0, len(buffer)
        while True:
            if size - offset < HEADER.size:
                self._need = HEADER.size
                magic = bytes(buffer[offset : offset + len(MAGIC)])
                if not MAGIC.startswith(magic):
                    self._fault = _not_a_frame(buffer, offset)
                break
            magic, proto_id, fmt, _, serial, length, digest, _ = HEADER.unpack_from(buffer, offset)
            if magic != MAGIC:
                self._fault = _not_a_frame(buffer, offset)
                break
            if fmt != FORMAT_PROTOBUF:
                self._fault = RemoteProtocolError(Reason.of(Code.BODY_FORMAT, format=fmt, command=proto_id))
                break
            if length > self._max_body:
                self._fault = RemoteProtocolError(
                    Reason.of(Code.BODY_TOO_LONG, length=length, most=self._max_body, command=proto_id)
                )
                break
            end = offset + HEADER.size + length
            if end > size:
                self._need = HEADER.size + length
                break
            frames.append(Frame(proto_id, serial, bytes(buffer[offset + HEADER.size : end]), digest))
            offset = end
        return frames, offset


def _not_a_frame(buffer: bytes | memoryview, offset: int) -> RemoteProtocolError:
    return RemoteProtocolError(Reason.of(Code.NOT_A_FRAME, start=repr(bytes(buffer[offset : offset + 16]))))
