"""The alerts that the windows of a desk share, and who acknowledged them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from msgspec import structs

from capflow_gui.domain.alert_record import AlertRecord
from capflow_gui.errors import RemoteProtocolError
from capflow_gui.providers.base import PushedAlert
from capflow_gui.providers.desk.unread import Unread
from capflow_gui.wire.desk import subjects
from capflow_gui.wire.desk.known_alerts import KnownAlerts
from capflow_gui.wire.desk.messages import Ack, SharedAlert, decode_ack, decode_alert

MOST_ACKS = 10_000


@dataclass(slots=True)
class DeskAlerts:
    """The streams ALERT and ACK, by alert. Whoever acknowledged an announcement first stays the one who did.

    The `time` of a message is when the server stored it, as it says: an acknowledgement from before the alert was said
    last is believed as far as the collector did. A window that starts late has no other way to tell.

    unsent  alerts that were acknowledged here, and when (UTC epoch seconds), while nobody has been told of it
    """

    source: str
    unread: Unread
    unsent: dict[str, tuple[AlertRecord, float]] = field(default_factory=dict)
    _alerts: KnownAlerts = field(default_factory=KnownAlerts)
    _said: dict[str, str] = field(default_factory=dict)  # when each alert was said last
    _acks: dict[str, tuple[str, Ack, str]] = field(default_factory=dict)  # with its time until it is compared

    def alert(self, subject: str, payload: bytes, *, fresh: bool, time: str = "") -> PushedAlert | None:
        """A collector said what became of an alert; None where it cannot be read."""
        try:
            shared = decode_alert(payload)
        except RemoteProtocolError as error:
            self.unread.note("alerts", f"{self.source}: {subject}", error)
            return None
        before = self._alerts.get(shared.record.id)
        for old in self._alerts.keep(shared):
            self._acks.pop(old, None)
            self._said.pop(old, None)
        self._said[shared.record.id] = time
        held = self._acks.get(shared.record.id)
        if held is not None:
            user, ack, at = held
            self._acks[shared.record.id] = user, _of(shared, ack, at, time), ""
        return self._pushed(shared, fresh=fresh, before=None if before is None else before.record)

    def ack(self, subject: str, payload: bytes, time: str = "") -> PushedAlert | None:
        """Somebody acknowledged an alert; None where nothing is new by that."""
        user = "acknowledgements"
        try:
            user, alert_id = subjects.read_ack(subject)
            ack = decode_ack(payload)
        except RemoteProtocolError as error:
            self.unread.note(user, f"{self.source}: {subject}", error)
            return None
        waiting = self.unsent.get(alert_id)
        if waiting is not None and ack.told >= waiting[0].told:
            del self.unsent[alert_id]
        shared = self._alerts.get(alert_id)
        if shared is not None:
            ack, time = _of(shared, ack, time, self._said[alert_id]), ""
        held = self._acks.get(alert_id)
        if held is not None and held[1].told >= ack.told:
            return None
        self._acks[alert_id] = user, ack, time
        if shared is None:
            # The streams are read side by side, and any user may acknowledge what there is not.
            if len(self._acks) > MOST_ACKS:
                del self._acks[next(each for each in self._acks if each not in self._alerts)]
            return None
        return self._pushed(shared, fresh=False)

    def _pushed(self, shared: SharedAlert, *, fresh: bool, before: AlertRecord | None = None) -> PushedAlert:
        record = shared.record
        user, at, seen = shared.acknowledged_by or "", shared.acknowledged_at, record.seen
        held = self._acks.get(record.id)
        if held is not None and held[1].told >= seen and (not user or held[1].told > seen):
            user, at, seen = held[0], held[1].at, min(held[1].told, record.told)
        # What this window snoozes or acknowledges is no other window's.
        return PushedAlert(replace(record, seen=seen, seen_by=user, seen_at=at), shared.change, fresh, before)


def _of(shared: SharedAlert, ack: Ack, at: str, said: str) -> Ack:
    """An acknowledgement of no more announcements than there were: what comes later is not acknowledged.

    at, said  when it and the alert were stored; empty, it is not known, or was compared before
    """
    is_older = bool(at and said) and subjects.stored_at(at) < subjects.stored_at(said)
    return structs.replace(ack, told=min(ack.told, shared.record.seen if is_older else shared.record.told))
