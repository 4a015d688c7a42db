"""One alert and its life, as it is shown and as it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from capflow_gui.domain.symbol import Symbol


class AlertState(StrEnum):
    """ACTIVE = raised and not acknowledged; CLEARED and ENDED (session over) are history; BLOCKED = cannot judge."""

    ACTIVE = "active"
    ACKNOWLEDGED = "acknowledged"
    CLEARED = "cleared"
    ENDED = "ended"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class AlertRecord:
    """One alert. Times are UTC epoch seconds, `value` and `threshold` in the symbol's currency or a fraction.

    A rule that could not be judged is a record too (`blocked`): its `value` is NaN, its `line_time` when it was said.
    """

    id: int
    source: str
    symbol: Symbol
    rule: str  # as the app shows it, without its scope: "net <= -200M"
    state: AlertState
    session: str  # ISO date of the exchange session
    line_time: int  # label of the line that fired, or of the first line of a late breach
    value: float
    threshold: float
    raised_at: float  # market now when it was raised
    late: bool = False
    escalations: int = 0
    cleared_at: float | None = None
    reason: str = ""  # why it cannot be judged, or why it ended
    blocked: bool = False  # a rule that cannot be judged; stays so when acknowledged or cleared
    scope: str = "*"  # whom the rule is for: "*", a symbol, "@group"

    @property
    def rule_text(self) -> str:
        """The rule's canonical text, scope first."""
        return f"{self.scope}: {self.rule}"

    @property
    def standing(self) -> bool:
        """Whether it still is something: not cleared, and its session not over."""
        return self.state in (AlertState.ACTIVE, AlertState.ACKNOWLEDGED, AlertState.BLOCKED)
