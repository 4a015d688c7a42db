"""The alerts and revisions that a board knows of a session."""

from __future__ import annotations

from dataclasses import dataclass

from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.tape.event import TapeEvent, TapeKind
from capflow_gui.ui.flow_views.marked import marked_of
from tests.ui.boards import DAY, HandBoard, alert_of, row_of


@dataclass
class Taped(HandBoard):
    def __init__(self, *rows: object) -> None:
        super().__init__(rows)  # type: ignore[arg-type]
        self.events: tuple[TapeEvent, ...] = ()

    @property
    def tape(self) -> tuple[TapeEvent, ...]:
        return self.events


def test_a_symbols_alerts_and_its_revisions_of_the_day_are_marked() -> None:
    row, other = row_of("700.HK", "Tencent", -60e6, 2e9), row_of("388.HK", "HKEX", 1e6, 2e9)
    board = Taped(row, other)
    mine, early, others = alert_of(row), alert_of(row, number=2), alert_of(other, number=3)
    board.hold_alerts(mine, early, others)

    def event(kind: TapeKind, symbol: Symbol, line: int, day: int = DAY.day) -> TapeEvent:
        return TapeEvent(kind, symbol, "opend", DAY.replace(day=day), 0.0, line, 1e6, 0.0)

    revision = TapeKind.REVISION
    board.events = (
        event(revision, row.symbol, 60),
        event(revision, other.symbol, 120),
        event(revision, row.symbol, 180, day=19),
        event(TapeKind.BURST, row.symbol, 240),
    )
    marked = marked_of(board, row)
    assert {record.id for record in marked.alerts} == {"1", "2"}
    assert marked.revised == [60]
