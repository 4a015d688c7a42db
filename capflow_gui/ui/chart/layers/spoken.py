"""The chart in words, for who hears it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from capflow_gui.domain.flow import LARGE, NET
from capflow_gui.domain.typed.level import Share, level_condition
from capflow_gui.feed.board import Freshness, Row
from capflow_gui.present.language.texts import _
from capflow_gui.present.numbers import compact
from capflow_gui.present.sentences import rule_words
from capflow_gui.ui.chart.crosshair import Readout
from capflow_gui.ui.chart.labels import clock
from capflow_gui.ui.chart.session_data import SessionData, Since
from capflow_gui.ui.models.figures import Look, age_cell, figures_of


def freshness_words(row: Row, market_now: float, *, link_ready: bool) -> str:
    """Whether a row's figures are true now, final, or neither; `market_now` in UTC epoch seconds."""
    figures = figures_of(row, link_ready=link_ready)
    true = figures.look is Look.TRUE
    if row.day is None or (true and row.freshness is Freshness.LIVE):
        return _("live") if true else ""
    state = age_cell(figures, market_now, ZoneInfo(row.day.zone))[0]
    return state if true else _("not live: {state}").format(state=state)


def minute_words(readout: Readout) -> str:
    """The minute under the crosshair: its time, then each line's figures under what they count."""
    heads = readout.heads
    lines = (
        " ".join((line.name, *(f"{head} {figure}" for head, figure in zip(heads, line.figures, strict=False))))
        for line in readout.lines
    )
    return ". ".join(filter(None, (readout.title, *lines, readout.note)))


def spoken(row: Row, data: SessionData, since: Since | None, beside: str, fresh: str) -> str:
    """What a session shows: net since the open, and since a chosen minute; `beside` names the session behind it.

    `fresh` says whether that is so now.
    """
    zone = ZoneInfo(data.day.zone)
    net = compact(float(data.values[NET, data.last]))
    time = clock(data.day.label(data.last), zone)
    told = _("Net inflow since the open {amount} {money} at {time}")
    parts = [told.format(amount=net, money=row.money, time=time), *([fresh] if fresh else [])]
    if isinstance(row.threshold, Share):
        rule = rule_words(level_condition(row.threshold))
        parts.append(_("threshold {rule}, now {amount}").format(rule=rule, amount=compact(row.level)))
    elif row.threshold is not None:
        parts.append(_("threshold {amount}").format(amount=compact(row.level)))
    if data.derived:
        newest = clock(data.day.label(data.newest(LARGE)), zone)
        parts.append(_("large, medium and small derived from snapshots, newest {time}").format(time=newest))
    if beside:
        parts.append(_("beside it {name}").format(name=beside))
    text = "; ".join(parts)
    if since is not None:
        told = _("Since {clock}: {net} {currency}")
        text = f"{told.format(clock=since.clock, net=compact(since.net), currency=row.money)}. {text}"
    return text
