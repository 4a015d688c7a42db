from __future__ import annotations

import asyncio
import os

import msgspec
import pytest

from capflow_gui.errors import CapflowError
from capflow_gui.serve import rpc
from capflow_gui.serve.service import Service
from capflow_gui.serve.stdio import read_lines, serve_lines


def request(number: int, method: str, params: object = None) -> bytes:
    return msgspec.json.encode({"jsonrpc": "2.0", "id": number, "method": method, "params": params}) + b"\n"


async def test_lines_of_a_pipe_until_its_end() -> None:
    reading, writing = os.pipe()
    long = b"x" * (rpc.LONGEST_LINE + 1)

    def write() -> None:
        with os.fdopen(writing, "wb") as stream:
            stream.write(b"one\ntwo\r\n" + long + b"\nthree")

    sending = asyncio.create_task(asyncio.to_thread(write))
    assert [line async for line in read_lines(reading)] == [b"one", b"two", None, b"three"]
    await sending
    os.close(reading)


async def test_a_closed_descriptor_is_the_end() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    os.close(writing)
    assert [line async for line in read_lines(reading)] == []


async def test_what_was_asked_before_the_end_is_answered(service: Service) -> None:
    reading, writing = os.pipe()
    os.write(
        writing, request(1, "flow.get", {"symbols": ["5.HK"], "newest": 1}) + b"\n  \n{\n" + request(2, "quota.get")
    )
    os.close(writing)
    written: list[str] = []

    async def write(text: str) -> None:
        written.append(text)

    await serve_lines(service, read_lines(reading), write)
    os.close(reading)
    answers = {each.get("id"): each for each in map(msgspec.json.decode, written)}
    assert answers.keys() == {1, 2, None}
    assert answers[1]["result"]["flows"][0]["symbol"] == "5.HK"
    assert answers[None]["error"]["code"] == -32700
    assert all(text.endswith("\n") for text in written)


async def test_a_reader_that_is_gone_ends_it_though_nobody_asks_any_more(service: Service) -> None:
    reading, writing = os.pipe()
    os.write(writing, request(1, "subscribe", {"topics": ["link", "flow"]}))

    class Gone(CapflowError):
        """Nobody reads."""

    async def write(text: str) -> None:
        if "notification" in text or '"method":"flow"' in text:
            raise Gone

    with pytest.raises(Gone):
        await serve_lines(service, read_lines(reading), write)
    os.close(writing)
    assert service.monitor._subscriptions.shown == ()
