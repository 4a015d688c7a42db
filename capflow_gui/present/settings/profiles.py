"""What is said of profiles."""

from __future__ import annotations

from capflow_gui.present.language.texts import _, ngettext
from capflow_gui.present.numbers import byte_size


def profile_title(name: str) -> str:
    """What a profile is called; the main one has no name until its user gives it one."""
    return name or _("Main profile")


def profile_line(name: str, *, here: bool, is_open: bool) -> str:
    """A profile in the list."""
    if here:
        return _("{name} (this window)").format(name=profile_title(name))
    return _("{name} (open)").format(name=profile_title(name)) if is_open else profile_title(name)


def deletion_words(name: str, symbols: int, size: int) -> str:
    """What goes with a profile."""
    listed = ngettext("a list of {count} symbol", "a list of {count} symbols", symbols).format(count=symbols)
    return _(
        "Delete “{name}”? Its settings, its rules, {listed}, its alerts and its recordings go, {size} on this "
        "computer. This cannot be undone. Sign-ins and secrets in the keyring stay: other profiles use them too."
    ).format(name=profile_title(name), listed=listed, size=byte_size(size))
