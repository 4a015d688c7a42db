"""An event of the tape."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import nan

from capflow_gui.domain.symbol import Symbol


class TapeKind(StrEnum):
    """What happened. STALE and BACK are of the figures' age, all others of confirmed lines."""

    BURST = "burst"
    REVERSAL = "reversal"
    LOW = "low"
    HIGH = "high"
    AGAINST = "against"
    REVISION = "revision"
    STALE = "stale"
    BACK = "back"


@dataclass(frozen=True, slots=True)
class TapeEvent:
    """What happened to a symbol. Times are UTC epoch seconds, amounts are in its currency, positive = net inflow.

    at     of the line that showed it; of a REVISION that of the newest confirmed line; of STALE and BACK market now
    line   the label it is about: of a REVISION the revised line, of STALE and BACK the newest confirmed line
    size   BURST: the change in five trading minutes. REVERSAL: since the furthest on the other side. LOW, HIGH: net.
           AGAINST: main. REVISION: new less old. NaN for STALE and BACK
    net    net inflow at `line`
    other  REVERSAL: the furthest on the other side. LOW, HIGH: the one before. AGAINST: the rest. REVISION: what the
           line said before. NaN elsewhere
    since  REVERSAL, LOW, HIGH: of `other`. BACK: when it became stale. None elsewhere
    """

    kind: TapeKind
    symbol: Symbol
    source: str
    session: date
    at: float
    line: int
    size: float
    net: float
    other: float = nan
    since: float | None = None

    @property
    def order(self) -> tuple[float, str, str, int]:
        """Sorts events by their time, and those of one time always alike."""
        return self.at, str(self.symbol), self.kind, self.line
