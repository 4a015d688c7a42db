"""What channels are told: an alert, several in a digest, and a test. Never anything of an account.

Times of day are the exchange's. `fields` are for programs: they are English, and never change.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from capflow_gui.delivery.model import TITLE_CHARACTERS, Change, Message, Urgency
from capflow_gui.domain.alert_record import AlertEvent, AlertRecord
from capflow_gui.domain.session import Calendar
from capflow_gui.present.export import moment
from capflow_gui.present.language.texts import N_, _, english, listed
from capflow_gui.present.names import channel_title, source_title
from capflow_gui.present.numbers import clock_time, count_of
from capflow_gui.present.reasons import reason_in_english, reason_words
from capflow_gui.present.sentences import is_amount, measured, reason_sentence, rule_words

Field = str | int | float | bool | None
_SIMULATED = N_("SIMULATED: these figures come from a simulator.")
_NAMED = 3
_CHANGES = {Change.CLEARED: N_("cleared"), Change.ACKNOWLEDGED: N_("acknowledged")}


def alert_message(
    record: AlertRecord, event: AlertEvent | None, key: str, at: float, calendar: Calendar, *, money: tuple[str, bool]
) -> Message:
    """An alert's message: of an event, or (None) of its acknowledgement.

    at     UTC, on this computer's clock
    money  the currency of the symbol's amounts, and whether it is assumed
    """
    kind = Change.ACKNOWLEDGED if event is None else Change(event.change.value)
    if record.of_source:
        return _source_message(record, event, key, at, kind)
    figure, (currency, assumed) = _Figure.of(record, event, calendar), money
    unit = _("{currency} (assumed)").format(currency=currency) if assumed else currency
    unit = f" {unit}" if is_amount(record.rule) else ""
    why = "" if event is None or event.reason is None else reason_words(event.reason)
    lines = [_("Rule: {rule}").format(rule=rule_words(record.rule_text))]
    if figure.value is not None:
        lines.append(
            _("Value: {value} at {time}, threshold {threshold}").format(
                value=figure.text + unit, time=figure.label, threshold=figure.threshold_text
            )
        )
    if event is not None and event.late:
        lines.append(_("It began before it was watched."))
    if why and kind not in (Change.CANNOT_JUDGE, Change.JUDGED_AGAIN):
        lines.append(_("Reason: {why}").format(why=why))
    lines.append(
        _("Session {session}, source {source}").format(session=record.session, source=source_title(record.source))
    )
    fields: dict[str, Field] = {
        "symbol": str(record.symbol),
        "source": record.source,
        "session": record.session,
        "rule": record.rule_text,
        "state": kind.value,
        "value": figure.value,
        "threshold": figure.threshold,
        "currency": currency if unit else None,
        "currency_assumed": bool(unit) and assumed,
        "time": figure.time,
        # Seconds between the end of the line's minute and the alert.
        "freshness": None if event is None or event.time is None else round(event.at - event.time, 3),
        "reason": reason_in_english(None if event is None else event.reason) or None,
        "late": event is not None and event.late,
        "simulated": record.simulated,
        "test": False,
    }
    return _message(key, kind, _title(record, kind, figure, why), lines, fields, at=at, incident=record.id)


def _source_message(record: AlertRecord, event: AlertEvent | None, key: str, at: float, kind: Change) -> Message:
    """That something is wrong with a source, or what became of it. It passes quiet hours, as all of it does."""
    source, wrong = source_title(record.source), "" if record.reason is None else reason_sentence(record.reason)
    match kind:
        case Change.CANNOT_JUDGE:
            title, lines = wrong, [_("Silence of its symbols does not mean that all is well.")]
        case Change.JUDGED_AGAIN if event is not None and event.is_source_again:
            title, lines = (
                _("{source} answers again.").format(source=source),
                [_("What was wrong: {wrong}").format(wrong=wrong)],
            )
        case Change.JUDGED_AGAIN:
            title, lines = (
                _("{source}: the session is over.").format(source=source),
                [_("Still so at its end: {wrong}").format(wrong=wrong)],
            )
        case _:
            title, lines = _("{source}: acknowledged.").format(source=source), [wrong]
    fields: dict[str, Field] = {
        "symbol": None,
        "source": record.source,
        "session": record.session,
        "rule": record.rule_text,
        "state": kind.value,
        **dict.fromkeys(("value", "threshold", "currency", "time", "freshness")),
        "currency_assumed": False,
        "reason": _wrong_in_english(record),
        "late": False,
        "simulated": record.simulated,
        "test": False,
    }
    return _message(key, kind, title, lines, fields, at=at, incident=record.id, urgency=Urgency.URGENT)


def _wrong_in_english(record: AlertRecord) -> str:
    with english():
        return "" if record.reason is None else reason_sentence(record.reason)


@dataclass(frozen=True, slots=True)
class _Figure:
    """What an event measured. `label` is the exchange's time of day."""

    value: float | None
    threshold: float
    text: str
    threshold_text: str
    label: str
    time: str | None

    @classmethod
    def of(cls, record: AlertRecord, event: AlertEvent | None, calendar: Calendar) -> _Figure:
        zone = calendar.zone(record.symbol.market)
        value = None if event is None or event.value is None or not math.isfinite(event.value) else event.value
        threshold = record.threshold if event is None else event.threshold
        time = None if event is None else event.time
        return cls(
            value,
            threshold,
            measured(record.rule, value),
            measured(record.rule, threshold),
            "" if time is None else clock_time(time, zone, seconds=False),
            None if time is None else moment(time, zone),
        )


def _title(record: AlertRecord, kind: Change, figure: _Figure, why: str) -> str:
    rule = rule_words(record.rule)
    match kind:
        case Change.RAISED:
            said = _("{rule}: {value} at {time}").format(rule=rule, value=figure.text, time=figure.label)
        case Change.ESCALATED:
            said = _("worse: {value} at {time} ({rule})").format(value=figure.text, time=figure.label, rule=rule)
        case Change.CANNOT_JUDGE:
            said = _("{rule} cannot be judged: {why}").format(rule=rule, why=why)
        case Change.JUDGED_AGAIN:
            said = _("{rule} can be judged again").format(rule=rule)
        case _:
            said = _("{what}: {rule}").format(what=_(_CHANGES[kind]), rule=rule)
    return f"{record.symbol} {said}"


def digest_message(messages: Sequence[Message], settled: Sequence[Message], key: str, at: float) -> Message:
    """Several messages as one, which names all of them; of alerts that are over, or acknowledged, only how many."""
    symbols = list(dict.fromkeys(map(_subject, messages)))
    named = listed(symbols[:_NAMED])
    if len(symbols) > _NAMED:
        named = _("{named} and {count} more").format(named=named, count=len(symbols) - _NAMED)
    over = len({each.incident for each in settled} - {each.incident for each in messages})
    simulated = any(each.fields["simulated"] for each in (*messages, *settled))
    titles = [each.title.removeprefix(f"{_('SIMULATED')} ") for each in messages]
    fields: dict[str, Field] = {
        "symbol": " ".join(symbols),
        "state": Change.DIGEST.value,
        "count": len(messages),
        "settled": over,
        "simulated": simulated,
        "test": False,
    }
    urgency = Urgency.URGENT if any(each.urgency is Urgency.URGENT for each in messages) else Urgency.NORMAL
    if messages:
        # All symbols first: a channel may cut off the end.
        title, lines = f"{count_of(len(messages), 'alert')}: {named}", [listed(symbols), *titles]
        if over:
            lines.append(
                _("{alerts} in quiet hours: over, or acknowledged since.").format(alerts=count_of(over, "more alert"))
            )
    else:
        title = _("Quiet hours: {alerts}").format(alerts=count_of(over, "alert"))
        lines = [_("None stands: all are over, or acknowledged since.")]
    return _message(key, Change.DIGEST, title, lines, fields, at=at, incident=key, urgency=urgency)


def _subject(message: Message) -> str:
    symbol = message.fields["symbol"]
    return source_title(str(message.fields["source"])) if symbol is None else str(symbol)


def message_of_test(channel: str, at: float) -> Message:
    """What a test of a channel sends."""
    day = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")
    fields: dict[str, Field] = {
        "state": Change.TEST.value,
        "channel": channel,
        "simulated": False,
        "test": True,
    }
    lines = [
        _("This is a test of the channel {channel}, sent at {day} UTC. No alert was raised.").format(
            channel=channel_title(channel), day=day
        )
    ]
    return _message(f"test-{at * 1000:.0f}", Change.TEST, _("Capflow: a test"), lines, fields, at=at, incident="test")


def _message(
    key: str,
    kind: Change,
    title: str,
    lines: Sequence[str],
    fields: dict[str, Field],
    *,
    at: float,
    incident: str,
    urgency: Urgency = Urgency.NORMAL,
) -> Message:
    if fields["simulated"]:
        title, lines = f"{_('SIMULATED')} {title}", [*lines, _(_SIMULATED)]
    title = " ".join(title.split())
    if len(title) > TITLE_CHARACTERS:
        title = f"{title[: TITLE_CHARACTERS - 1]}…"
    return Message(key, title, "\n".join(lines), at, fields, incident, kind, urgency)
