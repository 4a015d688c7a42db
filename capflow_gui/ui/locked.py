"""Controls of settings that a policy has locked: greyed, and they say why."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtWidgets import QWidget

from capflow_gui.present.language.texts import N_, _

BY_ADMINISTRATOR = N_("Set by your administrator")
RULES_LOCKED = N_("Set by your administrator: rules stay as they are.")
CHANNELS_LOCKED = N_("Set by your administrator: channels stay as they are.")
GREYED = N_("What is greyed is set by your administrator.")


def by_administrator(_key: str) -> str:
    """Who locked a setting, where the policy does not say more."""
    return _(BY_ADMINISTRATOR)


def hold(locks: Collection[str], name: str, *controls: QWidget) -> bool:
    """Disable the controls of the setting `name` (`appearance.scheme`) where it is locked; whether it is."""
    locked = name in locks
    for control in controls if locked else ():
        control.setEnabled(False)
        control.setToolTip(_(BY_ADMINISTRATOR))
        control.setAccessibleDescription(_(BY_ADMINISTRATOR))
    return locked
