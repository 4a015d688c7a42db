"""What the writer of an archive tells, from its own thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from capflow_gui.domain.flow import FlowSeries
from capflow_gui.reason import Reason


@dataclass(frozen=True, slots=True, eq=False)
class Loaded:
    """The file is open. Sent at the start, and again for another file in its place.

    series   of each source and symbol the newest recorded session, as it was judged; sessions of the last days alone
    notices  what had to be done to open the file, and what about it will not pass
    """

    series: Sequence[FlowSeries]
    notices: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why nothing, or not everything, can be recorded now; None: everything is recorded again."""

    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Pruning:
    """Old sessions are being removed: how many of them are done. The last news of it has `done` equal to `total`."""

    done: int
    total: int


News = Loaded | Trouble | Pruning
