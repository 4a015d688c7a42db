"""A window over both sources, one row at each."""

from __future__ import annotations

from dataclasses import replace

from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.domain.symbol import Symbol
from capflow_gui.settings import Settings
from capflow_gui.ui.dialogs.connection import ConnectionDialog
from capflow_gui.ui.dialogs.longport_form import LongportForm
from capflow_gui.ui.ports import ConnectionReport
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard, row_of
from tests.ui.window_fixture import Answers, open_window

TENCENT = Symbol.parse("700.HK")


class Two:
    """A window over two sources, and what it asked for."""

    def __init__(self) -> None:
        self.answers = Answers(report=ConnectionReport(True, "Longport answered.", "Totals by the minute.", 0.3))
        opend, longport = row_of("700.HK", "Tencent", -1e8, 8e9), row_of("3690.HK", "Meituan", -2e8, 4e9)
        self.board = HandBoard(
            (
                replace(opend, shared=True),
                replace(longport, shared=True, source="longport", classes=False, chosen="longport"),
            ),
            links=(
                LinkState("opend", LinkPhase.READY, 0.0, latency_s=0.01),
                LinkState("longport", LinkPhase.READY, 0.0, latency_s=0.02),
            ),
        )
        self.window: MainWindow = open_window(self.board, Settings(source="opend"), self.answers)

    def form(self) -> LongportForm:
        self.window.dialogs.open_connection("longport")
        dialog = self.window.dialogs.current
        assert isinstance(dialog, ConnectionDialog)
        return dialog.longport
