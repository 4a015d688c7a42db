"""What the tape says of its events."""

from __future__ import annotations

from datetime import date, tzinfo
from math import isfinite

from capflow_gui.domain.tape.event import TapeEvent, TapeKind
from capflow_gui.domain.tape.session_tape import BURST_MINUTES
from capflow_gui.present import numbers
from capflow_gui.present.language.texts import N_, _

KINDS = {
    TapeKind.BURST: N_("Burst"),
    TapeKind.REVERSAL: N_("Reversal"),
    TapeKind.LOW: N_("New low"),
    TapeKind.HIGH: N_("New high"),
    TapeKind.AGAINST: N_("Main against rest"),
    TapeKind.REVISION: N_("Revision"),
    TapeKind.STALE: N_("Stale"),
    TapeKind.BACK: N_("Figures again"),
}
_COLUMNS = (
    *(N_("Session"), N_("Time"), N_("Symbol"), N_("Source"), N_("Kind"), N_("Size"), N_("Currency")),
    N_("What happened"),
)
HEADERS = (N_("Time"), N_("Symbol"), N_("Kind"), N_("Size"), N_("What happened"))
NO_EVENT = N_("Nothing yet. Bursts, reversals, new lows and highs, and large revisions stand here, without any rule.")
NO_EVENT_PLAYED = N_("Nothing up to this time of the played session.")
NOT_FOUND = N_("No event passes the filter.")


def event_words(event: TapeEvent, zone: tzinfo) -> str:
    """What happened, without its time, kind and size."""

    def clock(at: float | None) -> str:
        return "" if at is None else numbers.clock_time(at, zone, seconds=False)

    net, other = numbers.compact(event.net), numbers.compact(event.other)
    match event.kind:
        case TapeKind.BURST:
            words = _("in {minutes} min, net now {net}").format(minutes=BURST_MINUTES, net=net)
        case TapeKind.REVERSAL:
            words = _("net {net}, was {other} at {clock}").format(net=net, other=other, clock=clock(event.since))
        case TapeKind.LOW:
            words = _("net below the {other} of {clock}").format(other=other, clock=clock(event.since))
        case TapeKind.HIGH:
            words = _("net above the {other} of {clock}").format(other=other, clock=clock(event.since))
        case TapeKind.AGAINST:
            words = _("main {amount}, the rest {other}").format(amount=numbers.compact(event.size), other=other)
        case TapeKind.REVISION:
            words = _("net of {clock} is {net}, was {other}").format(clock=clock(event.line), net=net, other=other)
        case TapeKind.STALE:
            words = _("nothing newer than {clock}").format(clock=clock(event.line))
        case TapeKind.BACK:
            words = _("figures again after {duration}").format(
                duration=numbers.duration(event.at - (event.since or event.at))
            )
    return words


def size_words(event: TapeEvent, money: str) -> str:
    """The amount in its currency; empty where the event has none."""
    return f"{numbers.compact(event.size)} {money}" if isfinite(event.size) else ""


def time_words(event: TapeEvent, zone: tzinfo, today: date) -> str:
    """The minute on the exchange's clock, with the date where the session is another than today's."""
    text = numbers.clock_time(event.at, zone, seconds=False)
    return text if event.session == today else f"{numbers.day_and_month(event.session)} {text}"


def tape_table(rows: list[tuple[TapeEvent, str, tzinfo]]) -> str:
    """Events, each with its currency and zone, as tab-separated text with a header and full amounts."""
    lines = ["\t".join(map(_, _COLUMNS))]
    for event, money, zone in rows:
        size = f"{event.size:.2f}".removesuffix(".00") if isfinite(event.size) else ""
        at = numbers.clock_time(event.at, zone, seconds=False)
        cells = (event.session.isoformat(), at, str(event.symbol), event.source, _(KINDS[event.kind]), size)
        lines.append("\t".join((*cells, money if size else "", event_words(event, zone))))
    return "\n".join(lines) + "\n"
