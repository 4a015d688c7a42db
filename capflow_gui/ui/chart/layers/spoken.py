"""The chart in words, for who hears it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from capflow_gui.domain.flow import LARGE, NET
from capflow_gui.domain.typed.level import Share, level_condition
from capflow_gui.feed.board import Row
from capflow_gui.present.language.texts import _
from capflow_gui.present.numbers import compact
from capflow_gui.present.sentences import rule_words
from capflow_gui.ui.chart.labels import clock
from capflow_gui.ui.chart.session_data import SessionData, Since


def spoken(row: Row, data: SessionData, since: Since | None, beside: str) -> str:
    """What a session shows: net since the open, and since a chosen minute; `beside` names the session behind it."""
    zone = ZoneInfo(data.day.zone)
    net = compact(float(data.values[NET, data.last]))
    time = clock(data.day.label(data.last), zone)
    told = _("Net inflow since the open {amount} {money} at {time}")
    parts = [told.format(amount=net, money=row.money, time=time)]
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
