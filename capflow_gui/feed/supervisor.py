"""Keeps the parts of the monitor running: a fault in one stops neither the others nor the app."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable

from capflow_gui.clock import Clock
from capflow_gui.errors import PartFailed
from capflow_gui.reason import Code, Reason

log = logging.getLogger(__name__)

_CRASHES = 3
_WITHIN_S = 60.0
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 30.0


class Supervisor:
    """Runs named parts and starts one again after an unexpected fault; three in a minute make the part *failed*.

    `failed` maps the parts that were given up to the reason; `on_failed` hears of each.
    """

    def __init__(self, clock: Clock, on_failed: Callable[[Reason], None]) -> None:
        self._clock = clock
        self._on_failed = on_failed
        self.failed: dict[str, Reason] = {}
        self.restarts = 0

    async def supervise(
        self, name: str, factory: Callable[[], Awaitable[None]], *, gives_up: bool = True
    ) -> PartFailed | None:
        """Run `factory()` again and again until it ends by itself or is cancelled (None), or has failed for good.

        gives_up  False of a part without which the others do their work: it is begun again however often it fails, and
                  `on_failed` hears of the first of like faults in a row
        """
        crashes: deque[float] = deque(maxlen=_CRASHES)
        pause = _FIRST_PAUSE_S
        said: Reason | None = None
        while True:
            began = self._clock.monotonic()
            try:
                await factory()
            except asyncio.CancelledError:
                raise
            except Exception as error:
                now = self._clock.monotonic()
                crashes.append(now)
                # Its own words are for the log alone: nobody wrote them to be read on screen.
                reason = Reason.of(Code.PART_FAILED, part=name, error=_kind(error))
                if not gives_up:
                    reason = Reason.of(Code.PART_FAILS, part=name, error=_kind(error))
                is_new = reason != said or now - began > _WITHIN_S
                said = reason
                if gives_up or is_new:
                    log.exception("%s stopped unexpectedly", name)
                if not gives_up:
                    if is_new:
                        self._on_failed(reason)
                elif len(crashes) == _CRASHES and now - crashes[0] <= _WITHIN_S:
                    self.failed[name] = reason
                    self._on_failed(reason)
                    return PartFailed(reason)
            else:
                return None
            pause = _FIRST_PAUSE_S if now - began > _WITHIN_S else min(pause * 2, _LONGEST_PAUSE_S)
            self.restarts += 1
            await self._clock.sleep_until(now + pause)


def _kind(error: Exception) -> str:
    """The name of an error's class; for a group of one error, that error's."""
    while isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return type(error).__name__
