"""Whether a source answers: said once, within 15 s, only while its market is open, and again when it is over."""

from __future__ import annotations

import pytest

from capflow_gui.alerts.health import PATIENCE_S, SourceHealth, source_problem
from capflow_gui.domain.link import LinkFact, LinkPhase, LinkState
from capflow_gui.reason import Code, Reason

WHY = Reason.of(Code.CLOSED)
UP, DOWN = LinkState("opend", LinkPhase.READY, 0.0), LinkState("opend", LinkPhase.WAITING, 0.0, reason=WHY)
LOST = Reason.of(Code.SOURCE_LOST, source="opend", why=WHY)
REFUSED = Reason.of(Code.SOURCE_REFUSED, source="opend", why=WHY)


@pytest.mark.parametrize(
    ("link", "problem"),
    [
        (UP, None),
        (DOWN, LOST),
        (LinkState("opend", LinkPhase.FAILED, 0.0, reason=WHY), REFUSED),
        (
            LinkState("opend", LinkPhase.CONNECTING, 0.0),
            Reason.of(Code.SOURCE_LOST, source="opend", why=Reason.of(Code.LINK_DOWN)),
        ),
        (
            LinkState("opend", LinkPhase.READY, 0.0, facts=((LinkFact.QUOTE_RIGHT_LOST, WHY),)),
            Reason.of(Code.SOURCE_RIGHT_LOST, source="opend", why=WHY),
        ),
        (
            LinkState("opend", LinkPhase.READY, 0.0, facts=((LinkFact.KICKED_OUT, WHY),)),
            Reason.of(Code.SOURCE_LOGGED_OUT, source="opend", why=WHY),
        ),
    ],
)
def test_what_is_wrong_with_a_source_is_read_from_its_link(link: LinkState, problem: Reason | None) -> None:
    assert source_problem(link) == problem


def told(health: SourceHealth, *turns: tuple[float, Reason | None], is_open: bool = True) -> list[tuple[Reason, bool]]:
    found = (health.look(problem, at, is_open=is_open) for at, problem in turns)
    return [each for each in found if each is not None]


def test_a_lost_source_is_said_once_within_fifteen_seconds_and_again_when_it_is_back() -> None:
    health = SourceHealth()
    assert told(health, (0.0, LOST), (PATIENCE_S - 1, LOST)) == []
    assert told(health, (PATIENCE_S, LOST), (20.0, LOST), (21.0, LOST)) == [(LOST, False)]
    assert health.said == LOST
    assert told(health, (22.0, None), (23.0, None)) == [(LOST, True)]
    assert PATIENCE_S + 1 <= 15.0


def test_a_connection_that_comes_back_soon_is_said_nowhere() -> None:
    health = SourceHealth()
    assert told(health, (0.0, LOST), (5.0, None), (6.0, LOST), (14.0, LOST), (15.0, None)) == []


def test_what_only_the_user_can_mend_is_said_at_once_and_after_a_loss_too() -> None:
    assert told(SourceHealth(), (0.0, REFUSED), (1.0, REFUSED)) == [(REFUSED, False)]
    health = SourceHealth()
    assert told(health, (0.0, LOST), (10.0, LOST), (11.0, REFUSED), (12.0, LOST), (13.0, None)) == [
        (LOST, False),
        (REFUSED, False),
        (REFUSED, True),
    ]


def test_nothing_is_said_while_the_market_is_closed() -> None:
    health = SourceHealth()
    assert told(health, (0.0, LOST), (10.0, LOST)) == [(LOST, False)]
    assert told(health, (11.0, LOST), (90.0, REFUSED), (91.0, None), is_open=False) == []
    assert told(health, (92.0, None)) == []
    assert told(health, (93.0, LOST), (100.0, LOST)) == []  # counted from the open
