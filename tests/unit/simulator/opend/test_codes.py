from __future__ import annotations

from datetime import date

import pytest

from capflow_gui.simulator.opend.codes import MARKET_NUMBERS, MARKETS, RefusalError, date_window, failure
from capflow_gui.wire.pb.opend import qot_get_capital_flow_pb2

TODAY = date(2026, 6, 10)


@pytest.mark.parametrize("text", ["2026-6-1", "2026-06-01", "2026-06-01 00:00:00", " 2026-06-01 09:30:00.000 "])
def test_both_date_forms_of_the_sdks_are_read(text: str) -> None:
    assert date_window(text, "2026-06-09", TODAY) == (date(2026, 6, 1), date(2026, 6, 9))


def test_what_is_left_open_is_a_year_up_to_today() -> None:
    assert date_window("", "", TODAY) == (date(2025, 6, 10), TODAY)
    assert date_window("", "2026-01-01", TODAY) == (date(2025, 1, 1), date(2026, 1, 1))


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "2026-02-30", "20260601"])
def test_another_date_is_refused_in_the_broker_s_words(text: str) -> None:
    with pytest.raises(RefusalError, match="时间格式错误"):
        date_window(text, "", TODAY)


def test_a_failure_is_an_answer_of_any_interface() -> None:
    answer = qot_get_capital_flow_pb2.Response.FromString(failure("频率太高", -100))
    assert (answer.retType, answer.retMsg, answer.HasField("s2c")) == (-100, "频率太高", False)


def test_every_market_has_one_number() -> None:
    assert {MARKET_NUMBERS[market] for market in MARKETS.values()} == set(MARKETS)
