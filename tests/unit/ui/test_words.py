from __future__ import annotations

from dataclasses import replace

import pytest

from capflow_gui.domain.alert_record import AlertState
from capflow_gui.present.language.catalogues import speak
from capflow_gui.ui.words import is_snoozed, pill_texts, row_source, source_label
from tests.ui.boards import NOW, alert_of, flagged_row, row_of, trading_day, unjudged_of

ROW = row_of("700.HK", "Tencent", -263e6, 7e9)


def test_a_source_is_called_by_a_word() -> None:
    assert [source_label(name) for name in ("opend", "longport", "demo")] == ["OpenD", "Longport", "Simulator"]


def test_a_row_says_its_source_only_where_rows_differ() -> None:
    assert row_source(ROW) == ""
    shared = replace(ROW, shared=True)
    assert row_source(shared) == "OpenD"
    assert row_source(replace(shared, source="longport", instead_of="opend")) == "Longport for OpenD"


def test_a_pill_says_the_rule_and_less_where_there_is_little_room() -> None:
    alert = alert_of(ROW)
    assert pill_texts(replace(ROW, alert=alert)) == (("net ≤ −200M", "≤ −200M", "−200M"), True)
    assert pill_texts(replace(ROW, alert=replace(alert, seen=alert.told)))[1] is False
    options = replace(alert, rule="net/turnover <= -2% rearm 50% skip first 30m")
    assert pill_texts(replace(ROW, alert=options))[0] == ("net/turnover ≤ −2%", "≤ −2%", "−2%")
    early = replace(alert, told=0)
    assert pill_texts(replace(ROW, alert=early)) == (("net ≤ −200M, early", "early"), False)
    cleared = replace(alert, state=AlertState.CLEARED, cleared_at=NOW)
    assert pill_texts(replace(ROW, alert=cleared)) == (("net ≤ −200M, cleared", "cleared"), True)


def test_a_pill_that_is_snoozed_until_the_next_session_says_no_hour_in_any_language() -> None:
    row = replace(ROW, day=trading_day(), alert=alert_of(ROW, snoozed_until=NOW + 86400))
    speak("zh_CN")
    try:
        assert pill_texts(row)[0] == ("z 净流入 ≤ −2亿", "稍后提醒")
    finally:
        speak("en")


def test_a_snoozed_pill_says_until_when() -> None:
    day = replace(ROW, day=trading_day())
    alert = alert_of(ROW, snoozed_until=NOW + 60)
    texts, filled = pill_texts(replace(day, alert=alert))
    assert (texts, filled) == (("z 14:33 net ≤ −200M", "z 14:33"), False)
    assert pill_texts(replace(day, alert=replace(alert, snoozed_until=NOW + 86400)))[0] == ("z net ≤ −200M", "snoozed")
    unjudged = replace(unjudged_of(ROW, "no quote right"), snoozed_until=NOW + 60)
    assert pill_texts(replace(day, alert=unjudged))[0] == ("z 14:33 cannot judge", "z 14:33")
    for row, quiet in (
        (replace(day, alert=alert), True),
        (replace(day, alert=alert, flagged=True), False),
        (ROW, False),
    ):
        assert is_snoozed(row) is quiet


def test_an_alert_of_another_source_names_it() -> None:
    assert pill_texts(replace(ROW, alert=replace(alert_of(ROW), source="longport")))[0] == (
        "Longport: net ≤ −200M",
        "Longport",
    )


@pytest.mark.parametrize(
    ("row", "texts"),
    [
        (ROW, ()),
        (flagged_row("941.HK"), ("check failed",)),
        (replace(ROW, flagged=True, alert=unjudged_of(ROW, "no quote right")), ("cannot judge", "?")),
    ],
)
def test_what_else_a_pill_may_say(row: object, texts: tuple[str, ...]) -> None:
    assert pill_texts(row)[0] == texts  # type: ignore[arg-type]
