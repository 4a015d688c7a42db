"""What the status bar says in amber about sources, weightiest first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from capflow_gui.feed.blind import Blind
from capflow_gui.feed.source_feed import SourceFeed

_BLIND_SAID_FOR_S = 1800.0


def source_troubles(feeds: Sequence[SourceFeed]) -> list[str]:
    """A shared quota, a skewed clock, a calendar the source contradicts, a quota file that cannot be used."""
    found: list[str] = []
    for feed in feeds:
        limiter = feed.limiter
        if limiter.shared:
            instead = f"{limiter.allowed} instead of {limiter.budget} calls for 10 minutes"
            found.append(f"another program shares {feed.name}'s quota: {instead}")
        if feed.market.skewed and not feed.simulated:
            found.append(f"{feed.name}'s clock is {feed.market.skew:+.0f} s off this computer's")
        found += feed.slow_lane.contradictions.values()
        if feed.source.limiters.trouble is not None:
            found.append(feed.source.limiters.trouble)
    return found


def down_troubles(sources: Sequence[str]) -> list[str]:
    """Sources that are not connected, while another one is asked about their symbols."""
    return [f"{source} is not connected: its symbols are asked elsewhere" for source in sources]


def blind_troubles(blind_times: Sequence[Blind], zone: ZoneInfo | None, now: float) -> list[str]:
    """`not watching 11:02–11:31`, for half an hour after it ended; `zone` is the exchange's, `now` monotonic."""
    return [_blind_text(blind, zone) for blind in blind_times if now - blind.ended_at < _BLIND_SAID_FOR_S]


def _blind_text(blind: Blind, zone: ZoneInfo | None) -> str:
    start, end = (datetime.fromtimestamp(at, zone).strftime("%H:%M") for at in (blind.start, blind.end))
    return f"not watching {start}–{end}"
