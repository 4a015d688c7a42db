from __future__ import annotations

from msgspec import structs

from capflow_gui.alerts.evaluation import Look, Obstacle, Reply
from capflow_gui.reason import Code, Reason
from tests.unit.alerts.test_book import DAY, series


def test_a_reply_is_final_with_its_last_line_confirmed() -> None:
    assert not Reply(series(0, 0), DAY, None).is_final
    whole = series(*[0.0] * len(DAY.labels()))
    assert not Reply(whole, DAY, None).is_final
    assert Reply(structs.replace(whole, confirmed=whole.timestamps > 0), DAY, None).is_final


def test_a_second_look_at_the_same_obstacle_is_the_same() -> None:
    why = Obstacle(Reason.of(Code.NO_ANSWER))
    assert Look(why, clear=False, market_now=1.0) == Look(why, clear=False, market_now=2.0)
    assert Look(why, clear=False, market_now=1.0) != Look(None, clear=False, market_now=1.0)
