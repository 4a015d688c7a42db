"""What the status bar says."""

from __future__ import annotations

from capflow_gui.archive.news import Pruning
from capflow_gui.reason import Code, Reason
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard


def test_the_status_bar_says_what_is_spent_and_what_is_wrong(window: MainWindow, board: HandBoard) -> None:
    board.troubles = (Reason.of(Code.VERBATIM, text="1 stale 883.HK 2m 14s"),)
    window._tick()
    words = window.status.words()
    assert words.startswith("OpenD 28/30; cycle 37 s for 2 open, 12 resting; oldest reply 36s; next 3690.HK")
    assert words.endswith("1 stale 883.HK 2m 14s")


def test_the_removing_of_old_sessions_is_seen_while_it_lasts(window: MainWindow, board: HandBoard) -> None:
    board.pruning = Pruning(34, 1200)
    window._tick()
    assert "removing old sessions 34/1,200" in window.status.words()
    board.pruning = None
    window._tick()
    assert "removing" not in window.status.words()


def test_lines_are_not_said_to_be_of_today(window: MainWindow, board: HandBoard) -> None:
    """On a Sunday all of them are Friday's."""
    lines = sum(len(row.series) for row in map(board.row, board.symbols) if row.series is not None)
    assert window._right_words() == f"{len(board.symbols)} symbols · {lines:,} lines"
