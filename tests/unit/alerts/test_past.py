from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import date

import numpy as np

from capflow_gui.alerts.past import NO_PAST, Past, PastKey, PastSessions, nothing_past
from capflow_gui.domain.measures.usual import UsualChanges
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import StorageError
from capflow_gui.reason import Code, Reason

KEY = PastKey("opend", Symbol(Market.HK, "700"), date(2022, 6, 8), "net", 5)
FOUND = Past(UsualChanges([np.zeros(3, np.float32)]), {})


async def asked(read: Callable[[PastKey], Past], *keys: PastKey) -> tuple[PastSessions, list[PastKey]]:
    """Ask for what is known, and wait until something is told for each."""
    told: list[PastKey] = []
    all_told = asyncio.Event()

    def tell(key: PastKey) -> None:
        told.append(key)
        if len(told) == len(keys):
            all_told.set()

    past = PastSessions(read, tell)
    for key in (*keys, *keys):
        assert past.find(key) is None
    running = asyncio.create_task(past.run())
    await all_told.wait()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    return past, told


async def test_what_is_asked_for_is_read_once_in_a_thread_and_told_of() -> None:
    threads: list[int] = []

    def read(_key: PastKey) -> Past:
        threads.append(threading.get_ident())
        return FOUND

    other = KEY._replace(minutes=10)
    past, told = await asked(read, KEY, other)
    assert told == [KEY, other]
    assert (past.find(KEY), past.find(other)) == (FOUND, FOUND)
    assert len(threads) == 2
    assert threading.get_ident() not in threads


async def test_what_cannot_be_read_is_logged_and_is_nothing(expect_log: Callable[[str], None]) -> None:
    def read(_key: PastKey) -> Past:
        raise StorageError(Reason.of(Code.PAGES_DAMAGED))

    expect_log("what was recorded of 700.HK cannot be read")
    past, _ = await asked(read, KEY)
    assert past.find(KEY) is NO_PAST


async def test_another_session_takes_the_place_of_the_one_before() -> None:
    past, told = await asked(lambda _key: FOUND, KEY)
    tomorrow = KEY._replace(session=date(2022, 6, 9))
    assert past.find(tomorrow) is None
    assert past.find(KEY) is None  # and is read anew
    assert told == [KEY]


async def test_a_source_that_proves_to_be_a_simulator_is_read_out_of_the_other_archive() -> None:
    past, told = await asked(lambda _key: FOUND, KEY)
    assert past.find(KEY._replace(simulated=True)) is None
    assert past.find(KEY) is None
    assert told == [KEY]


async def test_what_nobody_waits_for_any_more_is_not_told() -> None:
    tomorrow = KEY._replace(session=date(2022, 6, 9))
    told: asyncio.Queue[PastKey] = asyncio.Queue()
    past = PastSessions(lambda _key: FOUND, told.put_nowait)
    past.find(KEY)
    past.find(tomorrow)
    running = asyncio.create_task(past.run())
    assert await told.get() == tomorrow
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert told.empty()


def test_without_an_archive_nothing_is_past() -> None:
    assert (len(nothing_past(KEY).usual), nothing_past(KEY).then) == (0, {})
