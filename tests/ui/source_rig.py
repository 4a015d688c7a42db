"""A window over both sources, as somebody has it who leaves one or signs in again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.settings import Settings
from capflow_gui.ui.dialogs.connection import ConnectionDialog
from capflow_gui.ui.ports import LongportStanding
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard, row_of
from tests.ui.window_fixture import Answers, open_window

READY = LinkState("longport", LinkPhase.READY, 0.0, latency_s=0.02)


@dataclass
class Rig:
    """A window over both sources: one symbol at OpenD, one put on Longport by hand, one there automatically."""

    settings: Settings = field(default_factory=lambda: Settings(source="opend", second_source="longport"))
    answers: Answers = field(default_factory=lambda: Answers(standing=LongportStanding("browser", keyring=True)))
    left: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        rows = [replace(row_of(f"{code}.HK", "x", -1e8, 8e9), shared=True) for code in (700, 3690, 981)]
        rows[1:] = [replace(row, source="longport", classes=False) for row in rows[1:]]
        rows[1] = replace(rows[1], chosen="longport")
        ready = LinkState("opend", LinkPhase.READY, 0.0, latency_s=0.01)
        links = (ready, READY) if self.settings.second_source else (READY,)
        self.board = HandBoard(rows, links)
        self.window: MainWindow = open_window(self.board, self.settings, self.answers, size=(1280, 720))
        self.window.intents.disconnect_requested.connect(lambda source, left: self.left.append((source, left)))

    def longport_is(self, link: LinkState) -> None:
        self.board.links = (self.board.links[0], link)
        self.window._links_changed()

    def dialog(self, source: str = "longport") -> ConnectionDialog:
        self.window.dialogs.open_connection(source)
        return self.shown()

    def shown(self) -> ConnectionDialog:
        dialog = self.window.dialogs.current
        assert isinstance(dialog, ConnectionDialog)
        return dialog

    def said(self) -> str:
        return self.window.notice.text()
