"""Whether a source answers while a market of its symbols is open: said once a source, and once when it is over."""

from __future__ import annotations

from capflow_gui.domain.link import LinkFact, LinkPhase, LinkState
from capflow_gui.reason import Code, Reason

# A connection that comes back within so many seconds is said nowhere. With a turn a second, within 15 s of the fault.
PATIENCE_S = 10.0


def source_problem(link: LinkState) -> Reason | None:
    """What is wrong with a source, by its link; None where nothing is."""
    source, unknown = link.source, Reason.of(Code.LINK_DOWN)
    if link.phase is LinkPhase.FAILED:
        return Reason.of(Code.SOURCE_REFUSED, source=source, why=link.reason or unknown)
    if link.phase is not LinkPhase.READY:
        return Reason.of(Code.SOURCE_LOST, source=source, why=link.reason or unknown)
    if (why := link.fact(LinkFact.KICKED_OUT) or link.fact(LinkFact.LOGGED_OUT)) is not None:
        return Reason.of(Code.SOURCE_LOGGED_OUT, source=source, why=why)
    if (why := link.fact(LinkFact.QUOTE_RIGHT_LOST)) is not None:
        return Reason.of(Code.SOURCE_RIGHT_LOST, source=source, why=why)
    return None


class SourceHealth:
    """One source. Monotonic seconds are arguments.

    said  the problem that was said and is not over; None: there is none
    """

    def __init__(self) -> None:
        self.said: Reason | None = None
        self._since: float | None = None

    def look(self, problem: Reason | None, mono_now: float, *, is_open: bool) -> tuple[Reason, bool] | None:
        """What is to be said now: a problem, and whether it is over. While the market is closed nothing is.

        A lost connection must last for a while; what only the user can mend is said at once, and of a source that is
        lost first and then refuses, both are.
        """
        if not is_open:
            self.said = self._since = None
            return None
        if problem is None:
            self._since = None
            over, self.said = self.said, None
            return None if over is None else (over, True)
        self._since = mono_now if self._since is None else self._since
        waits = problem.code is Code.SOURCE_LOST and mono_now - self._since < PATIENCE_S
        graver = self.said is None or (self.said.code is not problem.code and problem.code is not Code.SOURCE_LOST)
        if waits or not graver:
            return None
        self.said = problem
        return problem, False
