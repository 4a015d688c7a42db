"""Poll budgets made by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.poll_budget import ADDED, CallMark, Cycles, Neighbour, PollBudget, QuotaUse, RowAge
from capflow_gui.feed.polling.turns import Turn, Why
from tests.ui.boards import STANDING_S

CODES = ["9988.HK", "5.HK", "1810.HK", "2800.HK", "1211.HK", "941.HK", "883.HK", "388.HK", "AAPL.US"]
_WHYS = (Why.ON_SCREEN, Why.NEAR, Why.ON_SCREEN, Why.WAITED_LONG, Why.OFF_SCREEN, Why.NEVER_ANSWERED, Why.AFTER_ERROR)
_KINDS = ("capital_flow",) * 9 + ("history", "distribution", "snapshot", "static_info", "comparison")


def poll_budget(source: str = "opend", **facts: object) -> PollBudget:
    """OpenD's, nearly used up, with another Capflow beside it; `facts` replace whatever differs."""
    now = STANDING_S
    random = np.random.default_rng(7)
    marks = [
        CallMark(kind := _KINDS[place % len(_KINDS)], now - 29 + place, counts=kind not in ("snapshot", "static_info"))
        for place in range(28)
    ]
    marks += [CallMark("", now - at, other=True) for at in (26.0, 15.5, 6.2)]
    marks += [CallMark("capital_flow", now - 0.4, out=True), CallMark("capital_flow", now - 12.3, lost=True)]
    symbols = [Symbol.parse(code) for code in CODES]
    turns = [
        Turn(symbol, now + 0.9 * place, _WHYS[place % len(_WHYS)], None if place == 5 else now - 31 + 3 * place)
        for place, symbol in enumerate(symbols[:-1])
    ]
    turns.append(Turn(symbols[-1], now + 7 * 3600.0, Why.OPENS, now - 4000.0))
    ages = sorted([134.0, *random.uniform(0, 37, 36)], reverse=True)
    budget = PollBudget(
        source=source,
        now=now,
        window_s=30.0,
        used=28,
        limit=30,
        budget=30,
        full=30,
        refused=0,
        requests=900,
        halved_until=None,
        silent_since=None,
        calls=tuple(sorted(marks, key=lambda mark: mark.at)),
        others=(QuotaUse("snapshot", 3, 60, 30.0), QuotaUse("static_info", 1, 10, 30.0)),
        neighbours=(Neighbour(4711, "watch", 3),),
        waiting=("history", "capital_flow"),
        turns=tuple(turns),
        rows=(16, 3, 18),
        resting=12,
        cycles=tuple(Cycles(more, 10.0, 30.0, 37.0 + more) for more in (0, *ADDED)),
        ages=tuple(RowAge(symbols[place % 8], age, 37.0) for place, age in enumerate(ages)),
        unanswered=1,
        held_back=1,
    )
    return replace(budget, **facts)  # type: ignore[arg-type]
