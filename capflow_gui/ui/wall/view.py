"""The wall itself: a heading with legend and choice of the group, and the tiles."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QToolTip, QWidget

from capflow_gui.domain.link import LinkPhase
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.feed.board import BoardView, Freshness
from capflow_gui.present import numbers
from capflow_gui.present.language.texts import _, ngettext
from capflow_gui.present.names import market_name
from capflow_gui.ui.help.hover import Explained
from capflow_gui.ui.keyboard import key_of
from capflow_gui.ui.layouts import passing_menu, push_button
from capflow_gui.ui.models.figures import AgeTone, Figures, age_cell, figures_of
from capflow_gui.ui.theme import Role, Theme
from capflow_gui.ui.wall.layout import Layout, Measures, lay_out
from capflow_gui.ui.wall.tile import Tile, TilePainter, tile_of
from capflow_gui.ui.watchlist.group_tabs import ALL_KEY, group_of, members_of

_HEADER, _HEADING, _GAP, _PADDING = 44, 22, 6, 18
_SWATCH = 26
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def _market_title(market: Market) -> str:
    """A market as a heading calls it: mainland China's two exchanges are one."""
    names = {"HK": _("Hong Kong"), "US": _("United States"), "CN": _("Shanghai and Shenzhen")}
    return names.get(market_name(market), market_name(market))


class WallView(QWidget):
    """Shows a group of the list, or all of it. Places follow the group's own order, never a figure.

    chosen(Symbol): its chart is wanted · acknowledged(Symbol): its alerts · changed: another group is shown.
    `current` is the tile the keys are about, `marks` are words that must stand on every window, as SIMULATED.
    """

    chosen = Signal(object)
    acknowledged = Signal(object)
    changed = Signal()

    def __init__(self, board: BoardView, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._board = board
        self.group: object = ALL_KEY
        self.marks: tuple[str, ...] = ()
        self._tiles: dict[Symbol, Tile] = {}
        self._places: dict[Symbol, QRectF] = {}
        self._sections: list[tuple[str, list[Symbol]]] = []
        self._layout = Layout((), (), 0)
        self.headings: list[str] = []
        self.current: Symbol | None = None
        self._clock = ""
        self._groups = push_button("", self, "link")
        self._groups.clicked.connect(self._open_groups)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)  # single keys are commands here
        self.setAccessibleName(_("Wall"))
        Explained(self, lambda point: "turnover" if self.symbol_at(point.toPointF()) is not None else "")
        self.setToolTip(_("A click on a tile opens its chart, A acknowledges its alerts."))
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self._theme = theme
        self._painter = TilePainter(theme)
        self._groups.setFont(theme.font(Role.SENTENCE_STRONG))
        self.setMinimumSize(theme.px(320), theme.px(200))
        self.reload()

    # what the board says

    def reload(self) -> None:
        """The list, its groups or their order changed."""
        members = self._members()
        self._tiles = {symbol: self._read(symbol) for symbol in members[self.group]}
        sections: dict[str, list[Symbol]] = {}
        for market in Market:
            of_market = [symbol for symbol in self._tiles if symbol.market is market]
            if of_market:
                sections.setdefault(_market_title(market), []).extend(of_market)
        self._sections = list(sections.items())
        if self.current not in self._tiles:
            self.current = next((symbol for _title, symbols in self._sections for symbol in symbols), None)
        name = group_of(self.group) or (str(self.group) if self.group else _("All"))
        self._groups.setText(_("{group} ▾").format(group=name))
        self._groups.setAccessibleName(_("Group on the wall: {group}").format(group=name))
        self._place()

    def refresh(self, symbols: Iterable[Symbol] | None = None) -> None:
        """Some rows changed (None: all)."""
        for symbol in list(self._tiles) if symbols is None else symbols:
            if symbol in self._tiles and symbol in self._board.symbols:
                self._tiles[symbol] = self._read(symbol)
                self._update(symbol)
        self._follow_headings()

    def tick(self) -> None:
        """A second passed: states that say something else now, and the time."""
        for symbol, tile in self._tiles.items():
            if tile.state and symbol in self._board.symbols:
                now = tile_of(tile.figures, self._age(tile.figures))
                if now != tile:
                    self._tiles[symbol] = now
                    self._update(symbol)
        self._follow_headings()
        if (said := self._clock_words()) != self._clock:
            self._clock = said
            self.update(0, 0, self.width(), self._theme.px(_HEADER))

    def set_marks(self, marks: tuple[str, ...]) -> None:
        """What must stand on the wall beside its figures."""
        if marks != self.marks:
            self.marks = marks
            self.update()

    def symbols(self) -> list[Symbol]:
        """The symbols whose tiles are shown."""
        return list(self._places)

    @property
    def hidden_count(self) -> int:
        """How many symbols there is no room for."""
        return self._layout.hidden

    def place(self, symbol: Symbol) -> QRectF | None:
        """Where a symbol's tile is; None where there is none."""
        return self._places.get(symbol)

    def tile(self, symbol: Symbol) -> Tile:
        """What a symbol's tile says."""
        return self._tiles[symbol]

    def _members(self) -> Mapping[object, Iterable[Symbol]]:
        members = members_of(self._board.groups, self._board.symbols)
        if self.group not in members:
            self.group = ALL_KEY
        return {key: [each for each in found if each in self._board.symbols] for key, found in members.items()}

    def _read(self, symbol: Symbol) -> Tile:
        row = self._board.row(symbol)
        ready = any(link.source == row.source and link.phase is LinkPhase.READY for link in self._board.links)
        figures = figures_of(row, link_ready=ready)
        return tile_of(figures, self._age(figures))

    def _age(self, figures: Figures) -> tuple[str, AgeTone]:
        row, board = figures.row, self._board
        return age_cell(figures, board.market_now(row.source), board.calendar.zone(row.symbol.market))

    # the group

    def show_group(self, key: object) -> None:
        """Show a tab of the list: all of it, a group, a market."""
        self.group = key
        self.reload()
        self.changed.emit()

    def _open_groups(self) -> None:
        menu = passing_menu(self)
        for key, symbols in self._members().items():
            name = group_of(key) or (str(key) if key else _("All"))
            choice = menu.addAction(f"{name}  {len(list(symbols))}", partial(self.show_group, key))
            choice.setCheckable(True)
            choice.setChecked(key == self.group)
        menu.popup(self._groups.mapToGlobal(self._groups.rect().bottomLeft()))

    # places

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tiles take the room there is."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        theme, pad, top = self._theme, self._theme.px(_PADDING), self._theme.px(_HEADER)
        area = QRectF(pad, top, self.width() - 2 * pad, self.height() - top - pad)
        measures = Measures(self._painter.least(), _GAP, theme.px(_HEADING))
        self._layout = lay_out([len(symbols) for _title, symbols in self._sections], area, measures)
        self._places = {}
        if self._layout.tiles:
            self._painter.fit(self._layout.tiles[0].size())
        tiles = iter(self._layout.tiles)
        for (_title, symbols), heading in zip(self._sections, self._layout.headings, strict=True):
            if heading is not None:
                self._places.update(zip(symbols, tiles, strict=False))
        self._groups.adjustSize()
        self.headings = self._heading_words()
        self.update()

    def _update(self, symbol: Symbol) -> None:
        box = self._places.get(symbol)
        if box is not None:
            self.update(box.toAlignedRect())

    # painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the tiles that are to be painted, and the headings."""
        painter, dirty = QPainter(self), event.region()
        painter.fillRect(event.rect(), self._theme.bg)
        if event.rect().top() < self._theme.px(_HEADER):
            self._paint_header(painter)
        self._paint_headings(painter)
        for symbol, box in self._places.items():
            if dirty.intersects(box.toAlignedRect()):
                self._painter.paint(
                    painter, box, self._tiles[symbol], current=self.hasFocus() and symbol == self.current
                )
        if not self._tiles:
            painter.setPen(self._theme.dim)
            painter.setFont(self._theme.font(Role.CELL))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, _("Nothing is in this group yet."))

    def _paint_header(self, painter: QPainter) -> None:
        """Title, group, what is missing, legend and time; the first and the last two go last."""
        theme, height = self._theme, float(self._theme.px(_HEADER))
        right = self._draw_end(painter, self.width() - float(theme.px(_PADDING)), height)
        right = self._draw_legend(painter, right, height)
        face, left = theme.sized_face(10.5, 650), float(theme.px(_PADDING))
        title = _("Wall · net inflow in % of turnover")
        if left + face.width(title) + self._groups.width() + 20 > right:
            title = _("Wall")
        painter.setFont(face.font)
        painter.setPen(theme.text)
        painter.drawText(QRectF(left, 0, face.width(title) + 4, height), _LEFT, title)
        left += face.width(title) + 14
        self._groups.move(round(left), round((height - self._groups.height()) / 2))
        left += self._groups.width() + 10
        missing, small = self._layout.hidden, theme.face(Role.SENTENCE)
        if missing:
            small = theme.face(Role.SENTENCE_STRONG)
            said = ngettext(
                "{count} symbol is not shown: no room", "{count} symbols are not shown: no room", missing
            ).format(count=missing)
        else:
            said = ngettext("{count} symbol", "{count} symbols", len(self._tiles)).format(count=len(self._tiles))
        painter.setFont(small.font)
        painter.setPen(theme.text if missing else theme.dim)
        painter.drawText(QRectF(left, 0, max(right - left - 8, 0), height), _LEFT, small.elided(said, right - left - 8))

    def _draw_end(self, painter: QPainter, right: float, height: float) -> float:
        """The time, and what must stand on every window; gives the left end."""
        theme, small, strong = self._theme, self._theme.face(Role.SENTENCE), self._theme.sized_face(9, 700)
        self._clock = self._clock_words()
        for text, face, color in ((self._clock, small, theme.dim), (" · ".join(self.marks), strong, theme.text)):
            if text:
                painter.setFont(face.font)
                painter.setPen(color)
                painter.drawText(QRectF(right - face.width(text) - 4, 0, face.width(text) + 4, height), _RIGHT, text)
                right -= face.width(text) + 16
        return right

    def _draw_legend(self, painter: QPainter, right: float, height: float) -> float:
        theme, face = self._theme, self._theme.face(Role.CAPTION)
        swatch = theme.px(_SWATCH)
        wide = 9 * swatch
        left = right - wide - 20
        if left < self.width() * 0.45:
            return right
        top = (height - 10 - face.height) / 2
        painter.setPen(Qt.PenStyle.NoPen)
        for place, color in enumerate(self._painter.fills.values()):
            painter.fillRect(QRectF(left + place * swatch, top, swatch - 1, 8), color)
        painter.setFont(face.font)
        painter.setPen(theme.dim)
        for at, text in ((0.5, numbers.percent(-0.05, 0)), (4.5, "0"), (8.5, numbers.percent(0.05, 0))):
            box = QRectF(left + at * swatch - 30, top + 9, 60, face.height + 1)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        return left - 16

    def _paint_headings(self, painter: QPainter) -> None:
        theme = self._theme
        face, high = theme.face(Role.CAPTION_STRONG), theme.px(_HEADING)
        painter.setFont(face.font)
        painter.setPen(theme.dim)
        for words, top in zip(self.headings, self._layout.headings, strict=True):
            if top is not None:
                painter.drawText(QRectF(theme.px(_PADDING), top, self.width(), high), _LEFT, words)

    def _heading_words(self) -> list[str]:
        """Of each section its title, and the currency and state that all its rows share."""
        found = list[str]()
        for title, symbols in self._sections:
            rows = [self._tiles[symbol].figures.row for symbol in symbols]
            shared = ({row.money for row in rows}, {state_word(row.freshness) for row in rows})
            found.append(" · ".join((title, *(each for said in shared if len(said) == 1 for each in said if each))))
        return found

    def _follow_headings(self) -> None:
        """A heading says something else now: tiles are painted alone, and it would stay as it was."""
        if (said := self._heading_words()) != self.headings:
            self.headings = said
            for top in self._layout.headings:
                if top is not None:
                    self.update(0, int(top), self.width(), self._theme.px(_HEADING) + 1)

    def _clock_words(self) -> str:
        """The time of the market of the first tile, and the age of its oldest live figure."""
        first = next(iter(self._places), None)
        if first is None or first not in self._board.symbols:
            return ""
        row = self._board.row(first)
        time = numbers.clock_time(self._board.market_now(row.source), self._board.calendar.zone(first.market))
        ages = [
            tile.figures.row.age_s
            for tile in self._tiles.values()
            if tile.figures.row.freshness is Freshness.LIVE and tile.figures.row.age_s is not None
        ]
        market = market_name(first.market)
        if not ages:
            return _("{market} {time}").format(market=market, time=time)
        return _("{market} {time} · oldest {age}").format(market=market, time=time, age=numbers.age(max(ages)))

    # hands

    def symbol_at(self, point: QPointF) -> Symbol | None:
        """The symbol whose tile is at a point."""
        return next((symbol for symbol, box in self._places.items() if box.contains(point)), None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on a tile opens its chart."""
        symbol = self.symbol_at(event.position())
        if symbol is not None and event.button() is Qt.MouseButton.LeftButton:
            self._go(symbol)
            self.chosen.emit(symbol)

    def event(self, event: QEvent) -> bool:
        """A tile's figures in words, under the pointer."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            symbol = self.symbol_at(QPointF(event.pos()))
            if symbol is not None:
                QToolTip.showText(event.globalPos(), self.words(symbol), self)
                return True
        return super().event(event)

    def words(self, symbol: Symbol) -> str:
        """A tile in words."""
        tile = self._tiles[symbol]
        figures, row = tile.figures, tile.figures.row
        parts = (
            f"{symbol} {row.name}".rstrip(),
            numbers.percent(figures.of_turnover, 2),
            f"{numbers.compact(figures.net)} {row.money}",
            tile.state,
        )
        return " · ".join(part for part in parts if part and not part.startswith(numbers.MISSING))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows from tile to tile, Enter opens the chart, A acknowledges."""
        key, step = key_of(event), self._step(key_of(event))
        if self.current is None or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            super().keyPressEvent(event)
        elif step is not None:
            self._go(step)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.chosen.emit(self.current)
        elif key is Qt.Key.Key_A:
            self.acknowledged.emit(self.current)
        else:
            super().keyPressEvent(event)

    def _step(self, key: Qt.Key) -> Symbol | None:
        """The tile an arrow leads to: the nearest one on that side."""
        sides = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
        here = None if self.current is None else self._places.get(self.current)
        if key not in sides or here is None:
            return None
        across, down = sides[key]
        found: list[tuple[float, Symbol]] = []
        for symbol, box in self._places.items():
            away = box.center() - here.center()
            along, aside = away.x() * across + away.y() * down, abs(away.x() * down) + abs(away.y() * across)
            if along > 1 and aside < (here.width() if down else here.height()):
                found.append((along + 2 * aside, symbol))
        return min(found, default=(0.0, self.current))[1]

    def _go(self, symbol: Symbol) -> None:
        before, self.current = self.current, symbol
        for each in (before, symbol):
            if each is not None:
                self._update(each)
        self.setAccessibleDescription(self.words(symbol))

    # state

    def state(self) -> dict[str, object]:
        """What to bring back."""
        return {"group": str(self.group)}

    def restore(self, state: Mapping[str, object]) -> None:
        """Bring back what `state` told; a group that is gone is all."""
        self.show_group(state.get("group", ALL_KEY))


def state_word(freshness: Freshness) -> str:
    """A row's freshness in a word; empty where a tile says more of it."""
    words: dict[Freshness, Callable[[], str]] = {
        Freshness.LIVE: lambda: _("live"),
        Freshness.LUNCH: lambda: _("lunch"),
        Freshness.CLOSED: lambda: _("closed"),
        Freshness.PREVIOUS_SESSION: lambda: _("previous session"),
    }
    return words[freshness]() if freshness in words else ""
