"""The layout in use: chosen, saved, undone, and followed from screen to screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol
from weakref import ref

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication, QDialog, QDockWidget, QWidget
from shiboken6 import isValid

from capflow_gui.domain.arrangement.layouts import STANDARD, Arrangement, Desk, Layouts
from capflow_gui.domain.arrangement.places import moved
from capflow_gui.domain.arrangement.rescue import Homes, rescued
from capflow_gui.domain.arrangement.screens import Screens, are_same
from capflow_gui.errors import InvalidInput
from capflow_gui.present.arrangement.words import in_use_words, layout_title
from capflow_gui.present.language.texts import _, one_after_other
from capflow_gui.present.sentences import error_sentence, reason_sentence
from capflow_gui.ui.arrangement.built_in import built_in_desk
from capflow_gui.ui.arrangement.screen_watch import ScreenWatch
from capflow_gui.ui.ports import WindowServices
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.window.keys import Action, ActionScope
from capflow_gui.ui.window.notice import Notice
from capflow_gui.ui.window.place import place_of, put

if TYPE_CHECKING:
    from capflow_gui.settings.layouts import Edit, LoadedLayouts

_BY_KEY = 9


class Arranging(Protocol):
    """What arranges the window."""

    @property
    def arranging(self) -> bool:
        """Whether it is not done yet."""


class ArrangedDesk(Protocol):
    """The window as a layout sees it."""

    def state(self) -> dict[str, Any]:
        """How the desk is arranged, as plain values."""

    def restore(self, layout: Mapping[str, Any]) -> None:
        """Arrange it so; windows may open later."""

    @property
    def places(self) -> Arranging:
        """What does that."""

    @property
    def theme(self) -> Theme:
        """Its colours and fonts."""


class DeskLayouts(QObject):
    """Knows the profile's layouts and which of them is in use. Without `services.layouts` it does nothing."""

    def __init__(
        self,
        window: ArrangedDesk,
        services: WindowServices,
        notice: Notice,
        show: Callable[[QDialog], None],
        *,
        watch: ScreenWatch | None = None,
    ) -> None:
        """`show` opens a dialog; `watch` follows the screens."""
        assert isinstance(window, QWidget)  # noqa: S101 - a Protocol cannot say so
        super().__init__(window)
        self._desk, self._window = window, window
        self._services, self._notice, self._show = services, notice, show
        self.layouts = Layouts()
        self.watch = watch or ScreenWatch(self)
        self.watch.changed.connect(self._screens_changed)
        # Weakly: a window that is closed is in it until the next second.
        self._homes: Homes[ref[QWidget]] = Homes(self.watch.now)
        self.name = ""
        self._as_saved: Desk | None = None
        self._settled = True  # what was restored has been looked at once
        self._differs = False
        self._before: tuple[str, Desk] | None = None
        self._followed = ""  # what was said of an arrangement for other screens

    # beginning

    def begin(self, asked: str = "", *, anew: bool = True) -> None:
        """Read the layouts, and use the one that is asked for, or the one to start with, or the one for these screens.

        Not `anew`: the window was made again as it was, and nothing is arranged.
        """
        if self._services.layouts is not None:
            self._services.start(
                self._services.layouts.load, lambda loaded: self._loaded(loaded, asked, anew=anew), self._failed
            )

    def _loaded(self, loaded: LoadedLayouts, asked: str, *, anew: bool) -> None:
        self.layouts = layouts = loaded.layouts
        if loaded.problems:
            self._notice.say(one_after_other(map(reason_sentence, loaded.problems)), stay=True)
        used = layouts.find(layouts.used)
        exactly = None if used is None else used.exactly(self.watch.now)
        wanted = asked or layouts.start
        if anew and wanted:
            self.use(wanted, said=False)
        elif anew and exactly is not None and layouts.screens and not are_same(layouts.screens, self.watch.now):
            self._follow_in_layout(layouts.used)
        else:
            self.name = layouts.used
            self._compare_with(exactly.desk if exactly is not None else self._desk.state())
            self._settled = exactly is not None
        self._note_use()

    # what is in use

    @property
    def differs(self) -> bool:
        """Whether the desk is not as its layout was saved, as far as that was looked at."""
        return self._differs

    def words(self) -> str:
        """What the status bar says."""
        return in_use_words(self.name, differs=self._differs)

    def tick(self) -> None:
        """A second passed: look how the desk stands."""
        if self._services.layouts is None or not self.watch.is_at_rest or self._desk.places.arranging:
            return
        self._homes.note({ref(each): place_of(each) for each in self._windows()})
        if self.name and self._as_saved is not None:
            now = self._desk.state()
            if not self._settled:  # what the system made of what was asked of it
                self._as_saved, self._settled = now, True
            self._differs = now != self._as_saved

    def _compare_with(self, desk: Desk) -> None:
        self._as_saved, self._settled, self._differs = desk, True, False

    def _windows(self) -> list[QWidget]:
        return [
            each
            for each in QApplication.topLevelWidgets()
            if each.isVisible() and (each.windowType() == Qt.WindowType.Window or isinstance(each, QDockWidget))
        ]

    # switching

    def switch(self, name: str, *, said: bool = True) -> None:
        """Arrange the desk like a layout, on the screens there are. How it was can be brought back."""
        before = self.name, self._desk.state()
        self._arrange(name)
        self._before = before
        self._change(lambda layouts: layouts.use(name, self.watch.now))
        if said:
            self._say_switched(_("Layout “{name}”.").format(name=layout_title(name)))

    def _say_switched(self, text: str) -> None:
        self._notice.say(text, _("Undo"), self.undo_switch)

    def _arrange(self, name: str) -> None:
        now, layout = self.watch.now, self.layouts.find(name)
        if layout is None:
            self._restore(name, built_in_desk(name))
        else:
            best = layout.best(now)
            self._restore(name, moved(best.desk, lambda places: rescued(places, best.screens, now)))

    def _restore(self, name: str, desk: Desk) -> None:
        self._desk.restore(desk)
        self.name, self._as_saved, self._differs = name, self._desk.state(), False
        self._settled = False

    def use(self, asked: str, *, said: bool = True) -> None:
        """Switch to a layout by the name that was typed elsewhere."""
        try:
            self.switch(self.layouts.known(asked), said=said)
        except InvalidInput as error:
            self._failed(error)

    def undo_switch(self) -> None:
        """Bring the desk back to how it was before the last switch; again, and it is as after it."""
        if self._before is not None:
            (name, desk), after = self._before, (self.name, self._desk.state())
            self._restore(name, desk)
            self._before = after
            self._change(lambda layouts: layouts.use(name, self.watch.now))

    # saving

    def save(self) -> None:
        """Save the desk into the layout in use, which can be taken back; a built-in one asks for a name."""
        found = self.layouts.find(self.name)
        if found is None:
            self.ask_name()
            return
        place = self.layouts.layouts.index(found)
        told = _("Saved “{name}” for these screens.").format(name=found.name)

        def take_back() -> None:
            self._change(lambda layouts: layouts.put(place, found))
            self._differs, self._as_saved = True, None

        self._save_as(found.name, lambda: self._notice.say(told, _("Undo"), take_back))

    def _save_as(self, name: str, then: Callable[[], None]) -> None:
        made = Arrangement(self.watch.now, datetime.now(UTC).replace(microsecond=0), self._desk.state())

        def done() -> None:
            self.name = self.layouts.used
            self._compare_with(made.desk)
            then()

        self._change(lambda layouts: replace(layouts.save(name, made), screens=made.screens), done)

    def save_as(self, name: str) -> None:
        """Save the desk as a layout of that name."""
        told = _("Saved as “{name}”.")
        self._save_as(name, lambda: self._notice.say(told.format(name=self.name)))

    def ask_name(self) -> None:
        """Ask what the desk is to be saved as."""
        from capflow_gui.ui.arrangement.dialog import NameSheet  # noqa: PLC0415 - seldom wanted

        sheet = NameSheet(self.layouts, self._desk.theme, self._window)
        sheet.chosen.connect(self.save_as)
        self._show(sheet)

    def open_dialog(self) -> None:
        """Show all layouts, to be renamed, moved, passed on and so forth."""
        from capflow_gui.ui.arrangement.dialog import LayoutsDialog  # noqa: PLC0415 - seldom wanted

        if self._services.layouts is not None:
            dialog = LayoutsDialog(self.layouts, self._services, self._desk.theme, self._window)
            dialog.changed.connect(self._taken)
            dialog.used.connect(self.switch)
            self._show(dialog)

    def _change(self, edit: Edit, done: Callable[[], None] = lambda: None) -> None:
        shelf = self._services.layouts
        if shelf is not None:

            def taken(layouts: Layouts) -> None:
                self.layouts = layouts
                done()

            self._services.start(lambda: shelf.change(edit), taken, self._failed)

    def _note_use(self) -> None:
        if (self.layouts.used, self.layouts.screens) != (self.name, self.watch.now):
            self._change(lambda layouts: layouts.use(self.name, self.watch.now))

    def _taken(self, layouts: Layouts) -> None:
        """The dialog changed something: the layout in use may have another name now, or be gone."""
        if self.name == self.layouts.used:
            self.name = layouts.used
        self.layouts = layouts

    def _failed(self, error: Exception) -> None:
        self._notice.say(error_sentence(error, retrying=False), stay=True)

    # screens

    def _screens_changed(self, _before: Screens, now: Screens) -> None:
        layout = self.layouts.find(self.name)
        if layout is not None and layout.exactly(now) is not None:
            self._homes = Homes(now)
            self._follow_in_layout(layout.name)
        else:
            if self._followed and self._notice.text() == self._followed:  # it was of the screens before
                self._notice.dismiss()
            for noted, wanted in self._homes.follow(now).items():
                window = noted()
                if window is not None and isValid(window):
                    put(window, wanted)
        self._note_use()

    def _follow_in_layout(self, name: str) -> None:
        self._before = self.name, self._desk.state()
        self._arrange(name)
        self._followed = _("Other screens: layout “{name}” as it was saved for them.").format(name=name)
        self._say_switched(self._followed)

    # by key, menu and name

    def actions(self) -> list[Action]:
        """What can be done with layouts."""
        if self._services.layouts is None:
            return []
        words = _("layout arrange workspace windows screens monitors desk")
        scope = partial(Action, section=2, scope=ActionScope.WINDOW, words=words)
        nothing = "" if self._before is not None else _("No layout was chosen yet.")
        names = self.layouts.names()
        choices = [(layout_title(name), name == self.name, partial(self.switch, name)) for name in names]
        return [
            scope(self.open_dialog, _("Layout"), choices=choices, what=_("Arranges the windows as they were saved.")),
            *self._by_key(),
            scope(
                self.save, _("Save layout"), ("Ctrl+⇧S",), what=_("Saves how the windows stand in the layout in use.")
            ),
            scope(self.ask_name, _("Save layout as…"), what=_("Saves how the windows stand under a name.")),
            scope(self.open_dialog, _("Layouts…"), what=_("Renames, deletes, moves, exports and imports layouts.")),
            scope(
                partial(self.switch, STANDARD),
                _("Back to the default layout"),
                section=0,
                what=_("Arranges the main window as at the first start, and closes the others."),
            ),
            scope(
                self.undo_switch,
                _("Undo the last change of layout"),
                section=0,
                what=_("Arranges the windows as they stood before the last layout was chosen."),
                why_not=nothing,
            ),
        ]

    def _by_key(self) -> list[Action]:
        what = _("Arranges the windows like the first to ninth layout.")

        def nth(place: int) -> None:
            known = self.layouts.names()  # the keys are bound once, and layouts come and go
            if place < len(known):
                self.switch(known[place])

        return [
            Action(
                partial(nth, place),
                keys=(f"Ctrl+⇧{place + 1}",),
                what=what,
                scope=ActionScope.WINDOW,
            )
            for place in range(_BY_KEY)
        ]

    def rest(self) -> None:
        """The window closes."""
        self.watch.rest()
