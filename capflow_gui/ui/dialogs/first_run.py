"""What a new user sees: where the data comes from, which colour means inflow, and the threshold for all symbols."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from capflow_gui.domain.typed.level import Choice, Level, ThresholdChoice
from capflow_gui.present.language.catalogues import LANGUAGES
from capflow_gui.present.language.texts import N_, _, language
from capflow_gui.present.numbers import compact
from capflow_gui.settings import Appearance, DeskSettings, LongportSettings, OpendSettings
from capflow_gui.ui import shapes
from capflow_gui.ui.dialogs.answer_box import AnswerBox
from capflow_gui.ui.dialogs.connection_form import ConnectionForm
from capflow_gui.ui.dialogs.desk_form import DeskForm
from capflow_gui.ui.dialogs.held_forms import hold_desk, hold_longport, hold_opend
from capflow_gui.ui.dialogs.longport_form import LongportForm
from capflow_gui.ui.dialogs.threshold import offered_words, read_and_say, shown_level
from capflow_gui.ui.fitting import fit, into_sight, scrolled
from capflow_gui.ui.keyboard import key_of, tab
from capflow_gui.ui.layouts import NO_MARGINS, beside, push_button, stacked, text_label
from capflow_gui.ui.locked import hold
from capflow_gui.ui.ports import ConnectServices, DeskAccess
from capflow_gui.ui.theme import Role, Theme, build_theme, faded

# An inflow and an outflow, to show colours and units with.
_SAMPLES = (113.2e6, -257.2e6)
_VCENTER = Qt.AlignmentFlag.AlignVCenter
_SKETCH = 138
_BESIDE_FROM = 1060
_CAPTION_ROOM = 200
PALETTES = (("green_up", N_("green up")), ("red_up", N_("red up")), ("colour_blind", N_("blue up")))


def _draw_box(painter: QPainter, button: QAbstractButton, theme: Theme, quiet: QColor) -> None:
    """The frame of a choice: accent where it is the chosen one; the focus is a second ring inside it."""
    chosen = button.isChecked()
    painter.setPen(QPen(theme.accent if chosen else quiet, 2 if chosen else 1))
    painter.setBrush(theme.panel)
    frame = QRectF(button.rect()).adjusted(1, 1, -1, -1)
    painter.drawRoundedRect(frame, 8, 8)
    if button.hasFocus():
        shapes.draw_focus_ring(painter, frame.adjusted(3, 3, -3, -3), theme.accent)


class _Card(QAbstractButton):
    """A choice: a title, a line or two, its key."""

    def __init__(self, title: str, lines: tuple[str, ...], key: str, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._lines = lines
        self._key = key
        self._sketch = key == "D"
        self.setText(title)
        self.setCheckable(True)
        self.setAccessibleName(f"{title}. {' '.join(lines)}")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setMinimumSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        """The title over the lines, the sketch beside them."""
        theme = self._theme
        widest = max(theme.face(Role.CELL).width(line) for line in self._lines)
        room = theme.px(_SKETCH) + 30 if self._sketch else 0
        return QSize(round(widest) + room + 44, theme.px(56 + 20 * len(self._lines)))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002  Qt's signature
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(1.0 if self.isEnabled() else 0.45)
        _draw_box(painter, self, theme, theme.line)
        painter.setFont(theme.sized_font(13, 650))
        painter.setPen(theme.text)
        scale, wide = theme.scale, self.width() - 44.0
        painter.drawText(QRectF(22, 14 * scale, wide - 40 * scale, 26 * scale), _VCENTER, self.text())
        painter.setFont(theme.font(Role.CELL))
        painter.setPen(theme.dim)
        for place, line in enumerate(self._lines):
            painter.drawText(QRectF(22, (42 + 20 * place) * scale, wide, 20 * scale), _VCENTER, line)
        shapes.draw_key(painter, self.width() - 21.0, self.height() * 0.6, self._key, theme)
        if self._sketch:
            self._draw_sketch(painter, QRectF(self.width() - 24 - _SKETCH * scale, 42 * scale, 138 * scale, 40 * scale))

    def _draw_sketch(self, painter: QPainter, rect: QRectF) -> None:
        """A day that ends in an outflow, to say what the program is about."""
        theme = self._theme
        points = []
        for step in range(101):
            t = step / 100
            level = 0.35 * math.exp(-((t - 0.08) ** 2) / 0.003) - 0.25 * t + 0.03 * math.sin(t * 60)
            level -= 0.75 / (1 + math.exp(-(t - 0.96) * 60))
            points.append(
                QPointF(rect.left() + rect.width() * 0.72 * t, rect.top() + rect.height() * (0.3 - 0.75 * level))
            )
        zero = rect.top() + rect.height() * 0.3
        area = QPolygonF([QPointF(rect.left(), zero), *points, QPointF(points[-1].x(), zero)])
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faded(theme.down, 0.2))
        painter.drawPolygon(area)
        painter.setPen(QPen(theme.line2, 1))
        painter.drawLine(QPointF(rect.left(), zero), QPointF(rect.right(), zero))
        painter.setPen(QPen(theme.alert_text, 1, Qt.PenStyle.DotLine))
        level = rect.top() + rect.height() * 0.72
        painter.drawLine(QPointF(rect.left(), level), QPointF(rect.right(), level))
        painter.setPen(QPen(theme.text, 1.2))
        painter.drawPolyline(QPolygonF(points))


class PaletteChoice(QAbstractButton):
    """One palette, shown by what it does to a rise and a fall."""

    def __init__(self, palette: str, name: str, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.palette_name = palette
        self._name = name
        self._theme = build_theme(theme.scheme, palette, theme.font_scale)
        self.setCheckable(True)
        self.setAccessibleName(_("Inflow is {name}").format(name=name))
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_scheme(self, theme: Theme) -> None:
        """Light or dark."""
        self._theme = build_theme(theme.scheme, self.palette_name, theme.font_scale)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Two figures and a name."""
        theme = self._theme
        figures = theme.sized_face(11, 650).width(compact(_SAMPLES[1]))
        return QSize(round(figures + theme.face(Role.SENTENCE).width(self._name)) + theme.px(52), theme.px(58))

    def minimumSizeHint(self) -> QSize:
        """Nothing of it is cut."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002  Qt's signature
        """An inflow over an outflow."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(1.0 if self.isEnabled() else 0.45)
        _draw_box(painter, self, theme, theme.line2)
        scale = theme.scale
        for value, top in zip(_SAMPLES, (8 * scale, 30 * scale), strict=True):
            color = theme.direction(value)
            shapes.draw_arrow(painter, QPointF(17 * scale, top + 10 * scale), value, color, 4 * scale)
            painter.setFont(theme.sized_font(11, 650))
            painter.setPen(color)
            painter.drawText(QRectF(27 * scale, top, 90 * scale, 20 * scale), _VCENTER, compact(value))
        painter.setFont(theme.font(Role.SENTENCE))
        painter.setPen(theme.dim)
        painter.drawText(
            QRectF(0, 0, self.width() - 10, self.height()), _VCENTER | Qt.AlignmentFlag.AlignRight, self._name
        )


class PaletteChoices(QWidget):
    """All palettes, one of them chosen."""

    chosen = Signal(str)

    def __init__(self, current: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._buttons = [PaletteChoice(palette, _(name), theme, self) for palette, name in PALETTES]
        group = QButtonGroup(self)
        choices = beside(*self._buttons, of=self, margins=NO_MARGINS, spacing=10)
        for button in self._buttons:
            button.setChecked(button.palette_name == current)
            button.clicked.connect(lambda _checked=False, name=button.palette_name: self.chosen.emit(name))
            group.addButton(button)
        room = QGuiApplication.primaryScreen().availableGeometry().width() - theme.px(_CAPTION_ROOM)
        if choices.sizeHint().width() > room:
            choices.setDirection(QHBoxLayout.Direction.TopToBottom)
        choices.addStretch(1)

    def set_scheme(self, theme: Theme) -> None:
        """Light or dark."""
        for button in self._buttons:
            button.set_scheme(theme)

    def choose(self, palette: str) -> None:
        """Show a palette as the chosen one."""
        for button in self._buttons:
            button.setChecked(button.palette_name == palette)

    def palette_name(self) -> str:
        """The chosen one."""
        return next(button.palette_name for button in self._buttons if button.isChecked())


class FirstRun(QWidget):
    """A window of its own. Emits one outcome: the demo, a connection (and before it another threshold), or closed.

    `language_chosen` carries one of LANGUAGES, in which the page is to be made anew.
    """

    demo_chosen = Signal()
    language_chosen = Signal(str)
    connect_chosen = Signal(object)
    threshold_chosen = Signal(object)
    closed = Signal()

    def __init__(
        self,
        opend: OpendSettings,
        longport: LongportSettings,
        appearance: Appearance,
        services: ConnectServices,
        theme: Theme,
        *,
        threshold: Level | None = None,
        locks: Collection[str] = (),
        allow_demo: bool = True,
        suggested: str = "",
        desk: tuple[DeskSettings, DeskAccess] | None = None,
    ) -> None:
        """`threshold` is that of all symbols so far; `locks` are the dotted names of what a policy has locked.

        `desk` is the desk and the way into it, None where none can be connected.
        `suggested` is a palette that is chosen unless another one is pressed; empty: that of `appearance`.
        """
        super().__init__()
        self._theme = theme
        self._decided = False
        self.setWindowTitle("Capflow")
        self.setProperty("surface", "bg")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._palette = appearance.palette
        self._suggested = "" if "appearance.palette" in locks else suggested
        self.palettes = PaletteChoices(self._suggested or self._palette, theme, self)
        self.languages = [self._language(code, name) for code, name in LANGUAGES.items()]
        self.form = ConnectionForm(opend, services.test, services.start, theme, self)
        self.longport = LongportForm(longport, services.longport, services.start, theme, self)
        self.demo_card, self.opend_card, self.longport_card = self._broker_cards()
        self.desk: DeskForm | None = None
        self.desk_card: _Card | None = None
        if desk is not None:
            self.desk = DeskForm(*desk, services.start, theme, self)
            hold_desk(self.desk, locks)
            line = _("One collector polls for many windows: ask its administrator.")
            self.desk_card = _Card(_("Connect a desk"), (line,), "K", theme, self)
        self.notice = AnswerBox(theme, self)
        self._level = threshold
        self.threshold = QLineEdit("" if threshold is None else shown_level(threshold), self)
        self.threshold.setAccessibleName(_("Threshold for all symbols"))
        self.threshold.setToolTip(offered_words())
        self.threshold.setPlaceholderText(_("for example −2% or −200M"))
        self.threshold_said = self._label("", theme.font(Role.SENTENCE), "faint")
        self._build()
        self._say_threshold()
        self._hold(locks, allow_demo=allow_demo)
        self.resize(theme.px(1240), theme.px(920))  # lines of Chinese are higher than those of English
        self.opend_card.setFocus(Qt.FocusReason.OtherFocusReason)

    def _broker_cards(self) -> tuple[_Card, _Card, _Card]:
        """Those of the demo, OpenD and Longport."""
        theme = self._theme
        colored = build_theme(theme.scheme, self._suggested, theme.font_scale) if self._suggested else theme
        simulated = _("A simulated Hong Kong day. No account needed."), _("The ordinary app on a simulated broker.")
        opend = _("Futu or moomoo OpenD, here or on your network."), _("Net and four order sizes, minute by minute.")
        longport = (
            _("A Longport or Longbridge account, by browser or key."),
            _("Net inflow, minute by minute; more symbols."),
        )
        return (
            _Card(_("Look around the demo"), simulated, "D", colored, self),
            _Card(_("Connect OpenD"), opend, "O", theme, self),
            _Card(_("Connect Longport"), longport, "L", theme, self),
        )

    def _hold(self, locks: Collection[str], *, allow_demo: bool) -> None:
        """Keep as it is what a policy has locked."""
        hold(locks, "appearance.palette", self.palettes)
        hold(locks, "appearance.language", *self.languages)
        hold(locks, "thresholds.default", self.threshold)
        hold_opend(self.form, locks)
        hold_longport(self.longport, locks)
        if not allow_demo:
            self.demo_card.setEnabled(False)
            self.demo_card.setToolTip(_("Switched off on this computer"))

    def _build(self) -> None:
        theme = self._theme
        title = self._label(_("Know the minute money starts to leave."), theme.sized_font(22, 650))
        lead = _("Capflow watches capital flow for your list and tells you when net outflow crosses your line.")
        under = self._label(
            _("{lead} Choose where the data comes from.").format(lead=lead), theme.sized_font(11, 450), "dim"
        )
        choices = self._choices()
        self._forms = QStackedWidget(self)
        self._forms.addWidget(self._form_card("OpenD", _("must be running and logged in"), self.form))
        self._forms.addWidget(self._form_card("Longport", "", self.longport))
        if self.desk is not None:
            self._forms.addWidget(self._form_card(_("Desk"), "", self.desk))
        sides = self._sides = beside((choices, 1), (self._forms, 1), spacing=40)
        sides.setAlignment(self._forms, Qt.AlignmentFlag.AlignTop)
        foot = _("Then: type or paste codes in either style, 700.HK or HK.00700. Nothing is sent anywhere else.")
        line = QFrame(self)
        line.setProperty("look", "hairline")
        inner = QWidget(self)
        below = self._label(foot, theme.font(Role.SENTENCE), "faint")
        head = beside((title, 1), *((each, Qt.AlignmentFlag.AlignTop) for each in self.languages), spacing=18)
        parts = (None, head, 4, under, 14, self.notice, 16, sides, None, line, 8, below)
        stacked(*parts, of=inner, margins=(36, 36, 36, 28))
        stacked(scrolled(inner), of=self, margins=NO_MARGINS)
        self.opend_card.setChecked(True)
        self.demo_card.setCheckable(False)
        self.demo_card.clicked.connect(self._choose_demo)
        brokers = QButtonGroup(self)
        for place, card in enumerate(filter(None, (self.opend_card, self.longport_card, self.desk_card))):
            brokers.addButton(card, place)
        brokers.idClicked.connect(self._forms.setCurrentIndex)
        self.opend_card.clicked.connect(self._show_opend)
        self.longport_card.clicked.connect(self._show_longport)
        for form in (self.form, self.longport):
            form.connect_requested.connect(self._connect)
        if self.desk is not None and self.desk_card is not None:
            self.desk_card.clicked.connect(self.desk.host.setFocus)
            self.desk.connect_requested.connect(self._connect)
        self.threshold.textChanged.connect(self._say_threshold)
        for key, choice in self._cards().items():
            QShortcut(QKeySequence(f"Alt+{chr(key)}"), self).activated.connect(choice.click)

    def _cards(self) -> dict[int, _Card]:
        """What is chosen by a letter."""
        cards = {Qt.Key.Key_D: self.demo_card, Qt.Key.Key_O: self.opend_card, Qt.Key.Key_L: self.longport_card}
        return {int(key): card for key, card in cards.items()} | (
            {} if self.desk_card is None else {int(Qt.Key.Key_K): self.desk_card}
        )

    def _show_opend(self) -> None:
        """Where the form stands under the cards, it is scrolled to; its first field last, which has the keyboard."""
        for part in (self.form.connect_button, self.form.host):
            into_sight(part)
        self.form.host.setFocus()

    def _show_longport(self) -> None:
        into_sight(self._forms)
        self.longport.focus_way()

    def _choices(self) -> QVBoxLayout:
        """The cards, and the palettes under them."""
        strong, quiet = self._theme.sized_font(10, 650), self._theme.font(Role.SENTENCE)
        text = _("Independent of language. Changed any time under Settings.")
        if self._suggested:
            text = _("As is usual where your language is spoken. Changed any time under Settings.")
        hint = self._label(text, quiet, "faint")
        palettes = (self._label(_("Inflow is"), strong), self.palettes, hint)
        threshold = (self._label(_("Alert when net is at or below"), strong), self.threshold, self.threshold_said)
        cards = tuple(self._cards().values())
        return stacked(*cards, 12, *palettes, 6, *threshold, None, spacing=12)

    def _language(self, code: str, name: str) -> QPushButton:
        """What speaks a language from now on; that of the page can be chosen no more."""
        button = push_button(name, self, "link", auto_default=False)
        button.setEnabled(code != language())
        button.clicked.connect(lambda: self._decide(lambda: self.language_chosen.emit(code)))
        return button

    def _threshold(self) -> tuple[ThresholdChoice | None, str]:
        """What is chosen, None where it cannot be read; and what that means."""
        if not self.threshold.text().strip():
            return Choice.NONE, _("No alert. A share of turnover such as −2%, or an amount.")
        return read_and_say(self.threshold.text(), _("in each symbol's currency"))

    def _say_threshold(self) -> None:
        choice, text = self._threshold()
        self.threshold_said.setText(text)
        self.threshold_said.setProperty("role", "trouble" if choice is None else "faint")
        self.threshold_said.style().unpolish(self.threshold_said)
        self.threshold_said.style().polish(self.threshold_said)

    def _connect(self, connection: object) -> None:
        choice, __ = self._threshold()
        if choice is None:
            self.threshold.setFocus()
            return
        if choice != (Choice.NONE if self._level is None else self._level):
            self.threshold_chosen.emit(choice)
        self._take_palette()
        self._decide(lambda: self.connect_chosen.emit(connection))

    def _choose_demo(self) -> None:
        self._take_palette()
        self._decide(self.demo_chosen.emit)

    def _take_palette(self) -> None:
        """A suggested one was not pressed, but seen."""
        if self.palettes.palette_name() != self._palette:
            self.palettes.chosen.emit(self.palettes.palette_name())

    def _form_card(self, name: str, hint: str, form: QWidget) -> QFrame:
        card = QFrame(self)
        card.setObjectName("formCard")
        theme = self._theme
        card.setStyleSheet(
            f"#formCard {{ background: {theme.panel.name()};"
            f" border: 1px solid {theme.line.name()}; border-radius: 8px; }}"
        )
        said = self._label(hint, theme.font(Role.SENTENCE), "dim")
        head = beside(self._label(name, theme.sized_font(13, 650)), 8, (said, 1))
        stacked(head, form, of=card, margins=(26, 20, 26, 26), spacing=16)
        card.setMinimumHeight(theme.px(430))
        return card

    def _label(self, text: str, font: QFont, role: str = "") -> QLabel:
        return text_label(text, self, font, role, wrap=True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The form stands under the cards where there is no room beside them."""
        super().resizeEvent(event)
        beside = self.width() >= self._theme.px(_BESIDE_FROM)
        self._sides.setDirection(QHBoxLayout.Direction.LeftToRight if beside else QHBoxLayout.Direction.TopToBottom)

    def showEvent(self, event: QShowEvent) -> None:
        """All of it is on the screen; what does not fit scrolls."""
        if not event.spontaneous() and QGuiApplication.platformName() != "offscreen":
            fit(self, QGuiApplication.primaryScreen().availableGeometry().center())
        super().showEvent(event)

    def say(self, text: str) -> None:
        """What has to be said first: a source was disconnected, a setting could not be used."""
        self.notice.say(text, "", trouble=False)

    def _decide(self, tell: Callable[[], None]) -> None:
        self._decided = True
        self._rest()
        tell()

    def _rest(self) -> None:
        """End what the forms have going on."""
        self.form.rest()
        self.longport.leave()
        if self.desk is not None:
            self.desk.rest()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes as one reads."""
        return tab(self, forward=forward)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The cards' letters, where no text field has the keyboard."""
        card = self._cards().get(int(key_of(event)))
        if card is not None and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            card.click()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: object) -> None:
        """Closing it is an answer too."""
        self._rest()
        super().closeEvent(event)  # type: ignore[arg-type]
        if not self._decided:
            self._decided = True
            self.closed.emit()
