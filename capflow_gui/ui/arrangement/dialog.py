"""The layouts of the profile: renamed, copied, moved, deleted, passed on, and taken from a file."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QPushButton, QWidget

from capflow_gui.domain.arrangement.layouts import BUILT_IN, LONGEST, Layout, Layouts, checked_name
from capflow_gui.errors import CapflowError, InvalidInput, SettingsError
from capflow_gui.present.arrangement.words import built_in_lines, import_lines, layout_lines
from capflow_gui.present.language.texts import N_, _, ngettext, said_together
from capflow_gui.present.sentences import error_sentence, input_fault
from capflow_gui.ui.arrangement.drawing import SIZE, built_in_icon, screens_icon
from capflow_gui.ui.arrangement.passed_on import passed_on
from capflow_gui.ui.dialogs.files import ask_for_file, ask_for_place
from capflow_gui.ui.dialogs.sheets import Sheet
from capflow_gui.ui.layouts import NO_MARGINS, beside, push_button, stacked, text_label
from capflow_gui.ui.ports import WindowServices
from capflow_gui.ui.theme import Theme

_LEAST = 700, 460
_FILE = "capflow-layouts.json"
_KINDS = N_("Layouts (*.json)")
Edit = Callable[[Layouts], Layouts]


class NameSheet(Sheet):
    """Asks what the desk is to be saved as. chosen(name)."""

    chosen = Signal(str)

    takes_input = True

    def __init__(self, layouts: Layouts, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(_("Save layout as"), theme, parent, (420, 0))
        self._layouts = layouts
        self.name = QLineEdit(self._page)
        self.name.setAccessibleName(_("Name"))
        self.name.setPlaceholderText(_("Name"))
        self.name.setMaxLength(2 * LONGEST)
        self.said = text_label("", self._page, role="dim", wrap=True)
        self.ok = push_button(_("Save"), self, "primary")
        cancel = push_button(_("Cancel"), self, auto_default=False)
        self.fill(stacked(self.name, self.said, spacing=9), beside(None, cancel, self.ok))
        self.name.textChanged.connect(lambda _text: self._follow())
        cancel.clicked.connect(self.reject)
        self.ok.clicked.connect(self._accept)
        self._follow()

    def _follow(self) -> None:
        typed = self.name.text()
        said, usable = _("It holds how the windows stand, for the screens there are now."), bool(typed.strip())
        try:
            if usable and self._layouts.find(checked_name(typed)) is not None:
                said = _("There is one of that name: it is saved over, for these screens.")
        except InvalidInput as error:
            said, usable = input_fault(error), False
        self.said.setText(said)
        self.ok.setEnabled(usable)

    def _accept(self) -> None:
        name = self.name.text()
        self.accept()
        self.chosen.emit(name)


class ImportLayouts(Sheet):
    """Shows what a file of layouts would do. chosen() : do it."""

    chosen = Signal()

    def __init__(
        self, name: str, own: Layouts, new: tuple[Layout, ...], theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(_("Import layouts"), theme, parent, (480, 320))
        lines = QListWidget(self._page)
        lines.setAccessibleName(_("What would change"))
        lines.setWordWrap(True)
        lines.setSpacing(theme.px(3))  # each has several lines
        lines.addItems(import_lines(own, new))
        title = text_label(_("What {name} would change:").format(name=name), self._page, wrap=True)
        self.take = push_button(_("Import {count}").format(count=len(new)), self, "primary")
        cancel = push_button(_("Cancel"), self, auto_default=False)
        self.fill(stacked(title, (lines, 1), spacing=9), beside(None, cancel, self.take))
        cancel.clicked.connect(self.reject)
        self.take.clicked.connect(self._accept)

    def _accept(self) -> None:
        self.accept()
        self.chosen.emit()


class LayoutsDialog(Sheet):
    """changed(Layouts): something was changed and is kept · used(name): the desk is to be arranged like that one."""

    changed = Signal(object)
    used = Signal(str)

    def __init__(self, layouts: Layouts, services: WindowServices, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(_("Layouts"), theme, parent, _LEAST)
        self.layouts = layouts
        self._services, self._theme = services, theme
        self._back: Edit | None = None
        self._cancels: list[Callable[[], None]] = []
        self.list = QListWidget(self._page)
        self.list.setAccessibleName(_("Layouts"))
        self.list.setIconSize(QSize(theme.px(SIZE.width()), theme.px(SIZE.height())))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.name = QLineEdit(self._page)
        self.name.setAccessibleName(_("Name"))
        self.name.setMaxLength(2 * LONGEST)
        self.said = text_label("", self._page, role="dim", wrap=True)
        self.ok = push_button(_("Rename"), self._page, "primary", auto_default=False)
        self.cancel = push_button(_("Cancel"), self._page, auto_default=False)
        self.use = self._button(_("Use"), self._use)
        self.rename = self._button(_("Rename…"), self._ask_name)
        self.copy = self._button(_("Duplicate"), lambda: self._each(lambda name, all_: all_.duplicate(name)))
        self.delete = self._button(_("Delete"), self._delete)
        self.up = self._button(_("Up"), lambda: self._each(lambda name, all_: all_.move(name, -1)))
        self.down = self._button(_("Down"), lambda: self._each(lambda name, all_: all_.move(name, 1)))
        self.start = self._button(_("Use at start"), self._start)
        self.undo = self._button(_("Undo"), self._undo)
        self.export = self._button(_("Export…"), lambda: self._ask_where(self._own()))
        self.export_all = self._button(_("Export all…"), lambda: self._ask_where(self.layouts.layouts))
        self.import_ = self._button(_("Import…"), self._ask_which)
        close = push_button(_("Close"), self, auto_default=False)
        close.clicked.connect(self.accept)
        self.question = QWidget(self._page)
        stacked(self.name, beside(None, self.cancel, self.ok), of=self.question, margins=NO_MARGINS)
        tools = (self.use, self.rename, self.copy, self.delete, self.undo, 12, self.up, self.down, self.start)
        side = stacked(*tools, None, self.export, self.export_all, self.import_, spacing=6)
        self.fill(
            stacked((beside((self.list, 1), side, spacing=12), 1), self.said, self.question, spacing=12),
            beside(None, close),
        )
        self.list.currentItemChanged.connect(lambda _now, _before: self._follow())
        self.list.itemActivated.connect(lambda _item: self._use())
        self.ok.clicked.connect(self._rename)
        self.cancel.clicked.connect(self._rest)
        self.finished.connect(lambda _result: self._end())
        self._fill_list(layouts.used)
        self.list.setFocus()

    def _button(self, text: str, run: Callable[[], object]) -> QPushButton:
        made = push_button(text, self._page, auto_default=False)
        made.clicked.connect(run)
        return made

    def _end(self) -> None:
        for cancel in self._cancels:
            cancel()

    # the list

    def _fill_list(self, chosen: str) -> None:
        self.list.clear()
        ratio = self.devicePixelRatioF()
        for name in self.layouts.names():
            layout = self.layouts.find(name)
            if layout is None:
                lines, icon = built_in_lines(name, self.layouts), built_in_icon(name, self._theme, ratio)
            else:
                newest = layout.newest
                lines = layout_lines(layout, self.layouts, newest.saved.astimezone())
                icon = screens_icon(newest, self._theme, ratio)
            item = QListWidgetItem(icon, "\n".join(lines))
            item.setData(Qt.ItemDataRole.UserRole, name)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, said_together(lines))
            self.list.addItem(item)
            if name == chosen or self.list.currentItem() is None:
                self.list.setCurrentItem(item)
        self._follow()

    @property
    def current(self) -> str:
        """The name of the layout that is selected."""
        item = self.list.currentItem()
        name: str = "" if item is None else item.data(Qt.ItemDataRole.UserRole)
        return name

    def _follow(self) -> None:
        name, own = self.current, self.current not in ("", *BUILT_IN)
        self._rest()
        for button in (self.rename, self.copy, self.delete):
            button.setEnabled(own)
        names = [each.name for each in self.layouts.layouts]
        self.up.setEnabled(own and name != names[0])
        self.down.setEnabled(own and name != names[-1])
        self.start.setText(_("Not at start") if name and name == self.layouts.start else _("Use at start"))
        self.undo.setEnabled(self._back is not None)
        self.export.setEnabled(own and self._services.save is not None)
        self.export_all.setEnabled(bool(names) and self._services.save is not None)
        self.import_.setEnabled(self._services.read is not None)

    def _rest(self) -> None:
        self.question.hide()

    # what is done

    def _change(self, edit: Edit, chosen: str = "", said: str = "") -> None:
        """Make a change that can be undone. Then `said` is said, and `chosen` is selected, or a layout that is new."""
        shelf, before = self._services.layouts, self.layouts

        def done(layouts: Layouts) -> None:
            self._back = lambda now: _brought_back(now, before, layouts)
            self.layouts = layouts
            self.changed.emit(layouts)
            self.said.setText(said)
            new = (name for name in layouts.names() if name not in before.names())
            self._fill_list(chosen or next(new, self.current))

        if shelf is not None:
            self._cancels.append(self._services.start(lambda: shelf.change(edit), done, self._failed))

    def _failed(self, error: Exception) -> None:
        self.said.setText(error_sentence(error, retrying=False))

    def _each(self, edit: Callable[[str, Layouts], Layouts]) -> None:
        self._change(partial(edit, self.current))

    def _use(self) -> None:
        name = self.current
        if name:
            self.accept()
            self.used.emit(name)

    def _ask_name(self) -> None:
        self.name.setText(self.current)
        self.name.selectAll()
        self.said.setText(_("What is it to be called?"))
        self.question.show()
        self.name.setFocus(Qt.FocusReason.OtherFocusReason)

    def _rename(self) -> None:
        name, to = self.current, self.name.text()
        try:
            self.layouts.rename(name, to)
        except CapflowError as error:
            self._failed(error)
            return
        self._change(lambda layouts: layouts.rename(name, to), checked_name(to), _("Renamed."))

    def _delete(self) -> None:
        name = self.current
        names = [each.name for each in self.layouts.layouts if each.name != name]
        place = [each.name for each in self.layouts.layouts].index(name)
        following = (*names, *BUILT_IN)[place]
        self._change(lambda layouts: layouts.delete(name), following, _("“{name}” was deleted.").format(name=name))

    def _start(self) -> None:
        name = "" if self.current == self.layouts.start else self.current
        self._change(lambda layouts: layouts.start_with(name))

    def _undo(self) -> None:
        back = self._back
        if back is not None:
            self._change(back, said=_("Undone."))

    # files

    def _own(self) -> tuple[Layout, ...]:
        """The layout that is selected, where it is one of the user's own."""
        return tuple(each for each in self.layouts.layouts if each.name == self.current)

    def _ask_where(self, layouts: tuple[Layout, ...]) -> None:
        ask_for_place(self, _("Export layouts"), _(_KINDS), _FILE, lambda path: self.export_to(path, layouts))

    def export_to(self, path: str, layouts: tuple[Layout, ...]) -> None:
        """Write layouts of the user's own into a file."""
        from capflow_gui.settings.layouts import exported  # noqa: PLC0415 - seldom wanted

        save = self._services.save
        if save is not None:
            content = exported(layouts, passed_on)
            said = ngettext(
                "Saved {count} layout in {path}: places, views, and the symbols of charts side by side or torn off.",
                "Saved {count} layouts in {path}: places, views, and the symbols of charts side by side or torn off.",
                len(layouts),
            ).format(count=len(layouts), path=path)
            job, told = (lambda: save(path, content)), (lambda _none: self.said.setText(said))
            self._cancels.append(self._services.start(job, told, self._failed))

    def _ask_which(self) -> None:
        ask_for_file(self, _("Import layouts"), self.import_from, _(_KINDS))

    def import_from(self, path: str) -> None:
        """Read a file, and show what it would change."""
        read, name = self._services.read, path.replace("\\", "/").rpartition("/")[2]
        if read is not None:
            job = lambda: read(path)  # noqa: E731
            self._cancels.append(self._services.start(job, partial(self._preview, name), self._failed))

    def _preview(self, name: str, raw: bytes) -> None:
        from capflow_gui.settings.layouts import read_exported  # noqa: PLC0415 - seldom wanted

        try:
            new = read_exported(raw, name, passed_on)
        except SettingsError as error:
            self._failed(error)
            return
        sheet = ImportLayouts(name, self.layouts, new, self._theme, self)
        said = ngettext("Imported {count} layout.", "Imported {count} layouts.", len(new)).format(count=len(new))
        sheet.chosen.connect(lambda: self._change(lambda layouts: layouts.take(new), new[0].name, said))
        self.preview = sheet
        sheet.open()


def _brought_back(now: Layouts, before: Layouts, after: Layouts) -> Layouts:
    """What there was before a change, with what somebody else changed since."""
    if now == after:
        return before
    known = {layout.name for layout in (*before.layouts, *after.layouts)}
    return before.take(layout for layout in now.layouts if layout.name not in known)
