"""The layouts of a profile, read and written off the loop."""

from __future__ import annotations

import asyncio

from capflow_gui.app.request import Request
from capflow_gui.domain.arrangement.layouts import Layouts
from capflow_gui.paths import Paths
from capflow_gui.settings.layouts import Edit, LayoutsFile, LoadedLayouts


def open_layouts(request: Request, paths: Paths) -> KeptLayouts | None:
    """The layouts of a profile; None where the program only looks, and at none of them."""
    return None if request.fleeting and not request.layout else KeptLayouts(paths, keep=not request.fleeting)


class KeptLayouts:
    """An implementation of ui.ports.LayoutShelf. What is not to be kept is changed in memory alone."""

    def __init__(self, paths: Paths, *, keep: bool) -> None:
        self._file = LayoutsFile(paths)
        self._keep = keep
        self._seen = Layouts()
        self._turn = asyncio.Lock()

    async def load(self) -> LoadedLayouts:
        """See ui.ports."""
        async with self._turn:
            loaded = await asyncio.to_thread(self._file.load)
            self._seen = loaded.layouts
            return loaded

    async def change(self, edit: Edit) -> Layouts:
        """See ui.ports."""
        async with self._turn:
            self._seen = await asyncio.to_thread(self._file.change, edit) if self._keep else edit(self._seen)
            return self._seen
