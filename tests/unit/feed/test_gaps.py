"""When nobody watched."""

from __future__ import annotations

from capflow_gui.feed.gaps import GapDetector


def test_a_quiet_second_is_no_sleep() -> None:
    detector = GapDetector()
    assert not detector.tick(100.0, 5000.0)
    assert not detector.tick(101.0, 5001.0)
    assert not detector.tick(102.5, 5002.6)


def test_sleep_is_seen_by_either_clock() -> None:
    stands = GapDetector()
    stands.tick(100.0, 5000.0)
    assert stands.tick(101.0, 7400.0)  # Linux: the monotonic clock stood
    runs = GapDetector()
    runs.tick(100.0, 5000.0)
    assert runs.tick(2500.0, 7400.0)  # Windows: it ran on
    assert not runs.tick(2501.0, 7401.0)


def test_a_clock_that_was_set_back_is_seen_once() -> None:
    detector = GapDetector()
    detector.tick(100.0, 5000.0)
    assert detector.tick(101.0, 1400.0)
    assert not detector.tick(102.0, 1401.0)


def test_a_minute_unwatched_is_remembered() -> None:
    detector = GapDetector()
    assert detector.watching(1000.0, 1.0) is None
    assert detector.watching(1059.0, 60.0) is None
    gap = detector.watching(2800.0, 1801.0)
    assert gap is not None
    assert (gap.start, gap.end, gap.ended_at) == (1059.0, 2800.0, 1801.0)


def test_a_fast_market_has_no_gap_between_two_heartbeats() -> None:
    detector = GapDetector()
    detector.watching(1000.0, 1.0, 600.0)
    assert detector.watching(1600.0, 2.0, 600.0) is None


def test_only_the_newest_twenty_are_kept() -> None:
    detector = GapDetector()
    for number in range(50):
        detector.watching(number * 1000.0, float(number))
    assert len(detector.found) == 20


def test_a_run_goes_on_where_the_one_before_it_ended() -> None:
    detector = GapDetector()
    detector.resume(900.0)
    detector.resume(800.0)
    gap = detector.watching(1000.0, 1.0)
    assert gap is not None
    assert (gap.start, gap.end) == (900.0, 1000.0)
    detector.resume(500.0)  # too late: this run has watched since
    assert detector.watching(1001.0, 2.0) is None
