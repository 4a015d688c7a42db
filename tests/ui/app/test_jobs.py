"""A window's questions are answered from the loop's own turn, or nobody hears of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from capflow_gui.app.jobs import Jobs


class Heard:
    """The callbacks of one question."""

    def __init__(self) -> None:
        self.done: list[object] = []
        self.failed: list[str] = []

    def error(self, error: Exception) -> None:
        self.failed.append(str(error))


async def turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)
        QCoreApplication.processEvents()


def test_the_answer_comes_after_the_loop_s_turn(qtbot: QtBot) -> None:
    del qtbot
    heard = Heard()

    async def answer() -> int:
        return 7

    async def run() -> None:
        jobs = Jobs()
        jobs.start(answer, heard.done.append, heard.error)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert heard.done == [], "not from inside the loop's callback"
        await turns()

    asyncio.run(run())
    assert (heard.done, heard.failed) == ([7], [])


def test_an_error_is_told_to_who_asked(qtbot: QtBot) -> None:
    del qtbot
    heard = Heard()

    async def fail() -> int:
        raise OSError("broken")

    async def run() -> None:
        Jobs().start(fail, heard.done.append, heard.error)
        await turns()

    asyncio.run(run())
    assert (heard.done, heard.failed) == ([], ["broken"])


def test_nobody_hears_of_what_was_cancelled(qtbot: QtBot) -> None:
    del qtbot
    heard, ended = Heard(), list[str]()

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("ended")

    async def answer() -> int:
        return 7

    async def run() -> None:
        jobs = Jobs()
        cancels: list[Callable[[], None]] = [
            jobs.start(wait, heard.done.append, heard.error),
            jobs.start(answer, heard.done.append, heard.error),
        ]
        await asyncio.sleep(0)
        for cancel in cancels:
            cancel()
        jobs.start(wait, heard.done.append, heard.error)
        await asyncio.sleep(0)
        await jobs.close()
        await turns()

    asyncio.run(run())
    assert (heard.done, heard.failed, ended) == ([], [], ["ended", "ended"])
