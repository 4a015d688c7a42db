"""About: what this is, what it runs on, whose work it contains, and under which licences."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QApplication,
    QGridLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QTabWidget,
    QWidget,
)

from capflow_gui import __version__
from capflow_gui.licences import Part
from capflow_gui.present.language.texts import N_, _
from capflow_gui.ui.dialogs.sheets import Sheet
from capflow_gui.ui.fitting import WholeLines
from capflow_gui.ui.layouts import beside, push_button, stacked, text_label
from capflow_gui.ui.ports import About, Start
from capflow_gui.ui.theme import Role, Theme

_WHAT = N_(
    "Watches the capital flow your broker reports and says when money leaves faster than you "
    "allow. It shows what the broker says; it is no advice, and it places no orders."
)
_OWNER = N_("© 2026 The Capflow developers. MIT licence.")
_QT = N_(
    "Qt and Qt for Python are used under the GNU LGPL, version 3. They are separate shared "
    "libraries in {folder}: put your own build of the same version there, and Capflow runs "
    "with it. Their source is at download.qt.io/official_releases, in the folders qt and "
    "QtForPython."
)
_ICON = 56
_PART = Qt.ItemDataRole.UserRole


class AboutDialog(Sheet):
    """Emits `updates_requested`, where `updates` says that there is a page to open.

    The licences are read when their tab is opened.
    """

    updates_requested = Signal()

    def __init__(
        self, about: About, start: Start, theme: Theme, *, updates: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(_("About Capflow"), theme, parent, (900, 600))
        self._about = about
        self._start = start
        self._theme = theme
        self._cancel: Callable[[], None] | None = None
        self._facts = about.facts()
        self.parts = QListWidget(self)
        self.text = WholeLines(self)
        self.copy_button = self._button(_("Copy details"))
        self.tabs = QTabWidget(self)
        self.tabs.setAccessibleName(_("About Capflow"))
        self.tabs.addTab(self._program_page(), _("This program"))
        self.tabs.addTab(self._licences_page(), _("Licences"))
        self._build(updates=updates)

    def _button(self, text: str) -> QPushButton:
        return push_button(text, self, auto_default=False)

    def _label(self, text: str, role: str = "", *, wrap: bool = False) -> QLabel:
        return text_label(text, self, self._theme.font(Role.SENTENCE), role, wrap=wrap)

    def _build(self, *, updates: bool) -> None:
        icon = QLabel(self)
        icon.setPixmap(QApplication.windowIcon().pixmap(_ICON, _ICON))
        title = text_label(_("Capflow {version}").format(version=__version__), self, self._theme.font(Role.TITLE))
        words = stacked(title, self._label(_(_WHAT), wrap=True), self._label(_(_OWNER), "dim"), spacing=4)
        head = beside((icon, Qt.AlignmentFlag.AlignTop), (words, 1), spacing=18)
        close = self._button(_("Close"))
        buttons = beside(self.copy_button)
        if updates:
            look = self._button(_("Look for updates…"))
            look.clicked.connect(self.updates_requested)
            buttons.addWidget(look)
        buttons.addStretch(1)
        buttons.addWidget(close)
        self.fill(stacked(head, (self.tabs, 1), spacing=16), buttons)
        self.copy_button.clicked.connect(self._copy)
        close.clicked.connect(self.accept)
        self.tabs.currentChanged.connect(self._tab_opened)
        self.parts.currentItemChanged.connect(lambda item, _before: self._show_text(item))
        self.finished.connect(lambda _result: self._rest())

    def _program_page(self) -> QWidget:
        page = QWidget(self)
        grid = QGridLayout(page)
        grid.setContentsMargins(0, 14, 0, 0)
        grid.setHorizontalSpacing(22)
        grid.setVerticalSpacing(8)
        for place, (name, value) in enumerate(self._facts):
            said = self._label(value, wrap=True)
            said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            said.setAccessibleName(f"{name}: {value}")
            grid.addWidget(self._label(name, "dim"), place, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(said, place, 1)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(len(self._facts), 1)
        return page

    def _licences_page(self) -> QWidget:
        page = QWidget(self)
        self.text.setAccessibleName(_("Licence text"))
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        fixed.setPointSizeF(self._theme.font(Role.CAPTION).pointSizeF())
        self.text.setFont(fixed)
        self.parts.setAccessibleName(_("Parts and their licences"))
        self.parts.setFont(self._theme.font(Role.SENTENCE))
        self.parts.setFixedWidth(self._theme.px(230))
        self.parts.setSpacing(2)
        sides = beside(self.parts, (self.text, 1), spacing=12)
        qt = self._label(_(_QT).format(folder=self._about.qt_folder()), "dim", wrap=True)
        stacked(qt, (sides, 1), of=page, margins=(0, 14, 0, 0), spacing=12)
        return page

    def details(self) -> str:
        """What *Copy details* copies: a line a fact."""
        return "\n".join(f"{name}: {value}" for name, value in self._facts)

    def _copy(self) -> None:
        QApplication.clipboard().setText(self.details())
        self.copy_button.setText(_("Copied"))

    def _tab_opened(self, _place: int) -> None:
        if self.tabs.currentIndex() == 1 and self.parts.count() == 0:
            self._ask_parts()

    def _ask_parts(self) -> None:
        self._rest()
        self.text.setPlainText(_("Reading the licences …"))
        self._cancel = self._start(self._about.parts, self._list, self._failed)

    def _list(self, parts: list[Part]) -> None:
        self._cancel = None
        for part in parts:
            item = QListWidgetItem(f"{part.name} {part.version}".strip(), self.parts)
            item.setToolTip(part.licence)
            item.setData(_PART, part)
        self.parts.setCurrentRow(0)

    def _show_text(self, item: QListWidgetItem | None) -> None:
        if item is None:
            return
        part: Part = item.data(_PART)
        self._rest()
        self._cancel = self._start(
            lambda: self._about.text(part),
            lambda text: self.text.setPlainText(
                _("Licence: {licence}\n\n{text}").format(licence=part.licence, text=text)
            ),
            self._failed,
        )

    def _failed(self, error: Exception) -> None:
        self.text.setPlainText(
            _("The licence texts cannot be read ({error}). Install Capflow again to repair that.").format(error=error)
        )

    def _rest(self) -> None:
        if self._cancel is not None:
            self._cancel()
            self._cancel = None
