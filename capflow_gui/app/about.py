"""What the About dialog shows: this installation, and the licences, read from the disk in a thread."""

from __future__ import annotations

import asyncio
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

import PySide6
from PySide6.QtCore import qVersion
from PySide6.QtWidgets import QApplication

from capflow_gui import __version__
from capflow_gui.app.profile import Profile
from capflow_gui.licences import Part, bundled_folder, text_of, third_parties
from capflow_gui.paths import shown
from capflow_gui.present.language.texts import _
from capflow_gui.present.settings.profiles import profile_title
from capflow_gui.releases import read_page


class Installation:
    """An implementation of ui.ports.About."""

    def __init__(self, profile: Profile, name: str = "") -> None:
        self._profile = profile
        self._name = name

    def facts(self) -> Sequence[tuple[str, str]]:
        """Versions and folders, as support wants to know them."""
        paths, policy = self._profile.paths, self._profile.policy.file
        kind = _("bundle") if bundled_folder() is not None else _("Python package")
        system = f"{platform.system()} {platform.release()} {platform.machine()}, {QApplication.platformName()}"
        return (
            ("Capflow", f"{__version__}, {kind}"),
            ("Python", platform.python_version()),
            ("Qt", f"{qVersion()}, Qt for Python {PySide6.__version__}"),
            (_("System"), system),
            (_("Program"), shown(Path(sys.executable).parent)),
            (_("Profile"), _("demo") if self._profile.demo else profile_title(self._name)),
            (_("Settings"), shown(paths.settings_file)),
            *([(_("Policy"), shown(policy))] if policy is not None else []),
            (_("Data"), shown(paths.data)),
            (_("Log"), shown(paths.log)),
        )

    def qt_folder(self) -> str:
        """Where Qt's libraries lie."""
        return str(Path(PySide6.__file__).parent)

    async def parts(self) -> list[Part]:
        """Capflow and the third parties."""
        return await asyncio.to_thread(third_parties)

    async def text(self, part: Part) -> str:
        """A licence in full."""
        return await asyncio.to_thread(text_of, part)


def built_page() -> str:
    """The page of new versions the bundle was built with; empty where it has none, and from source."""
    folder = bundled_folder()
    return "" if folder is None else read_page(folder)
