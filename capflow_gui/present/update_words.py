"""When to remind of looking for updates, and in which words. Capflow itself never asks: it opens a page."""

from __future__ import annotations

from datetime import date, timedelta

from capflow_gui.present.language.texts import _
from capflow_gui.settings import UpdateSettings

EVERY = timedelta(days=30)


def update_reminder(updates: UpdateSettings, today: date) -> str:
    """The sentence of a reminder that is due; empty where none is wanted or due.

    It is due 30 days after the last look or reminder, and at once where there was neither. A date after today comes
    from a clock that was wrong, and does not count.
    """
    if not updates.remind:
        return ""
    looked, reminded = (_past(text, today) for text in (updates.looked, updates.reminded))
    last = max(filter(None, (looked, reminded)), default=None)
    if last is not None and today - last < EVERY:
        return ""
    if looked is None:
        return _("You have not looked for updates of Capflow yet.")
    return _("You last looked for updates of Capflow {days} days ago.").format(days=(today - looked).days)


def _past(text: str | None, today: date) -> date | None:
    day = None if text is None else date.fromisoformat(text)
    return day if day is not None and day <= today else None
