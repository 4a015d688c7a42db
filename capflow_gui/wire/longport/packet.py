"""Longport's packets, both directions: a big-endian header of 11, 10 or 5 bytes, then the body.

Over WebSocket one binary message is one packet; over TCP packets follow each other, after two bytes of handshake.
Source: Longbridge OpenAPI docs, "Socket"; where they contradict themselves (the verify bit) the official clients.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from dataclasses import dataclass
from enum import IntEnum

from capflow_gui.errors import LocalProtocolError, RemoteProtocolError
from capflow_gui.reason import Code, Reason

MAX_BODY = 0xFFFFFF
MAX_INFLATED = 32 * 1024 * 1024
MAX_TIMEOUT_MS = 60_000
MAX_REQUEST_ID = 0xFFFFFFFF

_PROTOCOL_VERSION = 1
_CODEC_PROTOBUF = 1
_PLATFORM_OPENAPI = 9
HANDSHAKE = bytes((_PROTOCOL_VERSION | _CODEC_PROTOBUF << 4, _PLATFORM_OPENAPI))
WEBSOCKET_QUERY = f"version={_PROTOCOL_VERSION}&codec={_CODEC_PROTOBUF}&platform={_PLATFORM_OPENAPI}"

_KIND_BITS = 0x0F
_VERIFY_BIT = 0x10
_GZIP_BIT = 0x20
_VERIFY_BYTES = 24  # a nonce of 8 and a signature of 16, after the body and not counted in its length
_REQUEST = struct.Struct(">BBIHBH")
_RESPONSE = struct.Struct(">BBIBBH")
_PUSH = struct.Struct(">BBBH")
_GZIP_WINDOW = 16 + zlib.MAX_WBITS


class Kind(IntEnum):
    """What a packet is."""

    REQUEST = 1
    RESPONSE = 2
    PUSH = 3


class Command(IntEnum):
    """The commands Capflow speaks."""

    CLOSE = 0
    HEARTBEAT = 1
    AUTH = 2
    RECONNECT = 3
    PROFILE = 4
    TRADE_SESSIONS = 8
    TRADE_DAYS = 9
    STATIC_INFO = 10
    QUOTE = 11
    CAPITAL_FLOW = 24
    CAPITAL_DISTRIBUTION = 25
    CALC_INDEX = 26


class Status(IntEnum):
    """How a response says it went. 6 is not in the docs: it is seen with code 403, too many connections."""

    SUCCESS = 0
    SERVER_TIMEOUT = 1
    CLIENT_TIMEOUT = 2
    BAD_REQUEST = 3
    BAD_RESPONSE = 4
    UNAUTHENTICATED = 5
    PERMISSION_DENIED = 6
    SERVER_ERROR = 7
    CLIENT_ERROR = 8


_HEADERS = {Kind.REQUEST: _REQUEST, Kind.RESPONSE: _RESPONSE, Kind.PUSH: _PUSH}


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet. `body` is as it came: still compressed where `zipped`; see open_body.

    request_id is 0 in a push; status is a response's, timeout_ms a request's.
    """

    kind: Kind
    command: int
    body: bytes
    request_id: int = 0
    status: int = 0
    timeout_ms: int = 0
    zipped: bool = False


def encode_packet(packet: Packet, *, verify: bytes = b"") -> bytes:
    """Return header and body; the body is compressed here where `packet.zipped`.

    `verify` is the 24 bytes of nonce and signature, or nothing. Raises LocalProtocolError.
    """
    body = gzip.compress(packet.body, mtime=0) if packet.zipped else packet.body
    if len(body) > MAX_BODY:
        raise LocalProtocolError(Reason.of(Code.BODY_TOO_LONG, length=len(body), most=MAX_BODY, command=packet.command))
    if not 0 <= packet.command <= 0xFF or not 0 <= packet.request_id <= MAX_REQUEST_ID:
        raise LocalProtocolError(
            Reason.of(Code.DOES_NOT_FIT, what=f"command {packet.command}, request {packet.request_id}")
        )
    if not 0 <= packet.timeout_ms <= MAX_TIMEOUT_MS:
        raise LocalProtocolError(Reason.of(Code.DOES_NOT_FIT, what=f"timeout {packet.timeout_ms} ms"))
    if len(verify) not in (0, _VERIFY_BYTES):
        raise LocalProtocolError(Reason.of(Code.DOES_NOT_FIT, what=f"verification of {len(verify)} bytes"))
    flags = packet.kind | (_VERIFY_BIT if verify else 0) | (_GZIP_BIT if packet.zipped else 0)
    length = (len(body) >> 16, len(body) & 0xFFFF)
    match packet.kind:
        case Kind.REQUEST:
            head = _REQUEST.pack(flags, packet.command, packet.request_id, packet.timeout_ms, *length)
        case Kind.RESPONSE:
            head = _RESPONSE.pack(flags, packet.command, packet.request_id, packet.status, *length)
        case Kind.PUSH:
            head = _PUSH.pack(flags, packet.command, *length)
    return b"".join((head, body, verify))


def open_body(packet: Packet, most: int = MAX_INFLATED) -> bytes:
    """Return the plain body. Raises RemoteProtocolError where it is not one gzip member of at most `most` bytes."""
    if not packet.zipped:
        return packet.body
    inflater = zlib.decompressobj(_GZIP_WINDOW)
    try:
        # One byte more than allowed tells a body that is just long enough from one that goes on.
        plain = inflater.decompress(packet.body, most + 1)
    except zlib.error as error:
        raise RemoteProtocolError(Reason.of(Code.GZIP_UNREADABLE, command=packet.command, error=str(error))) from error
    if len(plain) > most:
        raise RemoteProtocolError(Reason.of(Code.GZIP_TOO_LONG, command=packet.command, most=most))
    if not inflater.eof or inflater.unused_data:
        raise RemoteProtocolError(Reason.of(Code.GZIP_END, command=packet.command))
    return plain


def decode_message(message: bytes) -> Packet:
    """Return the packet that a binary WebSocket message is. Raises RemoteProtocolError where it is not exactly one."""
    found, size = _cut(message, 0)
    if found is None:
        raise RemoteProtocolError(Reason.of(Code.MESSAGE_TOO_SHORT, length=len(message)))
    if size != len(message):
        raise RemoteProtocolError(Reason.of(Code.MESSAGE_TOO_LONG, length=len(message), packet=size))
    return found


class PacketDecoder:
    """Cuts a TCP stream into packets, however it is chunked.

    There is no mark to find the next packet by: after a RemoteProtocolError every later call returns it again.
    """

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._held = 0
        self._need = 1
        self._fault: RemoteProtocolError | None = None

    @property
    def buffered(self) -> int:
        """Bytes of an unfinished packet."""
        return self._held

    def receive(self, data: bytes) -> tuple[list[Packet], RemoteProtocolError | None]:
        """Return the packets completed by `data`, in order, and the fault that ended the stream, if one did."""
        if self._fault is not None:
            return [], self._fault
        self._pieces.append(data)
        self._held += len(data)
        if self._held < self._need:
            return [], None
        buffer = b"".join(self._pieces)
        packets: list[Packet] = []
        offset = 0
        try:
            while offset < len(buffer):
                found, size = _cut(buffer, offset)
                if found is None:
                    self._need = size
                    break
                packets.append(found)
                offset += size
            else:
                self._need = 1
        except RemoteProtocolError as error:
            self._fault = error
        rest = buffer[offset:]
        self._pieces = [rest] if rest else []
        self._held = len(rest)
        return packets, self._fault


class HandshakeReader:
    """The server's first step on a TCP connection: takes the client's two bytes off the stream."""

    def __init__(self) -> None:
        self._missing = HANDSHAKE

    def receive(self, data: bytes) -> bytes:
        """Return what follows the handshake, nothing while it is incomplete. Raises RemoteProtocolError."""
        count = min(len(data), len(self._missing))
        if data[:count] != self._missing[:count]:
            raise RemoteProtocolError(Reason.of(Code.NOT_A_HANDSHAKE, start=repr(data[:count])))
        self._missing = self._missing[count:]
        return data[count:]


def _cut(buffer: bytes, at: int) -> tuple[Packet | None, int]:
    """Return the packet at an offset and its size; (None, bytes needed from there) while it is incomplete."""
    flags = buffer[at] if at < len(buffer) else None
    if flags is None:
        return None, 1
    try:
        kind = Kind(flags & _KIND_BITS)
    except ValueError:
        raise RemoteProtocolError(Reason.of(Code.NOT_A_PACKET, start=repr(bytes(buffer[at : at + 16])))) from None
    header = _HEADERS[kind]
    if len(buffer) - at < header.size:
        return None, header.size
    fields = header.unpack_from(buffer, at)
    length = fields[-2] << 16 | fields[-1]
    start = at + header.size
    size = header.size + length + (_VERIFY_BYTES if flags & _VERIFY_BIT else 0)
    if len(buffer) - at < size:
        return None, size
    body = bytes(buffer[start : start + length])
    zipped = bool(flags & _GZIP_BIT)
    match kind:
        case Kind.REQUEST:
            packet = Packet(kind, fields[1], body, fields[2], timeout_ms=fields[3], zipped=zipped)
        case Kind.RESPONSE:
            packet = Packet(kind, fields[1], body, fields[2], status=fields[3], zipped=zipped)
        case Kind.PUSH:
            packet = Packet(kind, fields[1], body, zipped=zipped)
    return packet, size
