"""Plays a sound in a thread of its own, by what the system has: winsound, afplay, or a player of the Linux desktop."""

from __future__ import annotations

import logging
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from capflow_gui.app.alarm.tones import Tone, wav

_log = logging.getLogger(__name__)
_PLAYERS = (("pw-play",), ("paplay",), ("aplay", "-q"))
_LONGEST_S = 5.0


class SoundPlayer:
    """`beep` is what is heard where the system has no player; `play` sounds a WAV file and raises OSError."""

    def __init__(self, beep: Callable[[], None], play: Callable[[bytes], None] | None = None) -> None:
        self._beep = beep
        self._play = play or system_player()
        self._queue: queue.Queue[tuple[Tone, int] | None] = queue.Queue(maxsize=1)
        self._thread: threading.Thread | None = None

    def play(self, tone: Tone, volume: int) -> None:
        """Sound, at a volume in per cent; nothing where one waits to be played already."""
        if self._play is None:
            self._beep()
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, args=(self._play,), name="sounds", daemon=True)
            self._thread.start()
        if not self._queue.full():
            self._queue.put_nowait((tone, volume))

    def close(self) -> None:
        """Let the thread end, once what it plays has."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join(2 * _LONGEST_S)
            self._thread = None

    def _serve(self, play: Callable[[bytes], None]) -> None:
        while (wanted := self._queue.get()) is not None:
            try:
                play(wav(*wanted))
            except (OSError, RuntimeError, subprocess.SubprocessError) as error:
                _log.info("a sound cannot be played: %s", error)
                self._play = None  # from now on the system's bell


def system_player() -> Callable[[bytes], None] | None:
    """What plays a WAV file and waits for its end; None where this computer has nothing for it."""
    if sys.platform == "win32":
        return _play_on_windows
    players = (("afplay",),) if sys.platform == "darwin" else _PLAYERS
    command = next((each for each in players if shutil.which(each[0])), None)
    return None if command is None else lambda content: play_with(command, content)


def play_with(command: tuple[str, ...], content: bytes) -> None:
    """Play by a program that takes a file. Raises OSError and SubprocessError."""
    with tempfile.TemporaryDirectory(prefix="capflow-") as folder:
        file = Path(folder) / "alert.wav"
        file.write_bytes(content)
        nothing = subprocess.DEVNULL
        subprocess.run(  # noqa: S603 - one of ours
            [*command, str(file)], stdin=nothing, stdout=nothing, stderr=nothing, check=True, timeout=_LONGEST_S
        )


def _play_on_windows(content: bytes) -> None:
    if sys.platform == "win32":
        import winsound  # noqa: PLC0415 - Windows alone

        winsound.PlaySound(content, winsound.SND_MEMORY | winsound.SND_NODEFAULT)
