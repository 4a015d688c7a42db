"""Plays the sounds of alerts in a thread of its own, by miniaudio."""

from __future__ import annotations

import logging
import queue
import sys
import threading
from collections.abc import Callable, Generator
from pathlib import Path

from capflow_gui.app.alarm.tones import RATE, Tone, samples

_log = logging.getLogger(__name__)
_LONGEST_S = 5.0
_FRAME_BYTES = 2
# The sound cards of a Linux computer, as its kernel lists them.
_CARDS = Path("/proc/asound")


class SoundPlayer:
    """`beep` is heard where a sound cannot be played, and is called in the thread of the sounds.

    play  sounds 16-bit mono samples, and waits for their end; raises OSError
    """

    def __init__(self, beep: Callable[[], object], play: Callable[[bytes], None] | None = None) -> None:
        self._beep = beep
        self._play = play or play_samples
        self._queue: queue.Queue[tuple[Tone, int] | None] = queue.Queue(maxsize=1)
        self._thread: threading.Thread | None = None
        self._said = ""

    def play(self, tone: Tone, volume: int) -> None:
        """Sound, at a volume in per cent; nothing where one waits to be played already."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name="sounds", daemon=True)
            self._thread.start()
        if not self._queue.full():
            self._queue.put_nowait((tone, volume))

    def close(self) -> None:
        """Let the thread end, once what it plays has."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join(2 * _LONGEST_S)
            self._thread = None

    def _serve(self) -> None:
        while (wanted := self._queue.get()) is not None:
            try:
                self._play(samples(*wanted))
                self._said = ""
            except OSError as error:
                # The next one is tried again: somebody may plug headphones in.
                if str(error) != self._said:
                    self._said = str(error)
                    _log.info("a sound cannot be played, so the bell rings: %s", error)
                self._beep()


def play_samples(content: bytes, backend: str = "") -> None:
    """Play on the system's own device; `backend` names another of miniaudio's. Raises OSError where nothing plays."""
    try:
        import miniaudio  # noqa: PLC0415 - when something is heard, not when the program starts
    except ImportError as error:
        raise OSError(f"miniaudio cannot be loaded: {error}") from error
    unheard = {"NULL", "CUSTOM"}
    if sys.platform == "linux" and not any(_CARDS.glob("card[0-9]*")):
        unheard.add("ALSA")  # it would fill stderr
    backends = [each for each in miniaudio.Backend if (each.name == backend if backend else each.name not in unheard)]
    ended = threading.Event()
    try:
        with miniaudio.PlaybackDevice(nchannels=1, sample_rate=RATE, backends=backends, app_name="Capflow") as device:
            device.start(_stream(content, ended))
            if not ended.wait(_LONGEST_S):
                raise TimeoutError(f"the device took no sound within {_LONGEST_S:.0f} s")
    except miniaudio.MiniaudioError as error:
        raise OSError(*error.args[:1]) from error


def _stream(content: bytes, ended: threading.Event) -> Generator[bytes, int, None]:
    """The samples as miniaudio asks for them: so many frames at a time; `ended` is set when it asks for more."""

    def frames() -> Generator[bytes, int, None]:
        at, count = 0, (yield b"")
        while at < len(content):
            begin, at = at, at + count * _FRAME_BYTES
            count = yield content[begin:at]
        ended.set()

    begun = frames()
    next(begun)
    return begun
