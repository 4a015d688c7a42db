"""A link's words need to know whether it has ever been up."""

from __future__ import annotations

import pytest

from capflow_gui.domain.link import LinkFact, LinkPhase, LinkState
from capflow_gui.present.sentences import link_sentence
from capflow_gui.reason import Code, Reason


@pytest.mark.parametrize(
    ("link", "said"),
    [
        (LinkState("opend", LinkPhase.WAITING, 0.0), "OpenD not connected"),
        (LinkState("opend", LinkPhase.WAITING, 0.0, latency_s=0.01), "OpenD lost"),
        (LinkState("opend", LinkPhase.LOST, 0.0), "OpenD lost"),
    ],
)
def test_only_what_was_up_is_lost(link: LinkState, said: str) -> None:
    assert link.was_up is (said == "OpenD lost")
    assert link_sentence(link, 0.0).state == said


def test_a_fact_is_its_words_or_nothing() -> None:
    words = Reason.of(Code.VERBATIM, text="another login")
    link = LinkState("opend", LinkPhase.READY, 0.0, facts=((LinkFact.KICKED_OUT, words),))
    assert link.fact(LinkFact.KICKED_OUT) == words
    assert link.fact(LinkFact.LOGGED_OUT) is None
