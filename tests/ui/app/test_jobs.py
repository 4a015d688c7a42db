"""A window's questions are answered from the loop's own turn, or nobody hears of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

from PySide6.QtCore import QCoreApplication, QEvent, QObject
from pytestqt.qtbot import QtBot

from capflow_gui.app.jobs import Answers, Jobs, in_turns, run_part


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


def test_a_window_that_is_gone_is_told_nothing_and_its_job_is_done_all_the_same(qtbot: QtBot) -> None:
    del qtbot
    heard, saved = Heard(), list[str]()
    window = QObject()

    async def save() -> int:
        await asyncio.sleep(0)
        saved.append("all of it")
        return 7

    async def fail() -> int:
        raise OSError("broken")

    async def run() -> None:
        answers = Answers(Jobs())
        window.destroyed.connect(answers.forget)
        answers.start(save, heard.done.append, heard.error)
        answers.start(fail, heard.done.append, heard.error)
        window.deleteLater()
        QCoreApplication.sendPostedEvents(window, QEvent.Type.DeferredDelete)
        await turns()

    asyncio.run(run())
    assert (heard.done, heard.failed, saved) == ([], [], ["all of it"])


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


class QuickClock:
    """A clock on which every wait is over at once."""

    now = 0.0

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> float:
        return self.now

    async def sleep_until(self, deadline: float) -> None:
        self.now = deadline


async def test_a_part_that_fails_begins_again_and_is_told_of_once_it_is_given_up(
    expect_log: Callable[[str], None],
) -> None:
    begun, said = 0, list[tuple[str, bool]]()

    async def broken() -> None:
        nonlocal begun
        begun += 1
        raise RuntimeError("a fault of ours")

    expect_log("ERROR .* edited files stopped unexpectedly")
    await run_part("edited files", broken, QuickClock(), lambda *words: said.append(words))
    assert begun == 3
    ((words, stays),) = said
    assert "edited files: RuntimeError" in words
    assert stays


async def test_each_step_has_a_turn_of_its_own() -> None:
    seen: list[str] = []

    async def beside() -> None:
        while True:
            seen.append("turn")
            await asyncio.sleep(0)

    def steps() -> Iterator[None]:
        for name in ("one", "two", "three"):
            seen.append(name)
            yield

    turning = asyncio.create_task(beside())
    await in_turns(steps())
    turning.cancel()
    assert seen == ["one", "turn", "two", "turn", "three", "turn"]
