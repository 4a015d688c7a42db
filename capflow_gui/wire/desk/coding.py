"""How messages of a desk become bytes, and what is refused of those that come: see `messages`."""

from __future__ import annotations

import math
from typing import Annotated, TypeVar

import msgspec

from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import RemoteProtocolError, UpdateNeeded
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.desk.subjects import is_code

VERSION = 1
# The server's max_payload, headers included.
LONGEST_MESSAGE = 256 * 1024
_LATEST = 253402214400.0  # datetime's own range, a day short of its end

Name = Annotated[str, msgspec.Meta(max_length=64)]
Short = Annotated[str, msgspec.Meta(max_length=128)]
Text = Annotated[str, msgspec.Meta(max_length=4096)]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Version = Annotated[int, msgspec.Meta(ge=1, le=2**31)]

M = TypeVar("M")
encoder = msgspec.msgpack.Encoder()


class _Head(msgspec.Struct, array_like=True):
    version: int


_head = msgspec.msgpack.Decoder(_Head)


def decoded(decoder: msgspec.msgpack.Decoder[M], payload: bytes) -> M:
    """A message of the version that is known. Raises UpdateNeeded, RemoteProtocolError."""
    if len(payload) > LONGEST_MESSAGE:
        raise unreadable("length")
    try:
        found = _head.decode(payload).version
        if found != VERSION:
            raise UpdateNeeded(Reason.of(Code.DESK_NEWER, found=found, known=VERSION))
        return decoder.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise unreadable(type(error).__name__) from error


def is_second(number: float) -> bool:
    """Whether a number may be a time: finite, not negative, within the years there are."""
    return math.isfinite(number) and 0 <= number < _LATEST


def symbol_of(code: str, market: str) -> Symbol:
    """A symbol that can stand in a subject. Raises RemoteProtocolError."""
    if market not in Market.__members__ or not is_code(code):
        raise unreadable("symbol")
    return Symbol(Market(market), code)


def unreadable(what: str) -> RemoteProtocolError:
    """What is raised of a message that no Capflow writes; `what` is the part of it."""
    return RemoteProtocolError(Reason.of(Code.DESK_UNREADABLE, what=what))
