"""What a policy has locked, in the forms that connect."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtWidgets import QVBoxLayout

from capflow_gui.present.language.texts import _
from capflow_gui.settings import Settings
from capflow_gui.ui.dialogs.connection_form import ConnectionForm
from capflow_gui.ui.dialogs.desk_form import DeskForm
from capflow_gui.ui.dialogs.longport_form import LongportForm
from capflow_gui.ui.layouts import text_label
from capflow_gui.ui.locked import GREYED, hold


def may_connect(broker: str, settings: Settings, locks: Collection[str]) -> bool:
    """Whether a connection to `broker` would be used: as the source, or beside it."""
    free = (settings.source is None and "source" not in locks) or "second_source" not in locks
    return free or broker in (settings.source, settings.second_source)


def hold_opend(form: ConnectionForm, locks: Collection[str]) -> None:
    """Grey what is locked of an OpenD."""
    held = [
        hold(locks, "opend.host", form.host),
        hold(locks, "opend.port", form.port),
        hold(locks, "opend.rsa_key", form.key, form.choose_button),
    ]
    if any(held):
        _say(form)


def hold_longport(form: LongportForm, locks: Collection[str]) -> None:
    """Grey what is locked of Longport."""
    if hold(locks, "longport.region", form.region):
        _say(form)


def hold_desk(form: DeskForm, locks: Collection[str]) -> None:
    """Grey what is locked of a desk."""
    held = [
        hold(locks, "desk.host", form.host),
        hold(locks, "desk.port", form.port),
        hold(locks, "desk.user", form.user),
        hold(locks, "desk.ca", form.ca, form.choose_button),
    ]
    if any(held):
        _say(form)


def _say(form: ConnectionForm | LongportForm | DeskForm) -> None:
    layout = form.layout()
    if isinstance(layout, QVBoxLayout):
        layout.insertWidget(0, text_label(_(GREYED), form, role="faint"))
