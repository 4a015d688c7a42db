from __future__ import annotations

import socket

import pytest

from capflow_gui.delivery.sockets import MOST, PIECE, BoundedSocket


def _pair() -> tuple[socket.socket, BoundedSocket]:
    """A peer, and the bounded socket that is connected to it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        bounded = BoundedSocket(socket.AF_INET, socket.SOCK_STREAM)
        bounded.settimeout(5.0)
        bounded.connect(server.getsockname())
        return server.accept()[0], bounded


@pytest.mark.parametrize("into", [False, True])
def test_a_peer_is_heard_in_pieces_and_not_without_end(into: bool) -> None:
    peer, bounded = _pair()
    buffer = bytearray(1 << 20)

    def receive() -> int:
        return bounded.recv_into(buffer) if into else len(bounded.recv(1 << 20))

    with peer, bounded:
        assert bounded.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) <= 4 * PIECE
        peer.settimeout(5.0)
        received = 0
        while received < MOST:
            peer.send(b"x" * PIECE)
            found = receive()
            assert 0 < found <= PIECE
            received += found
        with pytest.raises(ConnectionResetError):
            receive()


def test_it_receives_as_any_socket_does() -> None:
    peer, bounded = _pair()
    with peer, bounded:
        peer.send(b"abcdef")
        assert bounded.recv(2, socket.MSG_PEEK) == b"ab"
        assert bounded.recv(2) == b"ab"
        buffer = bytearray(8)
        assert bounded.recv_into(buffer, 2) == 2
        assert bytes(buffer) == b"cd" + bytes(6)
        peer.shutdown(socket.SHUT_WR)
        assert bounded.recv(8) == b"ef"
        assert bounded.recv(8) == b""
        assert bounded.recv_into(buffer) == 0
