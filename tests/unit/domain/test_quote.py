from __future__ import annotations

import sys

import pytest

from capflow_gui.domain.quote import PriceTrack, Quote, Turnover, Turnovers
from capflow_gui.domain.symbol import Symbol


@pytest.mark.parametrize(
    ("price", "before", "change"),
    [(110.0, 100.0, 0.1), (90.0, 100.0, -0.1), (100.0, 100.0, 0.0), (100.0, 0.0, None), (0.0, 100.0, None)],
)
def test_a_change_needs_two_prices(price: float, before: float, change: float | None) -> None:
    quote = Quote(Symbol.parse("700.HK"), None, price, before, 1e9, 100, None, halted=False)
    assert quote.change == (None if change is None else pytest.approx(change))


def test_turnovers_by_label_are_as_they_were_put_in_whatever_their_order() -> None:
    kept, known = Turnovers(), {180: Turnover(2e6, 170.0, None), 60: None, 120: Turnover(1e6, 110.0, 99.5)}
    for label, turnover in known.items():
        kept.put(label, turnover)
    assert (kept, [*kept], len(kept)) == (known, [60, 120, 180], 3)
    kept.put(60, Turnover(5e5, 50.0, 98.0))
    assert kept[60] == Turnover(5e5, 50.0, 98.0)
    for label in (0, 90, 240):
        assert label not in kept
        with pytest.raises(KeyError):
            kept[label]


def test_what_is_kept_of_a_label_stays_when_more_is_added() -> None:
    kept, known, newer = Turnovers(), Turnover(1e6, 110.0, 99.5), Turnover(2e6, 170.0, None)
    for label, turnover in ((120, known), (180, newer), (120, newer), (60, None), (60, newer)):
        kept.add(label, turnover)
    assert kept == {60: None, 120: known, 180: newer}


def test_turnovers_of_a_session_are_small() -> None:
    kept = Turnovers()
    for label in range(0, 331 * 60, 60):
        kept.put(label, Turnover(1e6 + label, 50.0 + label, 98.0))
    assert sum(sys.getsizeof(getattr(kept, part)) for part in Turnovers.__slots__) < 331 * 50


def test_of_a_minute_the_newest_price_stands_and_what_is_no_price_is_left_out() -> None:
    known = (
        None,
        Turnover(1e6, 60.0, 99.5),
        Turnover(1e6, 119.0, 99.0),
        Turnover(1e6, 120.0),
        Turnover(1e6, 180.0, 0.0),
    )
    track = PriceTrack.of((*known, Turnover(2e6, 185.0, 98.0), Turnover(2e6, 130.0, 97.0)))
    assert ([*track.times], [*track.prices]) == ([119.0, 185.0], [99.0, 98.0])
    assert track.joined(185.0, 98.0) is track
    assert [*track.joined(190.0, 98.5).prices] == [99.0, 98.5]


def test_prices_of_two_runs_are_one_track() -> None:
    early, late = PriceTrack.of([Turnover(1.0, at, 90.0 + at) for at in (60.0, 120.0, 180.0)]), PriceTrack()
    assert late.after(early) is early
    late = late.joined(150.0, 5.0).joined(210.0, 6.0)
    assert [*late.after(early).times] == [60.0, 120.0, 150.0, 210.0]
    assert late.after(PriceTrack()) is late
    assert [*late.upto(209.0).prices] == [5.0]
    assert late.upto(210.0) is late
