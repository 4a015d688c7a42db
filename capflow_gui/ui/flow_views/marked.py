"""What is marked in a session beside a row's own alert: its other alerts, and lines that were revised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from capflow_gui.domain.tape.event import TapeKind
from capflow_gui.feed.board import AlertRecord, BoardView, Row


@dataclass(frozen=True, slots=True)
class Marked:
    """Alerts of any session, of which the chart takes those of its own; labels of revised lines, UTC epoch seconds."""

    alerts: Sequence[AlertRecord] = ()
    revised: Sequence[int] = ()


def marked_of(board: BoardView, row: Row) -> Marked:
    """The alerts a board has of a row's symbol, and the revisions on its tape: those that were large."""
    symbol, session = row.symbol, None if row.day is None else row.day.day
    revised = [
        event.line
        for event in board.tape
        if event.kind is TapeKind.REVISION and event.symbol == symbol and event.session == session
    ]
    return Marked([record for record in board.alerts if record.symbol == symbol], revised)
