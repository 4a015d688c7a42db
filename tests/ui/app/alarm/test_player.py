"""Sounds are played beside the caller, one at a time, and the bell rings where none can be played."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from capflow_gui.app.alarm import player
from capflow_gui.app.alarm.player import SoundPlayer, play_samples
from capflow_gui.app.alarm.tones import RATE, Tone, samples


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
    assert played == [("sounds", samples(Tone.ALERT, 70)), ("sounds", samples(Tone.WORSE, 70))]


def test_what_cannot_be_played_is_a_beep_and_one_line_of_the_log_until_it_can_be(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", logger=player.__name__)
    heard: list[str] = []
    faults: list[str] = ["no device", "no device", "", "no device"]
    turn = threading.Semaphore(0)

    def play(_content: bytes) -> None:
        fault = faults.pop(0)
        if fault:
            raise OSError(fault)
        heard.append("sound")
        turn.release()

    def beep() -> None:
        heard.append("beep")
        turn.release()

    sounds = SoundPlayer(beep, play)
    for _ in range(4):
        sounds.play(Tone.ALERT, 70)
        assert turn.acquire(timeout=10)
    sounds.close()
    assert heard == ["beep", "beep", "sound", "beep"]
    assert [record.getMessage().rpartition(": ")[2] for record in caplog.records] == ["no device"] * 2


def test_a_device_is_given_the_samples_to_their_end() -> None:
    # miniaudio's null device takes what it is given in real time, and makes no noise.
    play_samples(samples(Tone.ALERT, 70)[: RATE // 10], "NULL")


@pytest.mark.skipif(sys.platform != "linux", reason="every other system has a device, or none for its own reasons")
def test_without_a_device_or_the_library_there_is_no_sound(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(player, "_CARDS", tmp_path)
    monkeypatch.setenv("PULSE_SERVER", str(tmp_path / "nobody"))
    with pytest.raises(OSError, match="init"):
        play_samples(b"\0\0")
    # ALSA says what it misses on stderr, where nobody asked for it.
    assert capfd.readouterr().err == ""
    monkeypatch.setattr(player, "_LONGEST_S", 0.0)
    with pytest.raises(TimeoutError):
        play_samples(bytes(RATE), "NULL")
    monkeypatch.setitem(sys.modules, "miniaudio", None)
    with pytest.raises(OSError, match="loaded"):
        play_samples(b"\0\0")


def test_miniaudio_is_loaded_when_a_sound_is_played() -> None:
    code = "import sys, capflow_gui.app.alarm.player; print({'miniaudio', 'numpy', 'cffi'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
