"""What happens, as it happens: for those who want every event rather than the newest picture.

`at` is market now of the source in UTC epoch seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

from capflow_gui.domain.flow import FlowSeries
from capflow_gui.domain.link import LinkState
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import CapflowError
from capflow_gui.feed.board import AlertRecord, Freshness


@dataclass(frozen=True, slots=True)
class FlowEvent:
    """A reply was stored, or its freshness changed.

    age_s      market seconds since the last valid time; None without one
    unchanged  the lines are what they were
    """

    at: float
    source: str
    symbol: Symbol
    series: FlowSeries
    age_s: float | None
    freshness: Freshness
    unchanged: bool


@dataclass(frozen=True, slots=True)
class AlertEvent:
    """`change` is raised, escalated, cleared or blocked; `time` is the label of the line, `value` its figure."""

    at: float
    change: str
    record: AlertRecord
    time: int
    value: float
    threshold: float
    reason: str


@dataclass(frozen=True, slots=True)
class LinkEvent:
    """A link changed. `retry_in_s` is set while it waits."""

    at: float
    state: LinkState
    retry_in_s: float | None


@dataclass(frozen=True, slots=True)
class ErrorEvent:
    """A question about a symbol failed."""

    at: float
    source: str
    symbol: Symbol
    error: CapflowError


Event = FlowEvent | AlertEvent | LinkEvent | ErrorEvent
