"""An OpenD that thinks about nothing: every capital-flow answer is made before it is asked for. Prints its port.

For `call.py`, where the simulator's own work would be most of the wall time. A thread a connection, blocking sockets:
the server's part of a call is reading 44 bytes and the request, and one write.
"""

from __future__ import annotations

import itertools
import socket
import struct
import threading
from collections.abc import Iterator
from hashlib import sha1

from decode_worker import LINES, body

from capflow_gui.wire.opend.frame import HEADER, MAGIC, Proto, encode_frame
from capflow_gui.wire.pb.opend import common_pb2, get_global_state_pb2, init_connect_pb2, keep_alive_pb2

FIRST_LINES = 360
MOVES = 3  # answers that move the newest line before there is one more
_SERIAL_AT = 8


def flow_answers() -> list[bytearray]:
    """Frames of a growing day, every one different from the one before."""
    frames = []
    for lines, moved in itertools.product(range(FIRST_LINES, LINES + 1), range(MOVES)):
        answer = body(newest=5.0 * moved, lines=lines)
        digest = sha1(answer, usedforsecurity=False).digest()
        frames.append(
            bytearray(HEADER.pack(MAGIC, Proto.CAPITAL_FLOW, 0, 0, 0, len(answer), digest, bytes(8)) + answer)
        )
    return frames


def other_answer(proto_id: int) -> bytes:
    """The answer to whatever a client asks besides, and needs."""
    match proto_id:
        case Proto.INIT_CONNECT:
            init = init_connect_pb2.Response(retType=0, retMsg="", errCode=0)
            init.s2c.MergeFrom(
                init_connect_pb2.S2C(
                    serverVer=1011, loginUserID=1, connID=1, connAESKey="0123456789abcdef", keepAliveInterval=10
                )
            )
            return init.SerializeToString()
        case Proto.GLOBAL_STATE:
            state = get_global_state_pb2.Response(retType=0, retMsg="", errCode=0)
            state.s2c.MergeFrom(
                get_global_state_pb2.S2C(
                    **dict.fromkeys(("marketHK", "marketUS", "marketSH", "marketSZ", "marketHKFuture"), 0),
                    qotLogined=True,
                    trdLogined=False,
                    serverVer=1011,
                    serverBuildNo=1,
                    time=1654800000,
                    programStatus=common_pb2.ProgramStatus(type=common_pb2.PROGRAM_STATUS_READY),
                )
            )
            return state.SerializeToString()
        case Proto.KEEP_ALIVE:
            alive = keep_alive_pb2.Response(retType=0, retMsg="", errCode=0)
            alive.s2c.time = 1654800000
            return alive.SerializeToString()
        case _:
            return init_connect_pb2.Response(
                retType=-1, retMsg=f"protocol {proto_id} is not served"
            ).SerializeToString()


def serve(connection: socket.socket, frames: list[bytearray]) -> None:
    """Answer until the client goes. Each symbol has its own place in the day."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    days: dict[bytes, Iterator[bytearray]] = {}
    # Frames are written to below: every connection has its own.
    own = [bytearray(frame) for frame in frames]
    with connection, connection.makefile("rb") as stream:
        while len(header := stream.read(HEADER.size)) == HEADER.size:
            _, proto_id, _, _, serial, length, _, _ = HEADER.unpack(header)
            request = stream.read(length)
            if proto_id != Proto.CAPITAL_FLOW:
                connection.sendall(encode_frame(proto_id, serial, other_answer(proto_id)))
                continue
            frame = next(days.setdefault(request, itertools.cycle(own)))
            struct.pack_into("<I", frame, _SERIAL_AT, serial)
            connection.sendall(frame)


def main() -> None:
    """Serve until the process is ended."""
    frames = flow_answers()
    with socket.create_server(("127.0.0.1", 0)) as server:
        print(server.getsockname()[1], flush=True)
        while True:
            connection, _ = server.accept()
            threading.Thread(target=serve, args=(connection, frames), daemon=True).start()


if __name__ == "__main__":
    main()
