"""Which channels are told of an event, and the letters for them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from capflow_gui.delivery.model import Change, Message, Urgency
from capflow_gui.delivery.outbox import encoded
from capflow_gui.domain.alert_record import AlertEvent, AlertRecord
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.rule_entry import RuleEntry
from capflow_gui.settings.channels import ChannelSettings
from capflow_gui.storage.alert_log import Letter

# Words an event, or (None) the acknowledgement of a record, under a key; the last is when it happened, UTC.
Words = Callable[[AlertRecord, AlertEvent | None, str, float], Message]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What an alert's rule wants.

    channels  those that are told, by name; None: all there are
    quiet     hours in which its messages are held
    urgent    whether they pass all quiet hours
    """

    channels: Collection[str] | None = None
    quiet: str = ""
    urgent: bool = False


def together(wishes: Sequence[Wishes]) -> Wishes:
    """What rules that say the same want: channels of any of them, quiet hours where all have some, urgent if one is."""
    named = [each.channels for each in wishes if each.channels is not None]
    return Wishes(
        None if len(named) < len(wishes) else {name for names in named for name in names},
        wishes[0].quiet if all(each.quiet for each in wishes) else "",
        urgent=any(each.urgent for each in wishes),
    )


def wishes_of(entries: Iterable[RuleEntry], rule_id: str, symbol: Symbol, groups: Collection[str]) -> Wishes:
    """What the rule of an alert wants, with those that it covers: they say the same of the symbol, and raise nothing.

    groups  those that the symbol stands in
    """
    rules = list(entries)
    own = next((each for each in rules if each.id == rule_id), None)
    if own is None:
        return Wishes()
    covered = [
        each
        for each in rules
        if each is not own and not each.is_threshold and each.rule is not None and each.covers(symbol, groups)
        if own.rule is not None and each.rule.condition == own.rule.condition
    ]
    return together([Wishes(each.channels, each.quiet, urgent=each.urgent) for each in (own, *covered)])


# What the rule of an alert wants.
Wished = Callable[[AlertRecord], Wishes]


class Posting:
    """Implements storage.alert_log.Post. All but the constructor and `use` is called in the log's thread.

    channels  those in use; their settings say whether they are told of more than alerts
    posted    is called when there may be something in the outbox
    """

    def __init__(
        self,
        channels: Mapping[str, ChannelSettings],
        words: Words,
        posted: Callable[[], None],
        wished: Wished = lambda _record: Wishes(),
    ) -> None:
        self.use(channels)
        self._words = words
        self._wished = wished
        self.posted = posted

    def use(self, channels: Mapping[str, ChannelSettings]) -> None:
        """Tell these channels from now on. May be called in any thread."""
        self._channels = list(channels)
        self._followers = [name for name, settings in channels.items() if settings.cleared]

    def announced(self, event: AlertEvent, at: float) -> Iterator[Letter]:
        """What is to be sent of an event."""
        key = f"{event.record.id}-{event.record.told}"
        if event.announces:
            if not event.announced or event.is_of_lost_source:
                return iter(())
            return self._letters(event.record, event, key, at, self._channels)
        told = self._channels if event.is_source_again else self._followers
        return self._letters(event.record, event, f"{key}-{event.change.value}", at, told)

    def acknowledged(self, record: AlertRecord, at: float) -> Iterator[Letter]:
        """What is to be sent of an acknowledgement."""
        key = f"{record.id}-{record.told}-{Change.ACKNOWLEDGED.value}"
        return self._letters(record, None, key, at, self._followers)

    def _letters(
        self, record: AlertRecord, event: AlertEvent | None, key: str, at: float, names: Collection[str]
    ) -> Iterator[Letter]:
        wishes = self._wished(record)
        told = [name for name in names if wishes.channels is None or name in wishes.channels]
        if told:
            message = replace(self._words(record, event, key, at), quiet=wishes.quiet)
            if wishes.urgent:
                message = replace(message, urgency=Urgency.URGENT)
            text = encoded(message)
            yield from (Letter(key, name, record.id, text) for name in told)
