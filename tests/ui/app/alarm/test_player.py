"""Sounds are played beside the caller, one at a time, and by the system's bell where nothing else can."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from capflow_gui.app.alarm import player
from capflow_gui.app.alarm.player import SoundPlayer, play_with, system_player
from capflow_gui.app.alarm.tones import Tone, wav


def test_a_sound_is_played_in_another_thread_and_a_storm_of_them_is_not_queued() -> None:
    begun, go_on = threading.Event(), threading.Event()
    played: list[tuple[str, bytes]] = []

    def play(content: bytes) -> None:
        begun.set()
        go_on.wait(10)
        played.append((threading.current_thread().name, content))

    sounds = SoundPlayer(lambda: None, play)
    sounds.play(Tone.ALERT, 70)
    assert begun.wait(10)
    for _ in range(40):
        sounds.play(Tone.WORSE, 70)
    go_on.set()
    sounds.close()
    assert played == [("sounds", wav(Tone.ALERT, 70)), ("sounds", wav(Tone.WORSE, 70))]


def test_what_cannot_be_played_is_a_beep_from_then_on() -> None:
    beeps: list[int] = []

    def fail(_content: bytes) -> None:
        raise subprocess.CalledProcessError(1, "paplay")

    sounds = SoundPlayer(lambda: beeps.append(1), fail)
    sounds.play(Tone.ALERT, 70)
    sounds.close()
    sounds.play(Tone.ALERT, 70)
    assert beeps == [1]


def test_without_a_player_it_beeps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(player.shutil, "which", lambda _name: None)
    beeps: list[int] = []
    sounds = SoundPlayer(lambda: beeps.append(1))
    if sys.platform != "win32":
        sounds.play(Tone.ALERT, 70)
        assert beeps == [1]
    sounds.close()


def test_a_program_is_given_a_file_that_is_gone_afterwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "heard.wav"
    play_with((sys.executable, "-c", f"import sys, shutil; shutil.copy(sys.argv[1], {str(copy)!r})"), b"RIFF")
    assert copy.read_bytes() == b"RIFF"
    with pytest.raises(subprocess.CalledProcessError):
        play_with((sys.executable, "-c", "raise SystemExit(1)"), b"RIFF")
    monkeypatch.setattr(player.shutil, "which", lambda name: name in ("paplay", "afplay"))
    assert system_player() is not None
