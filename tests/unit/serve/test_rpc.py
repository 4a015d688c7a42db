from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.serve import rpc
from capflow_gui.serve.rpc import Call, Faulty, Lines, read_message


def only(line: bytes) -> Call | Faulty:
    (call,) = read_message(line).calls
    return call


def test_a_request_a_notification_and_arguments_by_place() -> None:
    assert only(b'{"jsonrpc": "2.0", "id": "a", "method": "m", "params": [1]}') == Call("m", [1], "a")
    assert only(b'{"jsonrpc": "2.0", "method": "m"}') == Call("m", None, None, is_notification=True)
    # An id of null wants an answer.
    assert only(b'\xef\xbb\xbf{"jsonrpc": "2.0", "id": null, "method": "m"}') == Call("m")


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        (b"", rpc.PARSE_ERROR, "not JSON"),
        (b"{", rpc.PARSE_ERROR, "not JSON"),
        (b"\xff\xfe", rpc.PARSE_ERROR, "not JSON"),
        (b'{"a\xff": 1}', rpc.PARSE_ERROR, "not JSON"),
        (b'"\\ud800"', rpc.PARSE_ERROR, "not JSON"),
        (b"1e999", rpc.PARSE_ERROR, "not JSON"),
        (b"[" * 100_000, rpc.PARSE_ERROR, "nested too deeply"),
        (b"[]", rpc.INVALID_REQUEST, "batch is empty"),
        (b"[" + b"1," * 200 + b"1]", rpc.INVALID_REQUEST, "201 requests; at most 100"),
        (b"7", rpc.INVALID_REQUEST, "is an object"),
        (b'{"id": 3, "method": "m"}', rpc.INVALID_REQUEST, '"jsonrpc" is not "2.0"'),
        (b'{"jsonrpc": "2.0", "id": 3}', rpc.INVALID_REQUEST, '"method" is missing'),
        (b'{"jsonrpc": "2.0", "id": 3, "method": 1}', rpc.INVALID_REQUEST, '"method" is missing'),
        (b'{"jsonrpc": "2.0", "id": true, "method": "m"}', rpc.INVALID_REQUEST, '"id" is neither'),
        (b'{"jsonrpc": "2.0", "id": [], "method": "m"}', rpc.INVALID_REQUEST, '"id" is neither'),
        (b'{"jsonrpc": "2.0", "id": 3, "method": "m", "params": 1}', rpc.INVALID_REQUEST, '"params" is neither'),
    ],
)
def test_what_is_no_request_says_what_is_wrong(line: bytes, code: int, words: str) -> None:
    found = only(line)
    assert isinstance(found, Faulty)
    assert found.error.code == code
    assert words in found.error.message
    assert found.id == (3 if b'"id": 3' in line else None)


def test_a_batch_keeps_what_is_wrong_in_its_place() -> None:
    message = read_message(b'[{"jsonrpc": "2.0", "id": 1, "method": "a"}, 5]')
    assert message.is_batch
    assert [type(each) for each in message.calls] == [Call, Faulty]


def test_objects_are_written_on_one_line_and_a_number_that_is_none_is_null() -> None:
    assert rpc.to_text(rpc.result_object(1, {"net": float("nan"), "name": "騰訊\n"})) == (
        '{"jsonrpc":"2.0","id":1,"result":{"net":null,"name":"騰訊\\n"}}'
    )
    failed = rpc.error_object(None, rpc.RpcError(-1, "no", {"kind": "NoData"}))
    assert failed["error"] == {"code": -1, "message": "no", "data": {"kind": "NoData"}}
    assert rpc.error_object(None, rpc.RpcError(-1, "no"))["error"] == {"code": -1, "message": "no"}
    assert rpc.notification_object("flow", {}) == {"jsonrpc": "2.0", "method": "flow", "params": {}}


@given(st.lists(st.binary(max_size=30).filter(lambda line: b"\n" not in line)), st.integers(1, 9))
def test_lines_are_the_same_however_they_are_cut(lines: list[bytes], size: int) -> None:
    stream = b"".join(line + b"\n" for line in lines)
    cut = Lines(longest=20)
    found = [line for at in range(0, len(stream), size) for line in cut.feed(stream[at : at + size])]
    assert found == [None if len(line) > 20 else line.removesuffix(b"\r") for line in lines]
    assert cut.finish() == b""


def test_a_line_that_never_ends_takes_no_room_and_the_next_one_is_read() -> None:
    lines = Lines(longest=100)
    for _ in range(1000):
        assert list(lines.feed(b"x" * 64)) == []
    assert len(lines._held) <= 100
    assert list(lines.feed(b"\n{}\r\nrest")) == [None, b"{}"]
    assert lines.finish() == b"rest"


def test_the_answer_to_a_line_that_is_too_long() -> None:
    (call,) = rpc.TOO_LONG.calls
    assert isinstance(call, Faulty)
    assert msgspec.json.decode(rpc.to_text(rpc.error_object(call.id, call.error)))["error"]["code"] == -32600
