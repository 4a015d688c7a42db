"""Which channels are told of an event, and the letters for them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from capflow_gui.delivery.model import Change, Message
from capflow_gui.delivery.outbox import encoded
from capflow_gui.domain.alert_record import ANNOUNCED, AlertEvent, AlertRecord
from capflow_gui.settings.channels import ChannelSettings
from capflow_gui.storage.alert_log import Letter

# Words an event, or (None) the acknowledgement of a record, under a key; the last is when it happened, UTC.
Words = Callable[[AlertRecord, AlertEvent | None, str, float], Message]
# The names of the channels that an alert's rule has chosen; None: all of them.
Chosen = Callable[[AlertRecord], Collection[str] | None]


class Posting:
    """Implements storage.alert_log.Post. All but the constructor is called in the log's thread.

    channels  those in use; their settings say whether they are told of more than alerts
    posted    is called when there may be something in the outbox
    """

    def __init__(
        self,
        channels: Mapping[str, ChannelSettings],
        words: Words,
        posted: Callable[[], None],
        chosen: Chosen = lambda _record: None,
    ) -> None:
        self._channels = channels
        self._words = words
        self._chosen = chosen
        self.posted = posted

    def announced(self, event: AlertEvent, at: float) -> Iterator[Letter]:
        """What is to be sent of an event."""
        key = f"{event.record.id}.{event.record.told}"
        if event.change in ANNOUNCED:
            return self._letters(event.record, event, key, at, self._names(event.record))
        return self._letters(
            event.record, event, f"{key}.{event.change.value}", at, self._names(event.record, alerts=False)
        )

    def acknowledged(self, record: AlertRecord, at: float) -> Iterator[Letter]:
        """What is to be sent of an acknowledgement."""
        key = f"{record.id}.{record.told}.{Change.ACKNOWLEDGED.value}"
        return self._letters(record, None, key, at, self._names(record, alerts=False))

    def _names(self, record: AlertRecord, *, alerts: bool = True) -> list[str]:
        """The channels that are told of an alert (`alerts`), or of what became of it."""
        chosen = self._chosen(record)
        told = (name for name, settings in self._channels.items() if alerts or settings.cleared)
        return [name for name in told if chosen is None or name in chosen]

    def _letters(
        self, record: AlertRecord, event: AlertEvent | None, key: str, at: float, names: Sequence[str]
    ) -> Iterator[Letter]:
        if names:
            text = encoded(self._words(record, event, key, at))
            yield from (Letter(key, name, record.id, text) for name in names)
