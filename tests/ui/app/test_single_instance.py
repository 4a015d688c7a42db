"""One window a profile."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QLockFile
from PySide6.QtNetwork import QLocalSocket
from pytestqt.qtbot import QtBot

from capflow_gui.app import single_instance
from capflow_gui.app.single_instance import SingleInstance
from capflow_gui.errors import CapflowError
from capflow_gui.file_lock import try_lock
from tests.forked import DESKTOP

OTHER = """
import os, sys; from pathlib import Path; from PySide6.QtCore import QCoreApplication, QTimer
from capflow_gui.app.single_instance import SingleInstance
app = QCoreApplication([])
instance = SingleInstance(Path(sys.argv[1]), lambda _layout: QTimer.singleShot(0, app.quit), *sys.argv[3:])
ours = instance.claim(); print("listens" if ours else "raised", flush=True)
ours and sys.argv[2:3] != ["leave"] and app.exec(); instance.release()
"""
posix = pytest.mark.skipif(os.name != "posix", reason="files in use are not deleted on Windows")


def start(state: Path, *arguments: str, **environ: str) -> subprocess.Popen[bytes]:
    """Another process that claims the profile, and leaves when its window is to be raised."""
    command = [*DESKTOP, "-c", OTHER, os.fspath(state), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, **environ})


def said(state: Path, *arguments: str, **environ: str) -> bytes:
    with start(state, "leave", *arguments, **environ) as other:
        assert other.stdout is not None
        return other.stdout.readline().strip()


@pytest.fixture
def instance(tmp_path: Path, qtbot: QtBot) -> SingleInstance:
    return SingleInstance(tmp_path / "state")


def test_the_second_start_raises_the_first_window_until_that_is_gone(tmp_path: Path, qtbot: QtBot) -> None:
    with start(tmp_path) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == b"listens"
        second = SingleInstance(tmp_path)
        assert not second.claim()
        assert other.wait(60) == 0
    assert second.claim()
    second.release()


def test_profiles_do_not_mind_each_other(tmp_path: Path, qtbot: QtBot) -> None:
    one, other = SingleInstance(tmp_path / "a"), SingleInstance(tmp_path / "b")
    assert one.claim()
    assert other.claim()
    one.release()
    other.release()


@posix
@pytest.mark.parametrize("content", [b"", b"4711\ncapflow\nother\n", b"\0" * 64])
def test_a_lock_file_nobody_holds_stops_no_start(instance: SingleInstance, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "window.lock").write_bytes(content)
    (tmp_path / "state" / "window.socket").write_bytes(content)
    assert instance.claim()
    instance.release()


@posix
def test_a_lock_file_that_cannot_be_opened_leaves_the_socket_to_decide(
    tmp_path: Path, qtbot: QtBot, expect_log: Callable[[str], None]
) -> None:
    expect_log(r"window\.lock cannot be used: Is a directory")
    (tmp_path / "window.lock").mkdir()
    with start(tmp_path) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == b"listens"
        assert said(tmp_path) == b"raised"
        assert other.wait(60) == 0
    instance = SingleInstance(tmp_path)
    assert instance.claim()
    instance.release()


@posix
def test_a_folder_that_cannot_be_used_is_said_once_however_often_it_is_looked_at(
    tmp_path: Path, qtbot: QtBot, expect_log: Callable[[str], None], caplog: pytest.LogCaptureFixture
) -> None:
    for fault in ("state cannot be used", "window.lock cannot be used", "a second start cannot raise"):
        expect_log(fault)
    (tmp_path / "file").touch()
    instance = SingleInstance(tmp_path / "file" / "state")
    assert instance.claim()
    for _ in range(3):
        instance._look()
    instance.release()
    assert len(caplog.messages) == len(set(caplog.messages)) == 3


@posix
def test_a_lock_somebody_holds_without_answering_is_named(instance: SingleInstance, tmp_path: Path) -> None:
    lock = tmp_path / "state" / "window.lock"
    lock.parent.mkdir()
    with lock.open("wb") as held:
        assert try_lock(held.fileno())
        with pytest.raises(CapflowError) as refused:
            instance.claim(within_ms=100)
    assert str(lock) in str(refused.value)
    instance.release()


@posix
def test_the_first_release_can_be_started_again_afterwards(instance: SingleInstance, tmp_path: Path) -> None:
    assert instance.claim()
    first_release = QLockFile(str(tmp_path / "state" / "window.lock"))
    first_release.setStaleLockTime(0)
    assert not first_release.tryLock(0)
    instance.release()
    assert first_release.tryLock(0)
    first_release.unlock()


@posix
def test_the_first_release_can_be_started_after_a_crash(tmp_path: Path) -> None:
    with start(tmp_path) as window:
        assert window.stdout is not None
        assert window.stdout.readline() == b"listens\n"
        first_release = QLockFile(str(tmp_path / "window.lock"))
        first_release.setStaleLockTime(0)
        assert not first_release.tryLock(0)
        window.kill()
    assert first_release.tryLock(0)
    first_release.unlock()


def test_the_folder_for_passing_files_does_not_matter(tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    state = tmp_path / "state"
    with start(state, TMPDIR=str(tmp_path / "a")) as first:
        assert first.stdout is not None
        assert first.stdout.readline().strip() == b"listens"
        assert said(state, TMPDIR=str(tmp_path / "b")) == b"raised"
        assert first.wait(60) == 0
    assert list((tmp_path / "a").iterdir()) == []


@posix
@pytest.mark.parametrize("lost", ["window.lock", "window.socket", "state"])
def test_what_somebody_deleted_is_made_anew(instance: SingleInstance, tmp_path: Path, qtbot: QtBot, lost: str) -> None:
    state = tmp_path / "state"
    raised: list[int] = []
    instance = SingleInstance(state, lambda _layout: raised.append(1))
    assert instance.claim()
    if lost == "state":
        shutil.rmtree(state)
    else:
        (state / lost).unlink()
    qtbot.waitUntil(lambda: (state / "window.lock").exists() and (state / "window.socket").exists())
    with start(state, "leave") as second:
        qtbot.waitUntil(lambda: second.poll() is not None, timeout=20_000)
        assert second.stdout is not None
        assert second.stdout.read().strip() == b"raised"
    assert raised == [1]
    instance.release()


@posix
@pytest.mark.parametrize("name", [b"a" * 120, b"caf\xe9", "资金流".encode()])
def test_the_name_of_the_folder_does_not_matter(tmp_path: Path, qtbot: QtBot, name: bytes) -> None:
    if sys.platform != "linux" and name != "资金流".encode():
        pytest.skip("the system has no such names, or a socket there has a shorter one")
    state = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
    with start(state) as first:
        assert first.stdout is not None
        assert first.stdout.readline().strip() == b"listens"
        assert (state / "window.socket").is_socket()
        assert said(state) == b"raised"
        assert first.wait(60) == 0


def test_of_two_started_at_once_the_later_waits_for_the_earlier_to_listen(
    tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    others: list[subprocess.Popen[bytes]] = []
    handle = os.open(tmp_path / "window.lock", os.O_RDWR | os.O_CREAT)
    assert try_lock(handle)

    def now_it_listens() -> None:
        if not others:
            os.close(handle)  # the other one takes it
            others.append(start(tmp_path))
            assert others[0].stdout is not None
            assert others[0].stdout.readline().strip() == b"listens"

    monkeypatch.setattr(single_instance, "_pause", now_it_listens)
    assert not SingleInstance(tmp_path).claim(within_ms=60_000)
    (other,) = others
    with other:
        try:
            assert other.wait(60) == 0
        finally:
            other.kill()


def test_the_layout_that_a_later_start_names_is_handed_on(tmp_path: Path, qtbot: QtBot) -> None:
    named: list[str] = []
    first = SingleInstance(tmp_path, named.append)
    assert first.claim()
    for layout in ("盘中 two", ""):
        with start(tmp_path, "leave", layout) as second:
            qtbot.waitUntil(lambda: second.poll() is not None, timeout=20_000)
    assert named == ["盘中 two", ""]
    first.release()


def test_what_a_start_says_without_end_is_not_kept_and_raises_once(tmp_path: Path, qtbot: QtBot) -> None:
    named: list[str] = []
    first = SingleInstance(tmp_path, named.append)
    assert first.claim()
    stranger = QLocalSocket()
    stranger.connectToServer(first._name)
    assert stranger.waitForConnected()
    stranger.write(b"layout " + b"x" * 1_000_000)
    qtbot.waitUntil(lambda: stranger.state() is QLocalSocket.LocalSocketState.UnconnectedState)
    assert named == ["x" * (len(named[0]))]
    assert 60 <= len(named[0]) <= 241
    first.release()
