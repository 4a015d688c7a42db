"""Results on stdout and sentences on stderr. The disk may be full, the reader slow or gone."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import queue
import select
import stat
import sys
import threading
import unicodedata
from collections.abc import Iterator
from concurrent.futures import Future
from io import RawIOBase
from typing import TYPE_CHECKING, TextIO

from capflow_gui.errors import CapflowError
from capflow_gui.present.language.texts import N_, _

if TYPE_CHECKING:  # verbs that show what is recorded have none
    from capflow_gui.monitor import Monitor

SIMULATED = N_("SIMULATED: these figures come from a simulator.")
_LAST_WORDS_S = 1.0
# Control characters, marks of direction, halves of characters, and what ends a line.
_CONTROLS = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


class OutputFailed(CapflowError):
    """stdout cannot be written, or nobody reads it."""


def write_out(text: str) -> None:
    """Write to stdout, at once. Raises OutputFailed."""
    if sys.stdout is None:
        raise OutputFailed(_("there is no standard output to write to"))
    try:
        sys.stdout.write(_as_shown(sys.stdout, text))
        sys.stdout.flush()
    except OSError as error:
        # What is left in the buffer would be tried again, and complained about, at the end of the program.
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise _failed(error) from error


def say(text: str) -> None:
    """Write to stderr. A failure is ignored: there is no other place to report it."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError):
            sys.stderr.write(_as_shown(sys.stderr, text))
            sys.stderr.flush()


def _as_shown(stream: TextIO, text: str) -> str:
    """The text as a terminal may have it: a name or a broker's words may hold what moves its cursor or turns a line.

    Figures for a file or another program stay as they are.
    """
    if not (stream is sys.stderr or stream.isatty()) or (text.isascii() and text.replace("\n", "").isprintable()):
        return text
    return "".join(each.encode("unicode_escape").decode() if _is_control(each) else each for each in text)


def _is_control(character: str) -> bool:
    return character not in "\n\t" and unicodedata.category(character) in _CONTROLS


def _failed(error: OSError) -> OutputFailed:
    if error.errno == errno.EPIPE:
        return OutputFailed(_("whoever read the output has closed it"))
    return OutputFailed(_("the output cannot be written: {why}").format(why=error.strerror or error))


class Output:
    """Writes to a stream in a thread of its own: a reader that is slow, or stops, holds up nobody.

    The thread may block in a write for ever; the program can end all the same.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self._waiting: queue.SimpleQueue[tuple[str, Future[None]] | None] = queue.SimpleQueue()
        self._failure: OutputFailed | None = None
        self._thread = threading.Thread(target=self._write_all, name="output", daemon=True)
        self._thread.start()

    def put(self, text: str) -> Future[None]:
        """Queue a text. The future is done when it is written or cannot be."""
        done: Future[None] = Future()
        self._waiting.put((text, done))
        return done

    async def write(self, text: str) -> None:
        """Have a text written, and wait for it. Raises OutputFailed."""
        # Whoever waits may be cancelled; the text is written to its end, never a part of it.
        await asyncio.shield(asyncio.wrap_future(self.put(text)))
        if self._failure is not None:
            raise self._failure

    def close(self) -> None:
        """End the thread when everything is written; waits a moment at most."""
        self._waiting.put(None)
        self._thread.join(_LAST_WORDS_S)

    def _write_all(self) -> None:
        while (waiting := self._waiting.get()) is not None:
            text, done = waiting
            if self._failure is None:
                try:
                    _write(self._stream, text)
                except OSError as error:
                    self._failure = _failed(error)
            done.set_result(None)


@contextlib.contextmanager
def logging_through(output: Output) -> Iterator[None]:
    """While inside, what is logged to stderr waits for its reader in the output's thread, not where it is logged."""
    root = logging.getLogger()
    handlers = [each for each in root.handlers if isinstance(each, logging.StreamHandler) and each.stream is sys.stderr]
    for handler in handlers:
        handler.setStream(_Lines(output))
    try:
        yield
    finally:
        for handler in handlers:
            handler.setStream(sys.stderr)


async def say_simulated(monitor: Monitor, told: Output) -> None:
    """Say it once, on stderr, as soon as a source has said that it is a simulator."""
    with contextlib.closing(monitor.subscribe("simulated", events=True)) as events:
        async for _event in events:
            if monitor.simulated:
                told.put(f"{_(SIMULATED)}\n")
                return


class _Lines:
    """The part of a text stream that a log handler needs."""

    def __init__(self, output: Output) -> None:
        self.write = output.put

    def flush(self) -> None:
        """Nothing is held back here."""


def _write(stream: TextIO | None, text: str) -> None:
    if stream is None:
        raise OSError(errno.EBADF, _("there is no standard output"))
    text = _as_shown(stream, text)
    buffer = getattr(stream, "buffer", None)
    raw = getattr(buffer, "raw", buffer)
    if isinstance(raw, RawIOBase):
        # Past the stream's buffer, whose lock nobody else may have to wait for.
        _write_raw(raw, text.encode("utf-8", "backslashreplace"))
    else:
        stream.write(text)
        stream.flush()


def _write_raw(raw: RawIOBase, data: bytes) -> None:
    written = 0
    try:
        while written < len(data):
            count = raw.write(data[written:])
            if count is None:  # the terminal or pipe was set not to block
                select.select((), (raw,), ())
            written += count or 0
    except OSError:
        # A disk that is full takes a part: no half line stays.
        with contextlib.suppress(OSError):
            if written and stat.S_ISREG(os.fstat(raw.fileno()).st_mode):
                os.ftruncate(raw.fileno(), os.lseek(raw.fileno(), 0, os.SEEK_CUR) - written)
        raise
