"""What the user does with alerts: acknowledge, snooze, mute for the symbol, switch the rule off, ask why."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QWidget

from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import Choice
from capflow_gui.domain.typed.rule_entry import RuleEntry
from capflow_gui.feed.board import AlertRecord, BoardView
from capflow_gui.present.alerts.handling import NO_ALERT_CHOSEN, NO_RULE_ANY_MORE, SNOOZES, snooze_words
from capflow_gui.present.alerts.log_words import KEEPS_NONE, NOT_RECORDED, not_on_list
from capflow_gui.present.language.texts import _, listed
from capflow_gui.present.numbers import counted
from capflow_gui.present.recorded_words import NOTHING_TO_PLAY, no_session
from capflow_gui.present.sentences import error_sentence, rule_words
from capflow_gui.ui.alerts.table import AlertsTable
from capflow_gui.ui.layouts import passing_menu
from capflow_gui.ui.ports import RecordedSession
from capflow_gui.ui.window.dialogs import WindowDialogs
from capflow_gui.ui.window.intents import WindowIntents
from capflow_gui.ui.window.keys import Action, ActionScope
from capflow_gui.ui.window.played import PlayedParts

if TYPE_CHECKING:
    from capflow_gui.ui.alerts.log import LogSheet

_SNOOZE_KEYS = {15: "Z", None: "⇧Z"}
Act = Callable[[Sequence[AlertRecord]], None]


class AlertActions(QObject):
    """Has the intents carry out what is asked for of the selected alerts.

    They are those chosen in the table where it has the keyboard, else those of `symbols`, the list's selected ones.
    While a recorded session is `played`, its alerts can be asked about, and nothing is done with them.
    """

    def __init__(
        self,
        window: QWidget,
        board: BoardView,
        table: AlertsTable,
        intents: WindowIntents,
        dialogs: WindowDialogs,
        *,
        symbols: Callable[[], Collection[Symbol]],
        played: PlayedParts,
    ) -> None:
        super().__init__(window)
        self._window, self._board, self._table, self._intents = window, board, table, intents
        self._dialogs, self._symbols = dialogs, symbols
        self._played, self._live = played, played.live_only
        table.menu_requested.connect(self.open_menu)

    def actions(self) -> list[Action]:
        """For the keys, the menu and the search box."""
        act, of_alert = self._by_key, partial(Action, scope=ActionScope.ALERTS)
        every, words = self._intents.acknowledge_all, _("seen confirm quiet")
        seen = _("Says that the alerts of the selected symbol, or those selected in the table, were seen.")
        muted = _("Stops judging the alert's rule for this symbol.")
        off = _("Stops judging the alert's rule for every symbol.")
        told, why = (
            _("Opens every alert that was raised, to search."),
            _("Says in words and figures why it was raised."),
        )
        quiet = _("Keeps the alert quiet for a while.")
        return [
            of_alert(
                act(self.acknowledge), _("Acknowledge the selected symbol's alerts"), ("A",), what=seen, words=words
            ),
            of_alert(every, _("Acknowledge all alerts"), ("⇧A",), what=_("Says that all were seen."), words=words),
            *(
                of_alert(
                    act(partial(self.snooze, minutes=minutes)),
                    _("Snooze alerts {how_long}").format(how_long=snooze_words(minutes)),
                    tuple(filter(None, [_SNOOZE_KEYS.get(minutes)])),
                    2 if minutes in _SNOOZE_KEYS else 0,
                    what=quiet,
                    words=_("later silence"),
                )
                for minutes in SNOOZES
            ),
            of_alert(
                act(self.mute), _("Mute the alert's rule for its symbol"), ("M",), 2, what=muted, words=_("silence")
            ),
            of_alert(
                act(self.switch_off), _("Switch the alert's rule off"), ("⇧M",), 2, what=off, words=_("mute disable")
            ),
            of_alert(self.open_log, _("Log of alerts…"), ("⇧L",), 2, what=told, words=_("history past search")),
            of_alert(self.why_chosen, _("Why was it raised?"), ("Y",), 2, what=why, words=_("explain reason alert")),
        ]

    def acknowledge_chosen(self) -> None:
        """The rows chosen in the table; without any, the alerts of the selected symbols."""
        self._live(self.acknowledge)(self._table.selected() or self._of_symbols())

    def why_chosen(self) -> None:
        """Say why the chosen alert was raised; of several, the first."""
        self.why((self._table.selected() if self._table.hasFocus() else []) or self._of_symbols())

    def _by_key(self, act: Act) -> Callable[[], None]:
        def asked() -> None:
            chosen = self._table.selected() if self._table.hasFocus() else []
            self._live(act)(chosen or self._of_symbols())

        return asked

    def _of_symbols(self) -> list[AlertRecord]:
        symbols = self._symbols()
        return [each for each in self._board.alerts if each.symbol in symbols and (each.standing or each.waiting)]

    def open_menu(self, place: QPoint) -> None:
        """What can be done with the rows chosen in the table."""
        chosen, menu = self._table.selected(), passing_menu(self._window)

        def offer(name: str, act: Act, key: str = "", *, able: bool = True) -> None:
            acted = self._live(act)
            entry = menu.addAction(f"{name}\t{key}" if key else name, lambda: acted(chosen))
            entry.setEnabled(able and bool(chosen))

        offer(_("Acknowledge"), self.acknowledge, "A", able=any(not each.acknowledged for each in chosen))
        stands = any(each.standing for each in chosen)
        for minutes in SNOOZES:
            act = partial(self.snooze, minutes=minutes)
            offer(
                _("Snooze {snooze_words}").format(snooze_words=snooze_words(minutes)),
                act,
                _SNOOZE_KEYS.get(minutes, ""),
                able=stands,
            )
        if any(each.snoozed for each in chosen):
            offer(_("End the snooze"), self._intents.wake)
        menu.addSeparator()
        symbols, rules = {each.symbol for each in chosen}, {each.rule for each in chosen}
        whom = str(*symbols) if len(symbols) == 1 else _("their symbols")
        what = rule_words(*rules) if len(rules) == 1 else _("their rules")
        offer(_("Mute {what} for {whom}").format(what=what, whom=whom), self.mute, "M")
        offer(_("Switch {what} off").format(what=what), self.switch_off, "⇧M")
        menu.addSeparator()
        menu.addAction(_("Why?\tY"), lambda: self.why(chosen)).setEnabled(len(chosen) == 1)
        menu.addAction(_("Log of alerts…\t⇧L"), self.open_log)
        menu.popup(place)

    # the acts

    def acknowledge(self, records: Sequence[AlertRecord]) -> None:
        """Mark alerts as seen."""
        if not records:
            self._intents.say(_(NO_ALERT_CHOSEN))
            return
        self._intents.acknowledge([each.id for each in records if not each.acknowledged])

    def snooze(self, records: Sequence[AlertRecord], minutes: float | None) -> None:
        """Say nothing more of the alerts that stand, for so many minutes or (None) until the next session."""
        if not records:
            self._intents.say(_(NO_ALERT_CHOSEN))
            return
        self._intents.snooze(records, minutes)

    def why(self, records: Sequence[AlertRecord]) -> None:
        """Show why an alert was raised, by the lines on screen or recorded, and who was told."""
        from capflow_gui.ui.alerts.why import WhySheet  # noqa: PLC0415 - loads numpy

        if not records:
            self._intents.say(_(NO_ALERT_CHOSEN))
            return
        dialogs = self._dialogs
        dialogs.show_dialog(WhySheet(records[0], self._board, dialogs.services, dialogs.theme, self._window))

    def open_log(self) -> None:
        """Search every alert that was kept."""
        from capflow_gui.ui.alerts.log import LogSheet  # noqa: PLC0415 - when it is first wanted

        board, dialogs = self._board, self._dialogs
        history, start = dialogs.services.alerts, dialogs.services.start
        if history is None:
            self._intents.say(_(KEEPS_NONE))
            return
        last = datetime.fromtimestamp(board.market_now(), UTC).date() + timedelta(days=1)
        sheet = LogSheet(history, start, board.calendar, last, dialogs.theme, parent=self._window)
        sheet.why_wanted.connect(lambda record: self.why([record]))
        sheet.minute_wanted.connect(lambda record: self._go_to_minute(record, sheet))
        dialogs.show_dialog(sheet)

    def _go_to_minute(self, record: AlertRecord, sheet: LogSheet) -> None:
        """Play back the session of an alert up to when it was raised, or say why that cannot be."""
        from capflow_gui.archive.model import DayKey  # noqa: PLC0415 - loads numpy

        services, symbol, day = self._dialogs.services, record.symbol, date.fromisoformat(record.session)
        recorded = services.recorded
        if recorded is None or symbol not in self._board.symbols:
            sheet.say(_(NOT_RECORDED) if recorded is None else not_on_list(symbol))
            return

        def found(session: RecordedSession | None) -> None:
            if session is None or not session.states:
                sheet.say(no_session(symbol, day) if session is None else _(NOTHING_TO_PLAY))
                return
            sheet.accept()
            self._played.play(session, record.raised_at)

        key = DayKey(record.source, symbol, day)
        cancel = services.start(lambda: recorded.session(key), found, lambda error: sheet.say(error_sentence(error)))
        sheet.finished.connect(lambda _result: cancel())

    def mute(self, records: Sequence[AlertRecord]) -> None:
        """Judge the rules of alerts no longer on the alerts' symbols; a rule of one symbol is switched off."""
        self._intents.as_one(lambda: self._mute(records))

    def _mute(self, records: Sequence[AlertRecord]) -> None:
        found = self._rules_of(records)
        for entry, symbols in found:
            if entry.is_threshold:
                for symbol in symbols:
                    self._intents.choose_threshold(symbol, Choice.NONE)
        single = [replace(each, enabled=False) for each, __ in found if not (each.is_threshold or _has_many(each))]
        many = [
            replace(each, muted=each.muted | symbols)
            for each, symbols in found
            if not each.is_threshold and _has_many(each)
        ]
        if single or many:
            whom = listed(sorted({str(symbol) for __, symbols in found for symbol in symbols}))
            self._intents.set_rules(
                [*single, *many], _("Muted {named} for {whom}.").format(named=_named(single + many), whom=whom)
            )

    def switch_off(self, records: Sequence[AlertRecord]) -> None:
        """Switch the rules of alerts off; a threshold that is off is none."""
        self._intents.as_one(lambda: self._switch_off(records))

    def _switch_off(self, records: Sequence[AlertRecord]) -> None:
        found = self._rules_of(records)
        for entry, _records in found:
            if entry.is_threshold and entry.rule is not None:
                self._intents.choose_threshold(entry.rule.scope.symbol, Choice.NONE)
        own = [replace(entry, enabled=False) for entry, __ in found if not entry.is_threshold]
        if own:
            self._intents.set_rules(own, _("Switched {named} off.").format(named=_named(own)))

    def _rules_of(self, records: Sequence[AlertRecord]) -> list[tuple[RuleEntry, frozenset[Symbol]]]:
        """The rules of alerts as the profile has them now, each with the alerts' symbols; says where there is none."""
        entries = {entry.id: entry for entry in self._board.rules if entry.rule is not None}
        symbols: dict[str, set[Symbol]] = {}
        for record in records:
            if record.rule_id in entries:
                symbols.setdefault(record.rule_id, set()).add(record.symbol)
        if not symbols:
            self._intents.say(_(NO_RULE_ANY_MORE) if records else _(NO_ALERT_CHOSEN))
        return [(entries[number], frozenset(found)) for number, found in symbols.items()]


def _has_many(entry: RuleEntry) -> bool:
    return entry.rule is not None and entry.rule.scope.symbol is None


def _named(entries: Sequence[RuleEntry]) -> str:
    if len(entries) == 1:
        return _("the rule {rule}").format(rule=rule_words(entries[0].text))
    return counted(len(entries), "rule")
