"""A provider over a loopback OpenD that answers as a test wants it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from google.protobuf.message import Message

from capflow_gui.domain.symbol import Symbol
from capflow_gui.providers.opend.provider import OpendProvider
from capflow_gui.wire.opend.frame import Proto
from capflow_gui.wire.pb.opend import (
    qot_common_pb2,
)
from tests.integration.rude_opend import ManualClock, RudeOpend, provided

HK, US, JP = 1, 11, 41


TENCENT, APPLE = Symbol.parse("700.HK"), Symbol.parse("AAPL.US")


class Asked:
    """A provider and the server behind it."""

    def __init__(self, provider: OpendProvider, server: RudeOpend, clock: ManualClock) -> None:
        self.provider = provider
        self.server = server
        self.clock = clock

    def answer(self, proto: Proto, *answers: Message) -> None:
        """Answer requests of `proto` with these, one after the other, the last one again and again."""
        left: Iterator[Message] = iter(answers)
        self.server.on[proto] = lambda peer, serial, body: peer.send(proto, serial, next(left, answers[-1]))

    def bodies(self, proto: Proto) -> list[bytes]:
        return [body for number, _, body in self.server.peer.requests if number == proto]


@asynccontextmanager
async def connected() -> AsyncIterator[Asked]:
    clock = ManualClock()
    async with RudeOpend() as server, provided(server.port, clock) as provider:
        yield Asked(provider, server, clock)


def static(market: int, code: str, kind: int = 3) -> qot_common_pb2.SecurityStaticInfo:
    basic = qot_common_pb2.SecurityStaticBasic(
        security=qot_common_pb2.Security(market=market, code=code),
        id=1, lotSize=100, secType=kind, name=f"name of {code}", listTime="2004-06-16",
    )  # fmt: skip
    return qot_common_pb2.SecurityStaticInfo(basic=basic)
