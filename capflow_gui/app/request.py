"""What the command line asked of the desktop program. Imports no Qt: the command line builds it before any display."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from capflow_gui.settings import Connection

DEMO = "demo"


@dataclass(frozen=True, slots=True)
class Reopen:
    """A profile to open next: the demo or the user's own, with a new connection where one was chosen.

    `dropped` is a source to disconnect; `left` what the user still has to do about it, or nothing.
    """

    demo: bool
    connection: Connection | None = None
    dropped: str | None = None
    left: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """`demo` starts in the demo profile; `scenario`, `speed`, `symbols`, `clock` (ISO 8601) shape it; None: as the
    simulator has it; `sources` are the simulated brokers: opend, or opend and longport.

    `screenshot` draws the window, saves it after `after` seconds and leaves; `self_test` runs on the simulator in a
    profile that is thrown away. Neither saves settings, nor minds a running Capflow. `folders` are the overrides of
    --config-dir and --data-dir; where `profile` is not the main one, they lie below those of the main one, `above`.
    `layout` names one to begin with. `size` is the window's, in pixels (None: as it was left, or the screen allows).
    """

    demo: bool = False
    scenario: str | None = None
    speed: float | None = None
    symbols: int | None = None
    clock: str | None = None
    sources: tuple[str, ...] = ("opend",)
    screenshot: Path | None = None
    after: float = 5.0
    self_test: bool = False
    folders: tuple[Path | None, Path | None] = (None, None)
    log_level: str | None = None
    language: str | None = None
    profile: str = ""
    above: tuple[Path | None, Path | None] | None = None
    size: tuple[int, int] | None = None
    layout: str = ""

    @property
    def main_folders(self) -> tuple[Path | None, Path | None]:
        """The overrides of the main profile's folders."""
        return self.folders if self.above is None else self.above

    @property
    def fleeting(self) -> bool:
        """Whether it only looks, and leaves nothing behind."""
        return self.self_test or self.screenshot is not None
