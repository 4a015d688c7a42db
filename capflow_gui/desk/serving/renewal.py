"""Renews the certificate of a server that runs, before it ends: whoever connects next is shown the new one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from capflow_gui.clock import Clock
from capflow_gui.errors import InvalidInput
from capflow_gui.paths import disk_words
from capflow_gui.reason import Code, Reason

LOOK_S = 3600.0

_log = logging.getLogger(__name__)


async def keep_renewed(
    renew: Callable[[], bool], read_again: Callable[[], None], tell: Callable[[Reason | None], None], clock: Clock
) -> None:
    """Look every hour, until cancelled, whatever went wrong the last time.

    renew()       makes a new certificate where the old one ends soon; whether it did. Called off the loop
    read_again()  has the server read its files
    tell(why)     why it cannot be renewed; None once it can, or need not be
    """
    said: Reason | None = None
    while True:
        await clock.sleep_until(clock.monotonic() + LOOK_S)
        why: Reason | None = None
        try:
            is_new = await asyncio.to_thread(renew)
            if is_new:
                read_again()
                _log.info("the certificate of the bus's server was renewed")
        except OSError as error:
            why = Reason.of(Code.DESK_NOT_RENEWED, why=disk_words(error))
            if why != said:
                _log.warning("the certificate of the bus's server cannot be renewed: %s", error)
        except InvalidInput as error:
            advised = Reason.of(Code.WITH_ADVICE, why=error.reason, advice=error.suggestion)
            why = Reason.of(Code.DESK_NOT_RENEWED, why=advised)
            if why != said:
                _log.warning("the certificate of the bus's server cannot be renewed: %s", error)
        except Exception as error:  # noqa: BLE001 - logged with its traceback, told, and tried again
            _log.exception("the certificate of the bus's server was not looked at")
            why = Reason.of(Code.PART_FAILS, part="certificate", error=type(error).__name__)
        if why != said:
            said = why
            tell(why)
