"""What a list adds up to."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np

from capflow_gui.domain.flow import IMPOSSIBLE, Flag
from capflow_gui.feed.board import Row
from capflow_gui.ui.models.figures import figures_of
from capflow_gui.ui.watchlist.footer import Breadth, breadth
from tests.ui.boards import row_of

TENCENT = row_of("700.HK", "Tencent", -2e6, 7e9)
MEITUAN = row_of("3690.HK", "Meituan", -1e6, 2e9)


def added(*rows: Row) -> Breadth:
    return breadth([figures_of(row, link_ready=True) for row in rows])


def test_one_currency_is_added() -> None:
    found = added(TENCENT, MEITUAN)
    assert found.net is not None
    assert (round(found.net), found.currency) == (-3_000_000, "HKD")


def test_counters_in_other_currencies_and_assumed_ones_are_never_added() -> None:
    renminbi = replace(row_of("80700.HK", "Tencent-R", -1e6, 1e9), currency="CNY")
    assumed = replace(row_of("9834.HK", "Fund", -1e6, 1e9), currency_assumed=True)
    for other in (renminbi, assumed):
        found = added(TENCENT, other)
        assert (found.net, found.main, found.out) == (None, None, 2)


def test_figures_that_cannot_be_are_neither_counted_nor_added() -> None:
    assert MEITUAN.series is not None
    flags = np.full(len(MEITUAN.series), Flag.TURNOVER.value, np.uint16)
    series = msgspec.structs.replace(MEITUAN.series, line_flags=flags, flags=Flag.TURNOVER & IMPOSSIBLE)
    found = added(replace(MEITUAN, series=series, flagged=True))
    assert (found.net, found.out) == (None, 0)
