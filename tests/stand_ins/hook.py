"""A receiver of webhooks in a thread of its own, for programs that run in this thread or in another process."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Hook:
    """What was received, and how it is answered: with `status`, as soon as `gate` is set."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.status = 200
        self.gate = threading.Event()
        self.gate.set()
        self.received: list[tuple[str, dict[str, Any]]] = []  # webhook-id and body
        self.arrived = threading.Semaphore(0)

    @property
    def ids(self) -> list[str]:
        """The idempotency key of each request."""
        return [key for key, _ in self.received]


@contextmanager
def hook() -> Iterator[Hook]:
    """A receiver on loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            made.received.append((self.headers["webhook-id"], body))
            made.arrived.release()
            made.gate.wait()
            self.send_response(made.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = False

        def handle_error(self, *_: object) -> None:
            """Whoever asked was killed."""

    server = Server(("127.0.0.1", 0), Handler)
    made = Hook(f"http://127.0.0.1:{server.server_address[1]}/hooks/hush-hush-hush")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield made
    finally:
        made.gate.set()
        server.shutdown()
        thread.join()
        server.server_close()
