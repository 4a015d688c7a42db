"""What goes with a session's lines: the threshold, the minutes that fired, the lines that were revised."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from capflow_gui.domain.flow import NET
from capflow_gui.domain.typed.level import Level, Share
from capflow_gui.domain.typed.rule_entry import is_threshold_id
from capflow_gui.feed.board import AlertRecord, Row
from capflow_gui.present.row_sentence import alert_source
from capflow_gui.ui.chart.geometry import first_breach
from capflow_gui.ui.chart.labels import clock
from capflow_gui.ui.chart.session_data import SessionData
from capflow_gui.ui.flow_views.marked import Marked
from capflow_gui.ui.words import source_label


@dataclass(frozen=True, slots=True)
class PlotState:
    """What goes with the data.

    share     what the line stands for, where that is not its own amount: a share of the turnover so far
    fired     session indexes of the alerts' minutes, `reached` the hour of one for the hint
    fired_at  the source that alert was raised at, where the figures shown are another one's
    revised   session indexes of confirmed lines that changed later
    session   what is said of the session where it is not the running one; its threshold then stands as it is
    words     of the rule that is tried in place of the threshold, whose line cannot be moved
    column    the curve that fires
    shaded    what is below the line is past it
    """

    key: Hashable  # another key = another symbol or session: scales start anew
    currency: str = ""
    threshold: float | None = None
    share: Share | None = None
    fired: tuple[int, ...] = ()
    reached: str = ""
    fired_at: str = ""
    revised: tuple[int, ...] = ()
    session: str = ""
    words: str = ""
    column: int = NET
    shaded: bool = True

    @property
    def level(self) -> Level | None:
        """The threshold as it is set: the line of a share moves with the turnover."""
        return self.threshold if self.share is None else self.share

    @property
    def is_fixed(self) -> bool:
        """Whether the line cannot be moved."""
        return bool(self.session or self.words)

    def level_at(self, amount: float) -> Level:
        """The threshold whose line is at an amount of net inflow: a share, to three digits, where this is one."""
        if self.share is None or not self.threshold:
            return amount
        return Share(max(float(f"{self.share.fraction * amount / self.threshold:.3g}"), -1.0))

    def since(self, anchor: int) -> PlotState:
        """The same where lines begin at a minute: a level is one of net since the open, so it has no line there."""
        return replace(
            self,
            threshold=None,
            share=None,
            reached="",
            fired=tuple(at for at in self.fired if at > anchor),
            revised=tuple(at for at in self.revised if at > anchor),
        )


def plot_state(row: Row, data: SessionData, session: str = "", marked: Marked | None = None) -> PlotState:
    """The threshold and the marks of a row; `session` says which one it is where it is not the running one."""
    threshold, alert, day = row.level, row.alert, data.day
    marked = marked or Marked()
    fired: int | None = None
    if alert is not None and _is_marked(alert, data):
        fired = round(day.index(alert.line_time))
        if row.threshold is None and alert.rule.startswith("net <="):  # another rule's level is no amount of net
            threshold = alert.threshold
    of_threshold = alert is None or not alert.rule_id or is_threshold_id(alert.rule_id)
    reached = fired if of_threshold else None
    # What failed its checks reaches nothing, and a share had another level at every minute before.
    if reached is None and threshold is not None and not (row.flagged or isinstance(row.threshold, Share)):
        reached = first_breach(data.values[NET], threshold)
    others = {round(day.index(each.line_time)) for each in marked.alerts if _is_marked(each, data)}
    elsewhere = alert_source(row) if fired is not None else None
    return PlotState(
        key=(row.symbol, row.source, day.day),
        currency=row.money,
        threshold=threshold,
        share=row.threshold if isinstance(row.threshold, Share) else None,
        # The row's own alert comes last: it is the one that is named.
        fired=(*sorted(others - {fired}), *(() if fired is None else (fired,))),
        reached="" if reached is None else clock(day.label(reached), ZoneInfo(day.zone)),
        fired_at="" if elsewhere is None else source_label(elsewhere),
        revised=tuple(sorted({round(day.index(label)) for label in marked.revised})),
        session=session,
    )


def _is_marked(alert: AlertRecord, data: SessionData) -> bool:
    return not alert.cannot_judge and alert.session == data.day.day.isoformat()
