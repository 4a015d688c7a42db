"""What the window asks of channels: their tests, and what was sent."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from capflow_gui.clock import Clock
from capflow_gui.credentials import Conceal
from capflow_gui.domain.session import Calendar

if TYPE_CHECKING:
    from capflow_gui.delivery.desktop import NotificationPort
    from capflow_gui.ui.ports import Channels


def open_channel_desk(
    folders: Sequence[Path], calendar: Calendar, clock: Clock, conceal: Conceal, port: NotificationPort
) -> Channels:
    """Channels over the alert logs in some data folders. `conceal` keeps a secret out of the log."""
    from capflow_gui.deliveries import ChannelDesk  # noqa: PLC0415 - after the first paint
    from capflow_gui.storage.alert_log import FILE_NAME  # noqa: PLC0415

    files = [folder / FILE_NAME for folder in folders]
    return ChannelDesk(files, calendar=calendar, clock=clock, conceal=conceal, port=port)
