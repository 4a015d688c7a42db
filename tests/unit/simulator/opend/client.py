"""What the tests beside share."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from capflow_gui.simulator.opend.server import OpendSimulator, SimulatorConfig
from capflow_gui.wire.opend.cipher import RsaKey
from capflow_gui.wire.opend.frame import PLAIN, BodyCipher, Frame, FrameDecoder, Proto, encode_frame, open_body
from capflow_gui.wire.pb.opend import (
    get_global_state_pb2,
    init_connect_pb2,
    qot_get_capital_flow_pb2,
)

PATIENCE_S = 60.0


HELD = SimulatorConfig(speed=0)


class Client:
    """As little of a client as a test needs."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.decoder = FrameDecoder()
        self.frames: list[Frame] = []
        self.cipher: BodyCipher = PLAIN
        self.serial = 0

    def send(self, proto: int, message: Any) -> int:
        self.serial += 1
        self.writer.write(encode_frame(proto, self.serial, message.SerializeToString(), self.cipher))
        return self.serial

    async def receive(self) -> Frame:
        while not self.frames:
            data = await asyncio.wait_for(self.reader.read(1 << 17), PATIENCE_S)
            if not data:
                raise EOFError
            self.frames, fault = self.decoder.receive(data)
            if fault is not None:
                raise fault
        return self.frames.pop(0)

    async def call(self, proto: int, message: Any, response: Any) -> Any:
        serial = self.send(proto, message)
        frame = await self.receive()
        assert (frame.proto_id, frame.serial) == (proto, serial)
        response.ParseFromString(open_body(frame, self.cipher))
        return response

    async def init(self, key: RsaKey | None = None, algorithm: int | None = None) -> Any:
        request = init_connect_pb2.Request()
        request.c2s.clientVer, request.c2s.clientID, request.c2s.recvNotify = 300, "test", True
        if algorithm is not None:
            request.c2s.packetEncAlgo = algorithm
        self.serial += 1
        self.writer.write(encode_frame(1001, self.serial, request.SerializeToString(), key or PLAIN))
        response = init_connect_pb2.Response()
        response.ParseFromString(open_body(await self.receive(), key or PLAIN))
        if key is not None:
            self.cipher = key.session_cipher(response.s2c.connAESKey, response.s2c.aesCBCiv)
        return response

    async def flow(self, code: str = "00700", market: int = 1, period: int | None = None) -> Any:
        return await self.call(Proto.CAPITAL_FLOW, flow_request(code, market, period), new_flow())

    async def ended(self) -> bool:
        """Whether the server closed the connection, orderly or not."""
        try:
            return await asyncio.wait_for(self.reader.read(), PATIENCE_S) == b""
        except ConnectionError:
            return True

    async def close(self) -> None:
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()


Connect = Callable[[OpendSimulator], Awaitable[Client]]


def new_flow() -> Any:
    return qot_get_capital_flow_pb2.Response()


def flow_request(code: str = "00700", market: int = 1, period: int | None = None) -> Any:
    request = qot_get_capital_flow_pb2.Request()
    request.c2s.security.market, request.c2s.security.code = market, code
    if period is not None:
        request.c2s.periodType = period
    return request


def global_state_request() -> Any:
    request = get_global_state_pb2.Request()
    request.c2s.userID = 0
    return request


async def turns(count: int = 30) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def eventually(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.002)
