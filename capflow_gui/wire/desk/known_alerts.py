"""The shared alerts that a collector or a window knows, for as long as the bus keeps them."""

from __future__ import annotations

from capflow_gui.wire.desk.messages import SharedAlert

# Seconds for which the bus keeps what was said of an alert last.
KEPT_S = 7 * 86400.0
# So many are looked through for old ones at first, and whenever there are twice as many as were left.
FIRST_LOOK = 2000


class KnownAlerts(dict[str, SharedAlert]):
    """By id, what was said of each alert last. `keep` adds one; a program that runs for months forgets old ones."""

    def __init__(self) -> None:
        super().__init__()
        self._look_at = FIRST_LOOK

    def keep(self, shared: SharedAlert) -> list[str]:
        """Add an alert, or replace the one of its id; the ids of those that are forgotten by that.

        These are over, and were raised so long before the newest that the bus does not keep them. One that stands is
        kept, however old.
        """
        self[shared.record.id] = shared
        if len(self) < self._look_at:
            return []
        since = max(each.record.raised_at for each in self.values()) - KEPT_S
        old = [name for name, each in self.items() if not each.record.standing and each.record.raised_at < since]
        for name in old:
            del self[name]
        self._look_at = max(FIRST_LOOK, 2 * len(self))
        return old
