"""One window a profile."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtNetwork import QLocalSocket
from pytestqt.qtbot import QtBot

from capflow_gui.app import single_instance
from capflow_gui.app.single_instance import SingleInstance

OTHER = """
import sys; from pathlib import Path; from PySide6.QtCore import QCoreApplication, QTimer
from capflow_gui.app.single_instance import SingleInstance
app = QCoreApplication([]); instance = SingleInstance(Path(sys.argv[1])); assert instance.acquire()
instance.on_raise(lambda: QTimer.singleShot(0, app.quit))
print("listens", flush=True); app.exec(); instance.release()
"""


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
    assert not SingleInstance(tmp_path).raise_other(within_ms=100)


def test_of_two_started_at_once_the_later_waits_for_the_earlier_to_listen(
    tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    others: list[subprocess.Popen[str]] = []

    def now_it_listens() -> None:
        command = [sys.executable, "-c", OTHER, str(tmp_path)]
        others.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        assert others[-1].stdout is not None
        assert others[-1].stdout.readline() == "listens\n"

    monkeypatch.setattr(single_instance, "_pause", now_it_listens)
    raised = SingleInstance(tmp_path).raise_other(within_ms=60_000)
    (other,) = others
    with other:
        try:
            assert raised
            assert other.wait(60) == 0
        finally:
            other.kill()
