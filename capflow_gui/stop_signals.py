"""The signals that ask a program to end: Ctrl-C, a kill, a closed terminal."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

INTERRUPT = signal.SIGINT
if sys.platform == "win32":
    # SIGBREAK comes when the console window is closed, and with Ctrl-Break.
    ENDINGS = (signal.SIGTERM, signal.SIGBREAK)
else:
    ENDINGS = (signal.SIGTERM, signal.SIGHUP)
_WAKE_S = 0.25


@contextmanager
def stop_on_signals(stop: Callable[[], object], *, interrupt: bool = True) -> Iterator[None]:
    """While inside, these signals call `stop` on the running loop; Ctrl-C among them where `interrupt`.

    A signal that whoever started the program has it ignore, as nohup does, stays ignored.
    """
    wanted = (*ENDINGS, *([INTERRUPT] if interrupt else []))
    numbers = [number for number in wanted if signal.getsignal(number) is not signal.SIG_IGN]
    loop = asyncio.get_running_loop()
    if sys.platform == "win32":
        # The loop has no add_signal_handler there, and a handler runs only when the interpreter wakes up.
        def wake() -> None:
            nonlocal waking
            waking = loop.call_later(_WAKE_S, wake)

        waking = loop.call_later(_WAKE_S, wake)
        previous = {number: signal.signal(number, lambda *_: stop()) for number in numbers}
        try:
            yield
        finally:
            waking.cancel()
            for number, handler in previous.items():
                signal.signal(number, handler)
    else:
        for number in numbers:
            loop.add_signal_handler(number, stop)
        try:
            yield
        finally:
            for number in numbers:
                loop.remove_signal_handler(number)
