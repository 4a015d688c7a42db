"""What happens, as it happens: for those who want every event rather than the newest picture.

`at` is market now of the source in UTC epoch seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from capflow_gui.domain.alert_record import AlertEvent as AlertEvent  # noqa: PLC0414 - events are read from here
from capflow_gui.domain.flow import FlowSeries
from capflow_gui.domain.link import LinkState
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import CapflowError, PartFailed
from capflow_gui.feed.freshness import Freshness


class FlowEvent(msgspec.Struct, frozen=True, gc=False):
    """A reply was stored, or its freshness changed. One is made for every reply: see `domain.flow.FlowSeries`.

    age_s      market seconds since the last valid time; None without one
    unchanged  the lines are what they were
    replied    a reply came; False: time alone changed the freshness
    conflated  how many earlier ones about the symbol, which a slow consumer did not take, this one stands for
    run        of the playback it is of; empty: it is live
    """

    at: float
    source: str
    symbol: Symbol
    series: FlowSeries
    age_s: float | None
    freshness: Freshness
    unchanged: bool
    replied: bool = True
    conflated: int = 0
    run: str = ""


@dataclass(frozen=True, slots=True)
class LinkEvent:
    """A link changed. `retry_in_s` is set while it waits."""

    at: float
    state: LinkState
    retry_in_s: float | None


class ErrorEvent(msgspec.Struct, frozen=True):
    """A question about a symbol was answered with an error; a lost link is an event of the link alone.

    conflated  as in FlowEvent
    """

    at: float
    source: str
    symbol: Symbol
    error: CapflowError
    conflated: int = 0


@dataclass(frozen=True, slots=True)
class FaultEvent:
    """A part of Capflow itself failed for good. `at` is this computer's time."""

    at: float
    error: PartFailed


Event = FlowEvent | AlertEvent | LinkEvent | ErrorEvent | FaultEvent
