"""The grid: one, four, nine or sixteen charts, each with its own symbol, scale and head."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from math import ceil, floor

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QFocusEvent, QHideEvent, QKeyEvent, QPalette, QShowEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from capflow_gui.domain.flow import Period
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import InvalidInput
from capflow_gui.playback.board import ShownBoard
from capflow_gui.present.language.texts import _
from capflow_gui.ui.actions.views import SIZES
from capflow_gui.ui.fitting import into_sight, scrolled
from capflow_gui.ui.flow_views.crosshair_hub import CrosshairHub
from capflow_gui.ui.grid.bar import GridBar
from capflow_gui.ui.grid.places import Places
from capflow_gui.ui.grid.tile import GridTile
from capflow_gui.ui.keyboard import key_of
from capflow_gui.ui.late import Slices, later
from capflow_gui.ui.layouts import NO_MARGINS, passing_menu, stacked
from capflow_gui.ui.theme import Theme

# The scale by share of turnover: its steps, and the room over and under the curves.
_SHARE_STEP, _SHARE_ROOM = 0.0025, 0.08
# Tiles that are read again in one turn of the loop; each of the others has one of its own.
_AT_ONCE = 4
Order = Callable[[], Sequence[Symbol]]


class ChartGrid(QWidget):
    """`order` gives the list as it is sorted now, `selected` its current symbol.

    activated(Symbol): the keys follow its tile now · torn(Symbol): its chart in a window of its own is wanted ·
    threshold_changed(Symbol, Level) · size_chosen(number of charts; 0 for the wall) · changed: other symbols are shown
    · history_wanted(Symbol, Period): its bars are.
    """

    activated = Signal(object)
    torn = Signal(object)
    threshold_changed = Signal(object, object)
    size_chosen = Signal(int)
    changed = Signal()
    history_wanted = Signal(object, object)

    def __init__(self, board: ShownBoard, theme: Theme, order: Order, hub: CrosshairHub, *, whole: bool) -> None:
        """`whole`: in the main window. The crosshairs of `hub` stand on the same time."""
        super().__init__()
        self._board, self._theme, self._order, self._hub = board, theme, order, hub
        self.selected: Callable[[], Symbol | None] = lambda: None
        self.places = Places(4)
        self.period = Period.INTRADAY
        self.per_minute = self.by_share = False
        self.enlarged: GridTile | None = None
        self._active: GridTile | None = None
        self._target: GridTile | None = None
        self._fitted: GridTile | None = None  # the last one
        self._ready = self._building = False
        self._tiles: list[GridTile] = []
        self._slices = Slices(self)
        self.bar = GridBar(theme, self, whole=whole)
        self.bar.size_chosen.connect(self._size_asked)
        self.bar.period_chosen.connect(self.set_period)
        self.bar.minutes_chosen.connect(self.set_per_minute)
        self.bar.shares_chosen.connect(self.set_by_share)
        self.bar.filled.connect(self.fill)
        self.bar.torn.connect(lambda: self.torn.emit(self.active()))
        self.bar.show_period(self.period)
        self.bar.minutes.choose(self.per_minute)
        self.bar.shares.choose(self.by_share)
        self._area = QWidget(self)
        self._area.setAutoFillBackground(True)
        self._area.setBackgroundRole(QPalette.ColorRole.Dark)  # the lines between the tiles
        self._cells = QGridLayout(self._area)
        self._cells.setContentsMargins(*NO_MARGINS)
        self._cells.setSpacing(1)
        stacked(self.bar, (scrolled(self._area), 1), of=self, margins=NO_MARGINS, spacing=0)
        self.setProperty("surface", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(_("Charts"))
        self.set_theme(theme)
        self.set_size(4)

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self._theme = theme
        self.bar.set_theme(theme)
        for tile in self._tiles:
            tile.put_off()
            tile.set_theme(theme)
        self.build_soon()

    # tiles

    @property
    def size_now(self) -> int:
        """How many tiles there are."""
        return len(self._tiles)

    def tile(self, place: int) -> GridTile:
        """A tile, counted from the upper left."""
        return self._tiles[place]

    def symbols(self) -> list[Symbol]:
        """What is shown, in the order of the tiles; the enlarged one alone where one is."""
        shown = [self.enlarged] if self.enlarged is not None else self._tiles
        return [tile.symbol for tile in shown if tile.symbol is not None]

    def active(self) -> Symbol | None:
        """The symbol of the tile that the keys follow."""
        return None if self._active is None else self._active.symbol

    def _size_asked(self, size: int) -> None:
        if size > 1:
            self.set_size(size)
        self.size_chosen.emit(size)

    def active_tile(self) -> GridTile:
        """The tile that the keys follow."""
        return self._active or self._tiles[0]

    def set_size(self, size: int) -> None:
        """Have another number of charts; those that stay keep their symbols."""
        self.shrink()
        self.bar.sizes.choose(size)
        if size == len(self._tiles):
            return
        for tile in self._tiles[size:]:
            tile.hide()
            tile.deleteLater()
        del self._tiles[size:]
        for tile in self._tiles:  # each comes back with its new size in a turn of its own
            tile.put_off()
        while len(self._tiles) < size:
            self._tiles.append(self._make_tile())
        side = round(size**0.5)
        for place, tile in enumerate(self._tiles):
            self._cells.addWidget(tile, place // side, place % side)
        for line in range(4):
            self._cells.setRowStretch(line, int(line < side))
            self._cells.setColumnStretch(line, int(line < side))
        if self._active not in self._tiles:
            self._active = self._tiles[0]
        self.places.follow(self._board.live.symbols, self._order())
        self.places.resize(size, self._order())
        self._show_places()
        self.build_soon()

    def _make_tile(self) -> GridTile:
        tile = GridTile(self._board, self._theme, self._area)
        tile.entered.connect(partial(self._enter, tile))
        tile.opened.connect(partial(self.toggle_large, tile))
        tile.menu_requested.connect(partial(self._open_menu, tile))
        tile.threshold_changed.connect(partial(self._threshold_moved, tile))
        tile.outgrown.connect(self.build_soon)
        return tile

    def _threshold_moved(self, tile: GridTile, level: object) -> None:
        if tile.symbol is not None:
            self.threshold_changed.emit(tile.symbol, level)

    def build_soon(self, *, ready: bool = False) -> None:
        """Show the charts that are not there, and give those their size that have another, one at a time.

        Not before they were said to be `ready` to be made.
        """
        self._ready = self._ready or ready
        if self._ready and self.isVisible() and not self._building and self._next() is not None:
            self._building = True
            later(self, self._build_next)

    def _next(self) -> GridTile | None:
        """The tile whose turn it is. Of those that have outgrown their charts, the next after the one before."""
        first: tuple[GridTile, ...] = () if self._active is None else (self._active,)
        waiting = [tile for tile in (*first, *self._tiles) if tile.waits and not tile.isHidden()]
        if waiting:
            return waiting[0]
        after = self._tiles.index(self._fitted) + 1 if self._fitted in self._tiles else 0
        turns = (*self._tiles[after:], *self._tiles[:after])
        return next((tile for tile in turns if tile.is_outgrown and not tile.isHidden()), None)

    def _build_next(self) -> None:
        self._building = False
        tile = self._next() if self.isVisible() else None
        if tile is not None and not tile.waits:
            self._fitted = tile
            tile.fit()
            self.build_soon()
        elif tile is not None:
            is_new = tile.chart is None
            chart = tile.bring()
            if is_new:
                chart.link(self._hub)
            tile.set_period(self.period)
            tile.set_per_minute(self.per_minute)
            tile.set_large(tile is self.enlarged)
            self._scale()  # it may have changed while the chart was put off
            if self.hasFocus() and tile is self._active:
                self.active_tile().setFocus(Qt.FocusReason.OtherFocusReason)
            self.build_soon()

    # what is shown

    def fill(self) -> None:
        """Show the top of the list as it is sorted now; pinned tiles stay."""
        self.places.fill(self._order())
        self._show_places()

    def reload(self) -> None:
        """The list changed: tiles of symbols that left it take others, all others stay as they are."""
        self.places.follow(self._board.live.symbols, self._order())
        self._show_places()

    def refresh(self, symbols: Collection[Symbol] | None = None) -> None:
        """Some rows changed (None: all)."""
        self._read_again(
            [
                tile
                for tile in self._tiles
                if tile.isVisibleTo(self._area) and (symbols is None or tile.symbol in symbols)
            ]
        )

    def _read_again(self, tiles: Sequence[GridTile]) -> None:
        """Show what is new of some tiles, in several turns where they are many; what waits for its turn waits on."""
        self._in_turns(tiles, "refresh", GridTile.refresh)
        if self.by_share and len(tiles) > _AT_ONCE:
            self._slices.put("scales", self._scale)
        elif self.by_share:
            self._scale()

    def _in_turns(self, tiles: Sequence[GridTile], what: str, do: Callable[[GridTile], object]) -> None:
        """Do `what` in tiles; of more than a few, each of the others has a turn of its own."""
        for tile in tiles[:_AT_ONCE]:
            self._slices.drop((what, tile))
            do(tile)
        for tile in tiles[_AT_ONCE:]:
            self._slices.put((what, tile), partial(self._do, do, tile))

    def _do(self, do: Callable[[GridTile], object], tile: GridTile) -> None:
        if tile in self._tiles:  # there may be fewer now
            do(tile)

    def tick(self) -> None:
        """A second passed."""
        self._in_turns(self._tiles, "tick", GridTile.tick)

    def set_period(self, period: Period) -> None:
        """Show sessions, or bars of days, weeks or months, in every tile."""
        self.period = period
        self.bar.show_period(period)
        self._ask()
        self._in_turns(self._tiles, "period", lambda tile: tile.set_period(period))
        self._scale()

    def _ask(self) -> None:
        """Have the bars of what is shown, where there are to be any."""
        for symbol in self.places.shown if self.period is not Period.INTRADAY else ():
            if symbol is not None:
                self.history_wanted.emit(symbol, self.period)

    def set_per_minute(self, on: bool) -> None:
        """Give the larger part of every tile to the bars of single minutes, or to the curves."""
        self.per_minute = on
        self.bar.minutes.choose(on)
        self._in_turns(self._tiles, "minutes", lambda tile: tile.set_per_minute(on))

    def set_by_share(self, on: bool) -> None:
        """Have one scale for all curves, by share of turnover, or one for each chart."""
        self.by_share = on
        self.bar.shares.choose(on)
        self._scale()

    def _scale(self) -> None:
        """The scale is as wide as the widest chart needs, on whole steps; an enlarged chart has its own."""
        scale: tuple[float, float] | None = None
        shared = self.by_share and self.enlarged is None and self.period is Period.INTRADAY
        known = [shares for tile in self._tiles if shared and (shares := tile.shares()) is not None]
        if known:
            low, high = min(low for low, _high in known), max(high for _low, high in known)
            room = (high - low or _SHARE_STEP) * _SHARE_ROOM
            steps = floor((low - room) / _SHARE_STEP), ceil((high + 2 * room) / _SHARE_STEP)
            scale = steps[0] * _SHARE_STEP, steps[1] * _SHARE_STEP
        self._in_turns(self._tiles, "scale", lambda tile: tile.set_scale(scale))

    def pin(self, tile: GridTile, symbol: Symbol) -> None:
        """Show a symbol in a tile, and keep it there."""
        self.places.pin(self._tiles.index(tile), symbol)
        self._show_places()

    def show_in_active(self, symbol: Symbol) -> None:
        """Go to a symbol's tile, or show it in the active one."""
        place = self.places.place_of(symbol)
        if place is None and self._active is not None:
            self.places.shown[self._tiles.index(self._active)] = symbol
            self._show_places()
        elif place is not None:
            self._tiles[place].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def follow(self, symbol: Symbol | None) -> None:
        """Another symbol was selected: its tile is the active one, if it has one."""
        place = self.places.place_of(symbol)
        if place is not None:
            self._activate(self._tiles[place])

    def _show_places(self) -> None:
        self._ask()
        others = []
        for tile, symbol in zip(self._tiles, self.places.shown, strict=True):
            if symbol != tile.symbol:
                tile.show_symbol(symbol)
            else:
                others.append(tile)
        self._read_again(others)
        self._mark()
        self._scale()
        self.changed.emit()

    def _mark(self) -> None:
        for place, tile in enumerate(self._tiles):
            active = tile is self._active and len(self._tiles) > 1
            tile.head.mark(active=active, pinned=place in self.places.pinned, target=tile is self._target)

    # hands

    def _enter(self, tile: GridTile) -> None:
        self._activate(tile)
        if tile.symbol is not None:
            self.activated.emit(tile.symbol)

    def _activate(self, tile: GridTile) -> None:
        if tile is not self._active:
            self._active = tile
            self._mark()
            into_sight(tile)

    def toggle_large(self, tile: GridTile) -> None:
        """Give a tile the room of all, or all their own again."""
        if not self.shrink() and tile.symbol is not None:
            self.enlarged = tile
            for each in self._tiles:
                each.setVisible(each is tile)
                if each is not tile:
                    each.put_off()
            tile.set_large(True)
            self._scale()
            self._enter(tile)
            tile.setFocus(Qt.FocusReason.OtherFocusReason)
            self.changed.emit()

    def shrink(self) -> bool:
        """Show all tiles again; False where none was enlarged."""
        tile, self.enlarged = self.enlarged, None
        if tile is None:
            return False
        tile.set_large(False)
        for each in self._tiles:
            each.show()
        self.build_soon()
        self._scale()
        self.changed.emit()
        return True

    def hover(self, point: QPoint | None) -> None:
        """Rows are carried over a point of the screen: mark the tile there."""
        target = None if point is None else self._tile_at(point)
        if target is not self._target:
            self._target = target
            self._mark()

    def drop(self, point: QPoint, symbol: Symbol) -> bool:
        """A row was let go at a point of the screen: show it there and keep it; False where no tile is."""
        self.hover(None)
        tile = self._tile_at(point)
        if tile is not None:
            self.pin(tile, symbol)
            self._enter(tile)
        return tile is not None

    def _tile_at(self, point: QPoint) -> GridTile | None:
        inside = [tile for tile in self._tiles if tile.isVisible() and tile.rect().contains(tile.mapFromGlobal(point))]
        return inside[0] if inside else None

    def _open_menu(self, tile: GridTile, point: QPoint) -> None:
        place, menu = self._tiles.index(tile), passing_menu(self)
        self._activate(tile)
        selected, symbol = self.selected(), tile.symbol
        if symbol is not None and place not in self.places.pinned:
            menu.addAction(_("Pin {symbol} here").format(symbol=symbol), partial(self.pin, tile, symbol))
        elif symbol is not None:
            menu.addAction(_("Unpin {symbol}").format(symbol=symbol), partial(self._unpin, place))
        if selected is not None and selected != symbol:
            menu.addAction(
                _("Show {symbol} here and pin it").format(symbol=selected), partial(self.pin, tile, selected)
            )
        if symbol is not None:
            large = _("All charts") if self.enlarged is not None else _("Enlarge")
            menu.addAction(f"{large}\t↵", partial(self.toggle_large, tile))
            menu.addAction(_("Tear off {symbol}").format(symbol=symbol) + "\tCtrl+T", partial(self.torn.emit, symbol))
        menu.addAction(_("Fill from the list"), self.fill)
        menu.popup(point)

    def _unpin(self, place: int) -> None:
        self.places.unpin(place)
        self._mark()
        self.changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter enlarges the active tile; Esc shows all again."""
        key = key_of(event)
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._active is not None:
            self.toggle_large(self._active)
        elif key is not Qt.Key.Key_Escape or not self.shrink():
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Looked at: its charts come."""
        super().showEvent(event)
        self.build_soon()

    def hideEvent(self, event: QHideEvent) -> None:
        """Not looked at: charts that nobody sees are not laid out, and not coloured."""
        super().hideEvent(event)
        for tile in self._tiles:
            tile.put_off()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The active tile has the keyboard."""
        super().focusInEvent(event)
        if self._active is not None and not self._active.waits:
            self._active.setFocus(event.reason())

    # state

    def state(self) -> dict[str, object]:
        """What to bring back: plain values."""
        return {
            "tiles": self.size_now,
            "symbols": [str(symbol or "") for symbol in self.places.shown],
            "pinned": sorted(self.places.pinned),
            "period": self.period.value,
            "per_minute": self.per_minute,
            "by_share": self.by_share,
        }

    def restore(self, state: Mapping[str, object]) -> None:
        """Bring back what `state` told; what cannot be used is left as it is."""
        size, symbols, pinned = state.get("tiles"), state.get("symbols"), state.get("pinned")
        if isinstance(size, int) and size in SIZES and size > 1:
            self.set_size(size)
        if isinstance(symbols, list):
            kept = [symbol_of(text) for text in symbols[: self.size_now]]
            listed = [symbol if symbol in self._board.live.symbols else None for symbol in kept]
            unique = [symbol if symbol not in listed[:place] else None for place, symbol in enumerate(listed)]
            self.places.shown = [*unique, *[None] * (self.size_now - len(unique))]
        if isinstance(pinned, list):
            self.places.pinned = {
                place for place in pinned if place in range(self.size_now) and self.places.shown[place] is not None
            }
        period = next((each for each in Period if each.value == state.get("period")), Period.INTRADAY)
        per_minute, by_share = state.get("per_minute") is True, state.get("by_share") is True
        if period is not self.period:
            self.set_period(period)
        if per_minute is not self.per_minute:
            self.set_per_minute(per_minute)
        if by_share is not self.by_share:
            self.set_by_share(by_share)
        self.reload()


def symbol_of(text: object) -> Symbol | None:
    """A kept symbol; None where it cannot be read."""
    try:
        return Symbol.parse(text) if isinstance(text, str) and text else None
    except InvalidInput:
        return None
