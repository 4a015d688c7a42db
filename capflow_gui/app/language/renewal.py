"""Another language makes the windows anew; each is as the one before it was."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from capflow_gui.app.jobs import in_turns
from capflow_gui.app.system.garbage import take_back
from capflow_gui.present.language.texts import _
from capflow_gui.settings import WindowSettings
from capflow_gui.ui.settings.dialog import SettingsDialog
from capflow_gui.ui.theme import dress, theme_of
from capflow_gui.ui.window.frame import Frame
from capflow_gui.ui.window.main_window import MainWindow

if TYPE_CHECKING:
    from capflow_gui.ui.ports import RecordedSession


@dataclass(frozen=True, slots=True)
class WhatIsShown:
    """How a window looks and what it plays back; `dialog` is the kind of the dialog that is open.

    `offer` is what is yet to be told of the tour (see `Guide`); `toured`: it is shown.
    """

    window: WindowSettings
    played: RecordedSession | None
    played_to: float
    dialog: type | None
    offer: Callable[[], object] | None
    toured: bool

    @classmethod
    def taken_from(cls, window: MainWindow) -> WhatIsShown:
        """What a window shows now; a dialog that is open is closed, and one that is being made is not opened."""
        window.dialogs.rest()
        playback, dialog, guide = window.playback, window.dialogs.current, window.guide
        kind = None if dialog is None else type(dialog)
        if dialog is not None:
            dialog.reject()
        return cls(window.kept_state(), playback.session, playback.now, kind, guide.told, guide.tour is not None)

    def bring_back(self, window: MainWindow) -> Iterator[None]:
        """Show what the settings do not keep: the playback, standing where it was, and the settings if they were open.

        A tour begins anew, and one that was offered is offered again. Each is a step. A form that was open is gone, and
        that is said.
        """
        if self.played is not None:
            window.played.play(self.played, self.played_to)
            yield
        if self.offer is not None:
            window.guide.lead(window.bridge.ticked, window.start_tour, self.offer, begin=False)
        if self.toured:
            window.start_tour()
            yield
        if self.dialog is SettingsDialog:
            window.dialogs.open_settings()
        elif self.dialog is not None:
            window.notice.say(_("The language was changed, and what was open was closed: nothing of it was saved."))


class Renewal:
    """Makes every window of `windows` anew when it is asked to, one after the other, in several turns of the loop.

    The old window is shown until the new one is, and those beside it come back one by one.
    """

    def __init__(
        self,
        app: QApplication,
        windows: Sequence[MainWindow],
        frame: Frame,
        *,
        make: Callable[[], Awaitable[MainWindow]],
        replace: Callable[[MainWindow, MainWindow], Iterator[None]],
        change: Callable[..., object],
        collect: Callable[[], object] = gc.collect,
    ) -> None:
        """`make` makes a window, which is then in `windows`; `replace` shows it in the place of the old one, in steps.

        `change` saves sections of the settings; `collect` frees what is left of the old window.
        """
        self._app, self._windows, self._frame = app, windows, frame
        self._make, self._replace, self._change, self._collect = make, replace, change, collect
        self._wanted = False
        self._task: asyncio.Task[None] | None = None

    def ask(self) -> None:
        """Begin with the next turn; or begin again, where one is under way: the language changed once more."""
        self._wanted = True
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._renew_all(), name="renewal")
            self._task.add_done_callback(self._done)

    async def ended(self) -> None:
        """Wait until the windows are there again."""
        if self._task is not None:
            await asyncio.wait([self._task])

    def _done(self, task: asyncio.Task[None]) -> None:
        self._task = None
        task.result()  # a fault is the loop's to log

    async def _renew_all(self) -> None:
        while self._wanted:
            self._wanted = False
            for _window in range(len(self._windows)):
                await self._renew(self._windows[0])  # the one in its place is the last; no frame but one keeps it

    async def _renew(self, old: MainWindow) -> None:
        while self._frame.dressing:  # the old window is to be given it, and is not deleted before
            await asyncio.sleep(0)
        with self._frame.unchanged(self._app):
            old.dialogs.rest()
            await asyncio.sleep(0)
            await in_turns(take_back(old))  # while it has all its parts
            shown = WhatIsShown.taken_from(old)
            self._change(window=shown.window)
            theme = theme_of(old.settings.appearance)
            old.views.close()
            old.panels.rest()  # nothing beside the window is seen without its style sheet
            old.panels.leave_closed()
            await asyncio.sleep(0)
            # The new one is made without a style sheet (see `apply_theme`), and in the fonts it will have: what has a
            # style sheet of its own keeps the font it began with.
            await in_turns(dress(self._app, theme, sheet=False))
            await asyncio.sleep(0)
            new = await self._make()
            await asyncio.sleep(0)
            await in_turns(self._replace(old, new))
            del old
            await asyncio.sleep(0)  # what was done last took its time
            self._collect()  # while the frame does not answer anyway
        new.places.restore_beside(shown.window)
        while new.places.arranging:
            await asyncio.sleep(0)
        new.layouts.begin(anew=False)
        await in_turns(shown.bring_back(new))
