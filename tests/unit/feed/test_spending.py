"""What is shown of a source's quota is what the limiter and the schedule have."""

from __future__ import annotations

import pytest

from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.poll_budget import ADDED, CallMark, Neighbour, QuotaUse
from capflow_gui.feed.polling.turns import Why
from capflow_gui.feed.spending import poll_budget
from capflow_gui.quota.calls import OtherCall
from tests.unit.feed.test_source_feed import ALIBABA, TENCENT, Rig, lines, rig

__all__ = ["rig"]


def test_a_new_source_has_spent_nothing(rig: Rig) -> None:
    budget = poll_budget(rig.feed, rig.clock.monotonic())
    assert (budget.used, budget.limit, budget.full, budget.window_s) == (0, 30, 30, 30.0)
    assert (budget.calls, budget.neighbours, budget.ages, budget.waiting) == ((), (), (), ())
    assert (budget.unanswered, budget.resting, budget.rows) == (2, 0, (0, 0, 2))
    assert [(turn.symbol, turn.why) for turn in budget.turns] == [
        (TENCENT, Why.NEVER_ANSWERED),
        (ALIBABA, Why.NEVER_ANSWERED),
    ]
    assert [each.added for each in budget.cycles] == [0, *ADDED]
    assert [each.others_s for each in budget.cycles] == [30.0, 30.0, pytest.approx(52.087, abs=0.01), 102.17]


def test_calls_of_every_kind_are_marked_by_how_they_ended(rig: Rig) -> None:
    clock, limiter = rig.clock, rig.feed.intake.limiter
    limiters = rig.feed.source.limiters
    for kind, end in (("", "replied"), ("history", "refused"), ("", "lost")):
        reservation = limiter.try_reserve(kind=kind) or pytest.fail("no slot")
        clock.move(1.0)
        getattr(reservation, end)()
    assert limiters.of("snapshot").try_reserve() is not None
    now = clock.monotonic()
    budget = poll_budget(rig.feed, now)
    assert budget.calls == (
        CallMark("capital_flow", now - 2.0),
        CallMark("history", now - 1.0, refused=True),
        CallMark("capital_flow", now - 1.0, lost=True),
        CallMark("snapshot", now, out=True, counts=False),
    )
    assert (budget.used, budget.refused, budget.limit, budget.budget) == (3, 1, 15, 30)
    assert budget.others == (QuotaUse("snapshot", 1, 10, 10.0),)
    assert budget.halved_until == pytest.approx(now + 599.0)
    clock.move(61.0)
    assert poll_budget(rig.feed, clock.monotonic()).calls == ()


def test_others_are_counted_by_process(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    now = rig.clock.monotonic()
    others = (OtherCall("1-aa", now - 3.0, replied=True), *[OtherCall("2-bb", now, replied=False)] * 2)
    monkeypatch.setattr(rig.feed.intake.limiter, "others", lambda: others)
    budget = poll_budget(rig.feed, now)
    assert budget.neighbours == (Neighbour(2, None, 2), Neighbour(1, None, 1))
    assert [(mark.out, mark.other) for mark in budget.calls] == [(False, True), (True, True), (True, True)]


def test_questions_go_before_symbols(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    limiter, now = rig.feed.intake.limiter, rig.clock.monotonic()
    limiter.budget = 1
    monkeypatch.setattr(limiter, "_waiting", [(0, 1, "history"), (1, 2, limiter.kind)])
    budget = poll_budget(rig.feed, now)
    assert budget.waiting == ("history", "capital_flow")
    assert budget.turns[0].at == pytest.approx(now + 30.05)


def test_ages_run_since_the_last_reply_and_the_oldest_is_first(rig: Rig) -> None:
    rig.feed._take(lines("09:59"))
    rig.clock.move(20.0)
    rig.feed._take(lines("09:59", ALIBABA))
    rig.clock.move(5.0)
    rig.feed.show([TENCENT])
    rig.feed.intake.schedule.set_near(ALIBABA, True)
    budget = poll_budget(rig.feed, rig.clock.monotonic())
    assert [(each.symbol, each.age_s) for each in budget.ages] == [(TENCENT, 25.0), (ALIBABA, 5.0)]
    assert budget.rows == (1, 1, 0)
    now, more = budget.cycles[:2]
    assert (now.on_screen_s, now.near_s, now.others_s) == (10.0, 30.0, None)
    assert more.others_s == 30.0


def test_it_is_quick_for_a_long_list(rig: Rig) -> None:
    many = [Symbol(TENCENT.market, str(code)) for code in range(1, 501)]
    rig.feed.watch(many)
    for symbol in many:
        rig.feed.intake.schedule.stored(symbol, rig.clock.monotonic(), rig.feed.market.now())
    assert len(poll_budget(rig.feed, rig.clock.monotonic()).turns) == 10
