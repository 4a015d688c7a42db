"""A rule in the session on screen: where its line lies, on which minutes it would have alerted, and why no line is."""

from __future__ import annotations

import pytest
from msgspec import structs

from capflow_gui.domain.alert import parse_rule
from capflow_gui.domain.flow import Flag, FlowSeries
from capflow_gui.feed.board import Row
from capflow_gui.present.reasons import reason_words
from capflow_gui.present.rules.preview import RulePreview, preview
from capflow_gui.reason import Code, Reason
from tests.ui.boards import row_of

ROW = row_of("700.HK", "Tencent", -263.2e6, 7056e6)
ON_SCREEN = "In the session of 700.HK on screen it"


def found(text: str, recorded: tuple[int, ...] | None = None) -> RulePreview:
    seen = preview(parse_rule(f"700.HK: {text}"), ROW, recorded)
    assert seen is not None
    return seen


@pytest.mark.parametrize(
    ("text", "level"),
    [("net <= -60M", -60e6), ("net >= 5M", 5e6), ("main <= -30M", -30e6), ("large <= -1M early", -1e6)],
)
def test_a_level_lies_at_its_amount_whatever_it_is_of(text: str, level: float) -> None:
    assert found(text).level == level


def test_a_crossing_lies_at_its_level_and_fires_on_both_sides() -> None:
    crossing = found("net crosses -60M band 1M")
    assert crossing.level == -60e6
    assert crossing.fired
    assert crossing.words.startswith(f"{ON_SCREEN} would have alerted at ")


def test_a_share_lies_at_the_turnover_so_far_and_its_minutes_are_those_of_the_recording() -> None:
    share = found("net/turnover <= -2%")
    assert (share.level, share.fired) == (pytest.approx(-0.02 * 7056e6), None)
    assert share.words == (
        "No minute is marked: that is known where the session is recorded. "
        "The line stands for the turnover so far, and moves with it."
    )
    assert ROW.day is not None
    assert found("net/turnover <= -2%", (ROW.day.label(60),)).words.startswith(
        f"{ON_SCREEN} would have alerted at 10:30."
    )
    assert found("net/turnover <= -2%", ()).words.startswith(f"{ON_SCREEN} would not have alerted.")


def test_a_drawdown_lies_below_the_high_so_far() -> None:
    drawdown = found("net drawdown >= 50M")
    assert ROW.series is not None
    confirmed = ROW.series.values[0][ROW.series.confirmed]
    assert drawdown.level == pytest.approx(float(confirmed.max()) - 50e6)
    assert drawdown.fired
    assert drawdown.words.endswith("The line stands for the high so far, and moves with it.")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("net change 5m <= -5M", "A change begins from another figure every minute: no line is drawn."),
        ("net change 5m unusual 3 floor 5M", "What is unusual differs from minute to minute: no line is drawn."),
        ("net divergence 30m price 0.5% flow 0.3%", "Price and flow are compared with each other: no line is drawn."),
    ],
)
def test_where_no_line_has_a_place_it_says_why(text: str, why: str) -> None:
    seen = found(text)
    assert (seen.level, seen.words.endswith(why)) == (None, True)
    assert (seen.fired is None) is ("change 5m <=" not in text)


def test_its_minutes_are_those_of_the_engine_and_named_up_to_four() -> None:
    many = found("net change 1m <= -1 rearm 100%")
    assert many.fired is not None
    assert len(many.fired) > 4
    assert f" and {len(many.fired) - 4} times more." in many.words
    never = found("net <= -900B early")
    assert (never.fired, never.words) == ((), f"{ON_SCREEN} would not have alerted.")
    early = found("net <= -60M early")
    assert early.words.endswith("The early mark comes within the minute before.")


def test_what_cannot_be_judged_there_says_why_and_without_a_session_nothing_is_said() -> None:
    without = row_of("5.HK", "HSBC", -1e6, 0.0)
    share = preview(parse_rule("5.HK: net/turnover <= -2%"), without)
    assert share is not None
    assert share.words.endswith("The turnover is not known yet: no line is drawn.")
    assert preview(parse_rule("5.HK: net <= -2M"), row_of("5.HK", "HSBC", -1e6, 0.0, series=None)) is None
    large = preview(parse_rule("5.HK: large <= -2M"), row_of("5.HK", "HSBC", -1e6, 0.0, series=flagged(ROW)))
    assert large is not None
    assert "cannot be judged: " in large.words


def test_what_could_not_be_judged_by_the_recording_is_not_said_to_be_quiet() -> None:
    seen = preview(parse_rule("700.HK: net change 5m unusual 3 floor 5M"), ROW, (), Reason.of(Code.NO_LINES))
    assert seen is not None
    assert seen.words.startswith(f"{ON_SCREEN} cannot be judged: {reason_words(Reason.of(Code.NO_LINES))}.")


def flagged(row: Row) -> FlowSeries:
    assert row.series is not None
    return structs.replace(row.series, flags=Flag.SCALE)
