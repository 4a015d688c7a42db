"""JSON-RPC 2.0 without I/O: bytes into lines, a line into calls, and what came of them into a line.

Source: https://www.jsonrpc.org/specification. A line holds one message or a batch of them.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
UNKNOWN_METHOD = -32601
BAD_ARGUMENTS = -32602
INTERNAL_ERROR = -32603
REFUSED = -32000  # a broker's refusal, or whatever else keeps a good question from being answered

LONGEST_LINE = 1 << 20  # bytes
LARGEST_BATCH = 100

Id = str | int | float | None
Params = Mapping[str, Any] | Sequence[Any] | None


@dataclass(frozen=True, slots=True)
class RpcError:
    """The error of an answer. `data` has more about it, for programs."""

    code: int
    message: str
    data: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A request, or (`is_notification`) one that wants no answer."""

    method: str
    params: Params = None
    id: Id = None
    is_notification: bool = False


@dataclass(frozen=True, slots=True)
class Faulty:
    """A message that is no request; `id` is its own where it has a usable one."""

    id: Id
    error: RpcError


@dataclass(frozen=True, slots=True)
class Message:
    """What a line holds. `is_batch`: the answers are one list."""

    calls: Sequence[Call | Faulty]
    is_batch: bool = False


@dataclass(slots=True)
class Lines:
    """Cuts a stream of bytes into lines; of one that is longer than `longest` bytes nothing is kept."""

    longest: int = LONGEST_LINE
    _held: bytearray = field(default_factory=bytearray)
    _is_skipping: bool = False

    def feed(self, data: bytes) -> Iterator[bytes | None]:
        """The lines that end in `data`, without what ends them; None for one that was too long."""
        *ended, rest = data.split(b"\n")
        for part in ended:
            yield self._end(part)
        if self._is_skipping or len(self._held) + len(rest) > self.longest:
            self._held.clear()
            self._is_skipping = True
        else:
            self._held += rest

    def _end(self, part: bytes) -> bytes | None:
        line, is_long = bytes(self._held) + part, self._is_skipping
        self._held.clear()
        self._is_skipping = False
        return None if is_long or len(line) > self.longest else line.removesuffix(b"\r")

    def finish(self) -> bytes | None:
        """The last line, which nothing ended; empty where there is none."""
        return self._end(b"")


TOO_LONG = Message([Faulty(None, RpcError(INVALID_REQUEST, f"The line is longer than {LONGEST_LINE} bytes."))])


def read_message(line: bytes) -> Message:
    """Read a line. What is wrong with it is in its place among the calls."""
    try:
        document = msgspec.json.decode(line.removeprefix(codecs.BOM_UTF8))
    except RecursionError:
        return Message([Faulty(None, RpcError(PARSE_ERROR, "It is nested too deeply."))])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return Message([Faulty(None, RpcError(PARSE_ERROR, f"This is not JSON: {error}."))])
    if not isinstance(document, list):
        return Message([_read_call(document)])
    if not document:
        return Message([Faulty(None, RpcError(INVALID_REQUEST, "The batch is empty."))])
    if len(document) > LARGEST_BATCH:
        said = f"The batch has {len(document)} requests; at most {LARGEST_BATCH} are taken."
        return Message([Faulty(None, RpcError(INVALID_REQUEST, said))])
    return Message([_read_call(each) for each in document], is_batch=True)


def _read_call(document: object) -> Call | Faulty:
    if not isinstance(document, dict):
        return _faulty(None, "A request is an object.")
    number = document.get("id")
    if isinstance(number, bool) or not isinstance(number, str | int | float | None):
        return _faulty(None, '"id" is neither a text, a number nor null.')
    if document.get("jsonrpc") != "2.0":
        return _faulty(number, '"jsonrpc" is not "2.0".')
    method, params = document.get("method"), document.get("params")
    if not isinstance(method, str):
        return _faulty(number, '"method" is missing, or is not a text.')
    if not isinstance(params, dict | list | None):
        return _faulty(number, '"params" is neither an object nor a list.')
    return Call(method, params, number, is_notification="id" not in document)


def _faulty(number: Id, sentence: str) -> Faulty:
    return Faulty(number, RpcError(INVALID_REQUEST, sentence))


def result_object(number: Id, result: object) -> dict[str, Any]:
    """The answer to a call."""
    return {"jsonrpc": "2.0", "id": number, "result": result}


def error_object(number: Id, error: RpcError) -> dict[str, Any]:
    """The answer to a call that failed."""
    said: dict[str, Any] = {"code": error.code, "message": error.message}
    if error.data is not None:
        said["data"] = error.data
    return {"jsonrpc": "2.0", "id": number, "error": said}


def notification_object(method: str, params: object) -> dict[str, Any]:
    """A notification to a client."""
    return {"jsonrpc": "2.0", "method": method, "params": params}


def to_text(document: object) -> str:
    """JSON on one line, without what ends it. A number that is none is null."""
    return msgspec.json.encode(document).decode()
