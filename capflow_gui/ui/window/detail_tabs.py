"""Under the chart: tabs, and at the right end of their bar what can be done with the selected row."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QStackedWidget, QWidget

from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.board import BoardView
from capflow_gui.present.language.texts import _
from capflow_gui.present.tape.words import NO_EVENT
from capflow_gui.ui.alerts.table import AlertsTable
from capflow_gui.ui.help.hover import RULE_FIGURES, TAPE_FIGURES, explain_table
from capflow_gui.ui.late import Late
from capflow_gui.ui.layouts import NO_MARGINS, beside, push_button, stacked
from capflow_gui.ui.ports import RecordedSession
from capflow_gui.ui.tab_strip import PAD, TabStrip
from capflow_gui.ui.theme import Role, Theme

if TYPE_CHECKING:
    from capflow_gui.ui.history.quality import QualityPage
    from capflow_gui.ui.rules.table import RulesTable
    from capflow_gui.ui.tape.table import TapeTable

_LARGE_TEXT = 1.25
_THOUSANDS = 2000
_READ_AFTER_MS = 100
_ALERTS, _RULES, _TAPE, _QUALITY = "alerts", "rules", "tape", "quality"


class DetailTabs(QWidget):
    """Emits what is asked for in its bar: to acknowledge the chosen alerts, for a threshold of the symbol.

    rule_asked(what, RuleEntry or None) and rule_menu_requested(RuleEntry or None, place) are those of RulesTable.
    line_chosen(TapeEvent): the chart is to show its minute. `shown_session` finds the recorded session of what the
    chart shows, `selected` the list's current symbol.
    """

    acknowledge_requested = Signal()
    why_requested = Signal()
    threshold_requested = Signal()
    rule_asked = Signal(str, object)
    rule_menu_requested = Signal(object, QPoint)
    symbol_chosen = Signal(object)
    line_chosen = Signal(object)

    def __init__(self, board: BoardView, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reading = QTimer(self)
        self._reading.setSingleShot(True)
        self._reading.timeout.connect(self._reload)
        self.setProperty("surface", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.shown_session: Callable[[], RecordedSession | None] = lambda: None
        self.selected: Callable[[], Symbol | None] = lambda: None
        self.tabs = TabStrip(theme, self)
        self.tabs.set_tabs([(_ALERTS, _("Alerts")), (_RULES, _("Rules")), (_TAPE, _("Tape")), (_QUALITY, _("Quality"))])
        self.alerts = AlertsTable(board, theme, self)
        self.rules = Late(self._make_rules)
        self.tape = Late(self._make_tape)
        self.quality = Late(self._make_quality)
        self._board, self._theme, self._no_event = board, theme, _(NO_EVENT)
        self._least: QSize | None = None  # without what stands over a table; none: to be reckoned
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self.alerts)
        self._acknowledge = push_button(_("Acknowledge"), self, "link")
        self._threshold = push_button(_("Threshold"), self, "link")
        self._why = push_button(_("Why?"), self, "link")
        self._more_alerts = push_button(_("More…"), self, "link")
        self._more_alerts.setAccessibleName(_("More for the chosen alerts"))
        self._new_rule = push_button(_("New rule"), self, "link")
        self._edit_rule = push_button(_("Edit"), self, "link")
        self._more = push_button(_("More…"), self, "link")
        self._filter = push_button(_("Filter…"), self, "link")
        self._copy_tape = push_button(_("Copy table"), self, "link")
        self._copy = push_button(_("Copy table"), self, "link")
        # Each button with its page, its key, and as which it gives way where there is no room; 0: it stays.
        self._actions = (
            (self._acknowledge, _ALERTS, "A", 2),
            (self._why, _ALERTS, "Y", 1),
            (self._threshold, _ALERTS, "E", 1),
            (self._more_alerts, _ALERTS, "", 0),
            (self._new_rule, _RULES, "⇧R", 0),
            (self._edit_rule, _RULES, "E", 1),
            (self._more, _RULES, "", 0),
            (self._filter, _TAPE, "", 0),
            (self._copy_tape, _TAPE, "Ctrl+C", 1),
            (self._copy, _QUALITY, "Ctrl+C", 0),
        )
        self._keys = [QLabel(action[2], self) for action in self._actions]
        for label in self._keys:
            label.setAccessibleName(_("Key {text}").format(text=label.text()))
        middle = Qt.AlignmentFlag.AlignVCenter
        parts = [part for (button, *__), key in zip(self._actions, self._keys, strict=True) for part in (button, key)]
        bar = beside(self.tabs, None, *((part, middle) for part in parts), margins=(18 - PAD, 0, 16, 0), spacing=4)
        stacked(bar, (self._pages, 1), of=self, margins=NO_MARGINS, spacing=0, choose=self._fit)
        self.alerts.symbol_chosen.connect(self.symbol_chosen)
        self._acknowledge.clicked.connect(self.acknowledge_requested)
        self._why.clicked.connect(self.why_requested)
        self._more_alerts.clicked.connect(lambda: self.alerts.menu_requested.emit(_below(self._more_alerts)))
        self._threshold.clicked.connect(self.threshold_requested)
        self._new_rule.clicked.connect(lambda: self.rule_asked.emit("new", None))
        self._edit_rule.clicked.connect(self._edit)
        self._more.clicked.connect(self._open_rule_menu)
        self._filter.clicked.connect(self._open_filter)
        self._copy_tape.clicked.connect(lambda: self.tape().copy())
        self._copy.clicked.connect(lambda: self.quality().copy())
        self.tabs.chosen.connect(self._turn_to)
        self._style(theme)
        self.reload()

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self._theme = theme
        for part in (self.tabs, self.alerts, self.rules.made, self.tape.made, self.quality.made):
            if part is not None:
                part.set_theme(theme)
        self._style(theme)
        self._offer()

    def changeEvent(self, event: QEvent) -> None:
        """Buttons in another font, or of another style, have other sizes."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._least = None

    def _style(self, theme: Theme) -> None:
        for label in self._keys:
            label.setFont(theme.font(Role.CAPTION))
            label.setStyleSheet(
                f"color: {theme.dim.name()}; border: 1px solid {theme.line2.name()};"
                " border-radius: 4px; padding: 1px 5px; margin-right: 8px;"
            )
        self._least = None
        self._leave_rest()

    def reload(self) -> None:
        """The alerts changed. The log of thousands is read in a turn of its own, once for what changes in several."""
        if len(self._board.alerts) > _THOUSANDS:
            if not self._reading.isActive():
                self._reading.start(_READ_AFTER_MS)
        else:
            self._reload()

    def _reload(self) -> None:
        self.alerts.reload()
        waiting = self.alerts.alerts.waiting
        total = self.alerts.alerts.rowCount()
        self.tabs.tab(_ALERTS).set_count(waiting or total or None, alarm=waiting > 0)
        self.tabs.tab(_RULES).set_count(sum(rule.enabled for rule in self._board.rules) or None)
        self._least = None
        if self.rules.made is not None:
            self.rules.made.reload()
        self._offer()

    def reload_tape(self) -> None:
        """The tape changed: it is read while it is looked at."""
        if self.tabs.current() == _TAPE:
            self.tape().reload()

    def say_where_empty(self, alerts: str, tape: str) -> None:
        """What is said on the pages while there is no alert, and no event."""
        self.alerts.say_where_empty(alerts)
        self._no_event = tape
        if self.tape.made is not None:
            self.tape.made.say_where_empty(tape)

    def show_quality(self) -> None:
        """The session shown may be another one, or have grown: read, and worked out, while it is looked at."""
        if self.tabs.current() == _QUALITY:
            self.quality().show_session(self.shown_session())
            self.tabs.tab(_QUALITY).set_count(self.quality().count)
            self._least = None

    def _make_rules(self) -> RulesTable:
        from capflow_gui.ui.rules.table import RulesTable  # noqa: PLC0415 - when first shown

        table = RulesTable(self._board, self._theme, self)
        explain_table(table, lambda: RULE_FIGURES)
        table.asked.connect(self.rule_asked)
        table.menu_requested.connect(self.rule_menu_requested)
        self._pages.addWidget(table)
        return table

    def _make_tape(self) -> TapeTable:
        from capflow_gui.ui.tape.table import TapeTable  # noqa: PLC0415 - when first shown

        table = TapeTable(self._board, self._theme, self)
        explain_table(table, lambda: TAPE_FIGURES)
        table.selected = self.selected
        table.say_where_empty(self._no_event)
        table.line_chosen.connect(self.line_chosen)
        table.filtered.connect(self._say_filtered)
        self._pages.addWidget(table)
        return table

    def _open_filter(self) -> None:
        self.tape().open_filter(self._filter.mapToGlobal(QPoint(0, self._filter.height() + 2)))

    def _say_filtered(self) -> None:
        count = self.tape().tape.shown.count
        self._filter.setText(_("Filter ({count})…").format(count=count) if count else _("Filter…"))
        self._least = None
        self._offer()

    def _edit(self) -> None:
        rule = self.rules().current()
        if rule is not None:
            self.rule_asked.emit("edit", rule)

    def _open_rule_menu(self) -> None:
        self.rule_menu_requested.emit(self.rules().current(), _below(self._more))

    def _make_quality(self) -> QualityPage:
        from capflow_gui.ui.history.quality import QualityPage  # noqa: PLC0415 - when first shown

        page = QualityPage(self._theme, self)
        self._pages.addWidget(page)
        return page

    def _page(self) -> AlertsTable | RulesTable | TapeTable | QualityPage:
        match self.tabs.current():
            case "rules":
                return self.rules()
            case "tape":
                return self.tape()
            case "quality":
                return self.quality()
            case _:
                return self.alerts

    def _turn_to(self, _key: object) -> None:
        self._pages.setCurrentWidget(self._page())
        self.updateGeometry()  # one of them has a line above its table
        self.show_quality()
        self.reload_tape()
        self._offer()
        self._leave_rest()

    def _offer(self) -> None:
        """What can be done on the page shown, as far as there is room beside the tabs: keys give way first."""
        page, waiting = self.tabs.current(), self.alerts.alerts.waiting > 0
        offered = {self._acknowledge: waiting} | dict.fromkeys(
            (self._why, self._more_alerts), self.alerts.alerts.rowCount() > 0
        )
        useful = [of == page and offered.get(button, True) for button, of, *_rest in self._actions]
        room = self.width() - self.tabs.sizeHint().width() - 40 + PAD
        for keys, gone in ((True, 0), (False, 0), (False, 1), (False, 2)):
            shown = [true and not 0 < place <= gone for (*__, place), true in zip(self._actions, useful, strict=True)]
            wide = sum(
                button.sizeHint().width() + 4 + keys * (label.sizeHint().width() + 16)
                for (button, *__), label, true in zip(self._actions, self._keys, shown, strict=True)
                if true
            )
            if wide <= room:
                break
        for (button, _page, key, _place), label, true in zip(self._actions, self._keys, shown, strict=True):
            button.setVisible(true)
            label.setVisible(true and bool(key) and keys and wide <= room)

    def minimumSizeHint(self) -> QSize:
        """The tabs, and one row under its headers. Large text: without what is in More, too."""
        if self._least is None:  # dividers ask many times for each size they give
            self._least = self._reckon_least()
        line = self.quality().line.height() if self.tabs.current() == _QUALITY else 0
        return self._least if line == 0 else self._least + QSize(0, line)

    def _reckon_least(self) -> QSize:
        stay = (0,) if self._theme.scale > _LARGE_TEXT else (0, 2)
        kept = dict.fromkeys(self.tabs.all_keys(), 0)
        for button, page, __, place in self._actions:
            if place in stay:
                kept[page] += button.sizeHint().width() + 4
        wide = self.tabs.sizeHint().width() + 40 - PAD + max(kept.values())
        high = self.tabs.sizeHint().height() + self.alerts.least_height()
        return QSize(max(wide, self.alerts.minimumSizeHint().width()), high)

    def copy_table(self) -> bool:
        """Copy the table that has the keyboard; False where none of the tabs has it."""
        tape, page = self.tape.made, self.quality.made
        if tape is not None and tape.hasFocus():
            tape.copy()
            return True
        if page is None or not page.isVisible() or not page.table.hasFocus():
            return False
        page.copy()
        return True

    def focus_rules(self) -> None:
        """Show the rules and give them the keyboard."""
        self.tabs.choose(_RULES)
        self.rules().setFocus(Qt.FocusReason.ShortcutFocusReason)

    def focus_tape(self) -> None:
        """Show the tape and give it the keyboard."""
        self.tabs.choose(_TAPE)
        self.tape().setFocus(Qt.FocusReason.ShortcutFocusReason)

    def focus_quality(self) -> None:
        """Show the quality of the session and give it the keyboard."""
        self.tabs.choose(_QUALITY)
        self.quality().setFocus(Qt.FocusReason.ShortcutFocusReason)

    def focus_alerts(self) -> None:
        """Give the alerts the keyboard."""
        self.tabs.choose(_ALERTS)
        self.alerts.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def whole_rows(self, height: int) -> int:
        """The most pixels up to `height` in which no row of a table is cut."""
        bar = self.tabs.sizeHint().height()
        return bar + self._page().whole_rows(height - bar)

    def _fit(self) -> None:
        self._offer()
        self._leave_rest()

    def _leave_rest(self) -> None:
        """What is left under the last whole row stays empty: half a row cannot be read."""
        layout = self.layout()
        assert layout is not None  # noqa: S101  set while this was built
        layout.setContentsMargins(0, 0, 0, max(self.height() - self.whole_rows(self.height()), 0))

    def tick(self) -> None:
        """A second passed."""
        self.alerts.tick()


def _below(button: QPushButton) -> QPoint:
    return button.mapToGlobal(QPoint(0, button.height() + 2))
