"""The connections of the running profile: one broker, or both."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QTabWidget, QWidget

from capflow_gui.domain.link import LinkState
from capflow_gui.present.connection_words import Leaving
from capflow_gui.present.language.texts import _
from capflow_gui.present.longport_sentences import needs_sign_in
from capflow_gui.present.sentences import Sentence, Tone, link_sentence, source_title
from capflow_gui.settings import Connection, DeskSettings, LongportSettings, OpendSettings
from capflow_gui.ui.dialogs.connection_form import ConnectionForm
from capflow_gui.ui.dialogs.desk_form import DeskForm
from capflow_gui.ui.dialogs.held_forms import hold_desk, hold_longport, hold_opend
from capflow_gui.ui.dialogs.longport_form import LongportForm
from capflow_gui.ui.dialogs.sheets import Sheet
from capflow_gui.ui.dialogs.source_strip import SourceStrip
from capflow_gui.ui.layouts import stacked, text_label
from capflow_gui.ui.locked import BY_ADMINISTRATOR
from capflow_gui.ui.ports import ConnectServices, DeskAccess, LongportStanding
from capflow_gui.ui.theme import Role, Theme

_BROKERS = ("opend", "longport", "desk")
_SLOTS = frozenset({"source", "second_source"})


class ConnectionDialog(Sheet):
    """Emits `connect_requested` with the new settings of a connection, or `disconnect_requested` with a
    source and whether its sign-in is to be ended, too; and closes.
    """

    connect_requested = Signal(object)
    disconnect_requested = Signal(str, bool)

    takes_input = True

    def __init__(
        self,
        opend: OpendSettings,
        longport: LongportSettings,
        services: ConnectServices,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        source: str = "opend",
        locks: Collection[str] = (),
        closed: Collection[str] = (),
        desk: tuple[DeskSettings, DeskAccess] | None = None,
        connected: Mapping[str, tuple[Leaving, LinkState | None]] | None = None,
        mono_now: float = 0.0,
    ) -> None:
        """`source` is the one whose form is in front.

        `locks` are the dotted names of what a policy has locked; `closed` the brokers it leaves no place for.
        `desk` is the desk and the way into it, None where none can be connected.
        `connected` are the sources of the profile, with their links at `mono_now` (monotonic seconds).
        """
        super().__init__(_("Connections"), theme, parent, (560, 540))
        self.strips: dict[str, SourceStrip] = {}
        self.tabs = QTabWidget(self)
        self.tabs.setAccessibleName(_("Brokers"))
        broken = False
        for name, (leaving, link) in (connected or {}).items():
            state = _state(name, link, mono_now)
            broken = broken or (name == "longport" and link is not None and needs_sign_in(link))
            strip = SourceStrip(leaving, state, theme, self, signs_out=name == "longport")
            strip.confirmed.connect(partial(self._disconnect, name))
            if _SLOTS & set(locks):
                strip.hold()
            self.strips[name] = strip
        self.form = ConnectionForm(opend, services.test, services.start, theme, self)
        self.longport = LongportForm(longport, services.longport, services.start, theme, self, anew=broken)
        hold_opend(self.form, locks)
        hold_longport(self.longport, locks)
        hint = "" if "opend" in self.strips else _("OpenD must be running and logged in.")
        self._add_page("OpenD", hint, self.strips.get("opend"), self.form, theme)
        self._add_page("Longport", "", self.strips.get("longport"), self.longport, theme)
        self.desk: DeskForm | None = None
        if desk is not None:
            self.desk = DeskForm(*desk, services.start, theme, self)
            hold_desk(self.desk, locks)
            hint = "" if "desk" in self.strips else _("One collector polls for many windows: ask its administrator.")
            self._add_page(_("Desk"), hint, self.strips.get("desk"), self.desk, theme)
            self.desk.connect_requested.connect(self._connect)
            self.finished.connect(self._rest_desk)
        for place, broker in enumerate(_BROKERS[: self.tabs.count()]):
            if broker in closed:
                self.tabs.setTabEnabled(place, False)
                self.tabs.setTabToolTip(place, _(BY_ADMINISTRATOR))
        self.fill(stacked(self.tabs))
        self.form.connect_requested.connect(self._connect)
        self.longport.connect_requested.connect(self._connect)
        self.finished.connect(lambda _result: self.form.rest())
        self.finished.connect(lambda _result: self.longport.leave())
        self.tabs.currentChanged.connect(self._turned)
        self.tabs.setCurrentIndex(min(_BROKERS.index(source), self.tabs.count() - 1) if source in _BROKERS else 0)
        self._turned(self.tabs.currentIndex())
        self.longport.stood.connect(self._stands)
        if source == "desk" and self.desk is not None:
            self.desk.host.setFocus(Qt.FocusReason.OtherFocusReason)
        elif source == "longport":
            self.longport.focus_way()
        else:
            self.form.host.setFocus(Qt.FocusReason.OtherFocusReason)

    def _add_page(self, name: str, hint: str, strip: SourceStrip | None, form: QWidget, theme: Theme) -> None:
        page = QWidget(self)
        rows = stacked(of=page, margins=(14, 14, 14, 14), spacing=14)
        if hint:
            rows.addWidget(text_label(hint, page, theme.font(Role.SENTENCE), "dim"))
        if strip is not None:
            rows.addWidget(strip)
        rows.addWidget(form, 1)
        self.tabs.addTab(page, name)

    def _rest_desk(self) -> None:
        if self.desk is not None:
            self.desk.rest()

    def _turned(self, place: int) -> None:
        """Enter connects what is in front."""
        forms = (self.form, self.longport, self.desk)
        if (form := forms[place]) is not None:
            form.connect_button.setDefault(True)

    def _stands(self, standing: LongportStanding) -> None:
        """There is nothing to sign out of where the environment says who we are."""
        strip = self.strips.get("longport")
        if strip is not None:
            strip.sign_out_button.setVisible(standing.way != "environment")

    def _connect(self, values: Connection) -> None:
        self.connect_requested.emit(values)
        self.accept()

    def _disconnect(self, source: str, sign_out: bool) -> None:
        self.disconnect_requested.emit(source, sign_out)
        self.accept()


def _state(name: str, link: LinkState | None, mono_now: float) -> Sentence:
    if link is None:
        return Sentence(
            _("{source} is not running").format(source=source_title(name)),
            _("Its settings cannot be used."),
            tone=Tone.TROUBLE,
        )
    return link_sentence(link, mono_now)
