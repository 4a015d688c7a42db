"""The socket of a channel's connection: its peer can neither hold the event loop nor go on without end."""

from __future__ import annotations

import errno
import os
import socket
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

# Bytes at a time. Whoever is given a piece works it off at once, and it may hold hundreds of answers.
PIECE = 4096
# Bytes of a connection, encrypted as they may be. No service's answer to a message has a tenth of it.
MOST = 262_144


class BoundedSocket(socket.socket):
    """Receives PIECE bytes at a time, and MOST in all: after these it is broken.

    Windows' event loop reads past these methods: there the system's buffer bounds a piece, and nothing the whole.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._left = MOST
        self.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2 * PIECE)

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """Receive. Raises OSError."""
        data = super().recv(self._bounded(size), flags)
        self._left -= len(data)
        return data

    def recv_into(self, buffer: WriteableBuffer, size: int = 0, flags: int = 0, /) -> int:
        """Receive into a buffer. Raises OSError."""
        with memoryview(buffer) as view:
            received = super().recv_into(view, self._bounded(size or view.nbytes), flags)
        self._left -= received
        return received

    def _bounded(self, size: int) -> int:
        if self._left <= 0:
            raise ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))
        return min(size, PIECE)
