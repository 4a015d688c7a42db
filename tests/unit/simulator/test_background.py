"""What a simulator does beside its connections ends with it."""

from __future__ import annotations

import asyncio

from capflow_gui.simulator.background import Background


async def test_what_runs_is_cancelled_at_the_end() -> None:
    ended: list[str] = []

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cancelled")

    background = Background()
    background.start(wait())
    await asyncio.sleep(0)
    await background.close()
    assert ended == ["cancelled"]


async def test_what_fails_is_logged_and_nothing_else_ends(expect_log) -> None:
    expect_log("ERROR capflow_gui.simulator.background: the simulator failed")
    done: list[str] = []

    async def fail() -> None:
        raise ValueError("a fault of the simulator")

    async def finish() -> None:
        done.append("finished")

    background = Background()
    background.start(fail())
    background.start(finish())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert done == ["finished"]
    await background.close()
