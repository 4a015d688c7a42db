"""What a collector says of itself every two seconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from capflow_gui.desk.shards import STANDBY
from capflow_gui.domain.link import LinkFact, LinkPhase, LinkState
from capflow_gui.feed.source_feed import SourceFeed
from capflow_gui.monitor import Monitor
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.desk.coding import VERSION
from capflow_gui.wire.desk.messages import MOST_SOURCES, Beat, SourceBeat

_MOST_TROUBLES = 32
_LONGEST_REASON = 4096


class Collecting(NamedTuple):
    """What all beats of one moment share. `at` is monotonic."""

    me: str
    shards: int
    at: float
    windows: int
    sequence: int
    sources: tuple[SourceBeat, ...]
    troubles: tuple[str, ...]


def said_now(
    monitor: Monitor, kinds: Mapping[str, str], troubles: Sequence[Reason], downs: dict[str, Reason]
) -> tuple[tuple[SourceBeat, ...], tuple[str, ...]]:
    """The sources and the troubles as they are now.

    downs  why each source could not be asked when that was said last; it is kept here. While one is connected to anew,
           which takes seconds, nothing else says it
    """
    sources = tuple(source_beat(feed, kinds[feed.name], downs) for feed in monitor.feeds[:MOST_SOURCES])
    return sources, tuple(map(reason_text, troubles[:_MOST_TROUBLES]))


def beat_of(now: Collecting, shard: str, epoch: int, symbols: int) -> Beat:
    """The beat of a shard that is held."""
    return Beat(
        VERSION, shard, now.shards, now.me, epoch, now.sequence, now.at, now.windows, symbols, now.sources, now.troubles
    )


def standby_of(now: Collecting) -> Beat:
    """The beat of a collector that holds no shard."""
    return beat_of(now, STANDBY, 0, 0)


def parting_of(now: Collecting, shard: str) -> Beat:
    """That a collector which is stopped gave a shard back."""
    return beat_of(now, shard, 0, 0)


def source_beat(feed: SourceFeed, kind: str, downs: dict[str, Reason]) -> SourceBeat:
    """A source: its clock, its link, its quota."""
    budget, link = feed.budget(), feed.provider.link
    why = _why_down(link)
    if why is not None:
        downs[feed.name] = why
    elif link.phase is LinkPhase.READY:
        downs.pop(feed.name, None)
    why = downs.get(feed.name)
    return SourceBeat(
        name=feed.name,
        kind=kind,
        simulated=feed.simulated,
        classes=feed.provider.capabilities.classes,
        market_now=feed.market.now() if feed.market.known else None,
        rate=feed.market.rate,
        phase=link.phase.value,
        reason=None if why is None else reason_text(why),
        used=budget.used,
        limit=budget.limit,
        window_s=budget.window_s,
        cycle_s=budget.cycle_s,
        next_symbol="" if budget.next_symbol is None else str(budget.next_symbol),
        oldest_s=budget.oldest_reply_s,
        refused=budget.refused,
        requests=budget.requests,
        open=budget.open_symbols,
        resting=budget.resting_symbols,
    )


def _why_down(link: LinkState) -> Reason | None:
    """Why nothing can be asked there, also where the broker's program is connected to and is not logged in itself."""
    facts = (LinkFact.KICKED_OUT, LinkFact.LOGGED_OUT, LinkFact.QUOTE_RIGHT_LOST)
    return next((reason for fact in facts if (reason := link.fact(fact)) is not None), link.reason)


def reason_text(reason: Reason) -> str:
    """A reason as a message has it; one that is too long is cut."""
    text = reason.to_json()
    short = Reason.of(Code.VERBATIM, text=str(reason)[: _LONGEST_REASON // 8])
    return text if len(text) <= _LONGEST_REASON else short.to_json()
