"""What is said of layouts and their screens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from capflow_gui.domain.arrangement.layouts import BUILT_IN, Layout, Layouts
from capflow_gui.domain.arrangement.screens import Screens
from capflow_gui.present.language.texts import N_, _, listed, ngettext, pgettext

_TITLES = {"Standard": N_("Standard"), "Chart wall": N_("Chart wall"), "List only": N_("List only")}

_SETS = 3  # of a layout are named: the newest


def layout_title(name: str) -> str:
    """What a layout is called: the built-in ones in the reader's language."""
    return _(_TITLES[name]) if name in BUILT_IN else name


def in_use_words(name: str, *, differs: bool) -> str:
    """What the status bar says; `differs`: the desk is not as it was saved."""
    if not name:
        return ""
    said = _("layout: {name}, changed") if differs else _("layout: {name}")
    return said.format(name=layout_title(name))


def screens_words(screens: Screens) -> str:
    """How many screens, and how large: in our pixels, and their scale where that is not 100 %."""
    sizes = [
        f"{each.whole.width}×{each.whole.height}" + (f" {each.scale:.0%}" if round(each.scale, 2) != 1 else "")
        for each in screens
    ]
    return ngettext("{count} screen: {sizes}", "{count} screens: {sizes}", len(screens)).format(
        count=len(screens), sizes=listed(sizes)
    )


def layout_lines(layout: Layout, layouts: Layouts, local: datetime) -> list[str]:
    """A layout in the list: its name, the sets of screens it was made for, when it was saved (`local`), its marks."""
    of = [screens_words(each.screens) for each in layout.arrangements[-_SETS:]]
    marks = [
        _("saved {time}").format(time=f"{local:%Y-%m-%d %H:%M}"),
        *([pgettext("of a layout", "in use")] if layout.name == layouts.used else []),
        *([_("used at start")] if layout.name == layouts.start else []),
    ]
    return [layout.name, *of, " · ".join(marks)]


def built_in_lines(name: str, layouts: Layouts) -> list[str]:
    """A built-in layout in the list."""
    marks = [
        _("built in"),
        *([pgettext("of a layout", "in use")] if name == layouts.used else []),
        *([_("used at start")] if name == layouts.start else []),
    ]
    return [layout_title(name), " · ".join(marks)]


def import_lines(own: Layouts, new: Sequence[Layout]) -> list[str]:
    """What taking layouts from a file would do, each with all sets of screens that it is for, and yours was."""
    found = []
    for each in new:
        old = own.find(each.name)
        said = _("{name}: new") if old is None else _("{name}: replaces yours")
        lines = [said.format(name=each.name), _("from the file, for {screens}").format(screens=_all_sets(each))]
        if old is not None:
            lines.append(_("yours, for {screens}").format(screens=_all_sets(old)))
        found.append("\n".join(lines))
    return found


def _all_sets(layout: Layout) -> str:
    return "; ".join(screens_words(each.screens) for each in layout.arrangements)
