"""One window a profile."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtNetwork import QLocalSocket
from pytestqt.qtbot import QtBot

from capflow_gui.app.single_instance import SingleInstance


def test_the_second_one_is_refused_until_the_first_is_gone(tmp_path: Path, qtbot: QtBot) -> None:
    first, second = SingleInstance(tmp_path), SingleInstance(tmp_path)
    assert first.acquire()
    assert not second.acquire()
    first.release()
    assert second.acquire()
    second.release()


def test_profiles_do_not_mind_each_other(tmp_path: Path, qtbot: QtBot) -> None:
    one, other = SingleInstance(tmp_path / "a"), SingleInstance(tmp_path / "b")
    assert one.acquire()
    assert other.acquire()
    one.release()
    other.release()


def test_a_later_start_is_heard(tmp_path: Path, qtbot: QtBot) -> None:
    first = SingleInstance(tmp_path)
    raised: list[int] = []
    first.on_raise(lambda: raised.append(1))
    assert first.acquire()
    socket = QLocalSocket()
    socket.connectToServer(first._name)
    qtbot.waitUntil(lambda: raised == [1])
    socket.disconnectFromServer()
    first.release()


def test_nobody_answers_where_nobody_runs(tmp_path: Path, qtbot: QtBot) -> None:
    assert not SingleInstance(tmp_path).raise_other()
