"""What the view of the log says."""

from __future__ import annotations

from datetime import datetime

from capflow_gui.present.panels import log_words

AT = datetime(2026, 11, 20, 14, 32, 8, 250_000).astimezone().timestamp()


def test_an_entry_is_a_row_and_is_copied_whole() -> None:
    assert log_words.cells(AT, "WARNING", "capflow_gui.feed.intake.poller", "late") == (
        "14:32:08.250",
        "warning",
        "feed.intake.poller",
        "late",
    )
    assert log_words.cells(AT, "ERROR", "asyncio", "failed\na\nb")[2:] == ("asyncio", "failed (+2 lines)")
    assert log_words.line_of(AT, "ERROR", "asyncio", "failed\na") == "2026-11-20 14:32:08.250 ERROR asyncio: failed\na"


def test_levels_are_ranked_and_an_unknown_one_is_never_left_out() -> None:
    ranks = [log_words.rank(level) for level in (*log_words.LEVELS, "CRITICAL", "NOTICE")]
    assert ranks == sorted(ranks)
    assert [log_words.is_grave(level) for level in log_words.LEVELS] == [False, False, True, True]
    assert len({log_words.level_name(level) for level in log_words.LEVELS}) == 4


def test_how_much_is_shown_is_said() -> None:
    assert log_words.summary(3, 1200, cut=False) == "3 of 1,200 entries of today"
    assert log_words.summary(3, 1200, cut=True).endswith("older ones are left out: they are in the folder")
    assert log_words.nothing_found()
    assert log_words.no_log()
    assert len(log_words.headers()) == 4
