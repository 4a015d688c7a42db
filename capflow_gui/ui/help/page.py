"""*What do these numbers mean?*: every figure with its definition, and how true figures look."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from PySide6.QtGui import QColor, QShowEvent
from PySide6.QtWidgets import QLineEdit, QTextBrowser, QWidget

from capflow_gui.present.help.glossary import Figure, State, figures, states
from capflow_gui.present.language.texts import _, one_after_other
from capflow_gui.ui.dialogs.sheets import Sheet
from capflow_gui.ui.layouts import NO_MARGINS, stacked
from capflow_gui.ui.theme import Role, Theme
from capflow_gui.ui.toolbar.ranking import Asked

_SAMPLE = "▼ −263.2M"


class FiguresView(QWidget):
    """Typing shows the figures whose definition has the words."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(_("Search figures and states"))
        self.search.setAccessibleName(_("Search figures and states"))
        self.search.setClearButtonEnabled(True)
        self.text = QTextBrowser(self)
        self.text.setAccessibleName(_("Definitions"))
        self.text.setOpenLinks(False)
        stacked(self.search, (self.text, 1), of=self, margins=NO_MARGINS, spacing=12)
        self.search.textChanged.connect(self._show)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self._theme = theme
        self.text.clear()  # else the old text is laid out for each of what follows
        self.text.document().setDefaultFont(theme.font(Role.CELL))
        self.text.document().setDocumentMargin(theme.px(10))
        self._show(self.search.text())

    def refresh(self) -> None:
        """A second passed: nothing here is of now."""

    def state(self) -> dict[str, Any]:
        """What is searched for."""
        return {"text": self.search.text()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Search for it again; what cannot be understood stays as it is."""
        if isinstance(state.get("text"), str):
            self.search.setText(state["text"])

    def _show(self, typed: str) -> None:
        asked = Asked(typed)
        found = [each for each in figures() if asked.fits(each.name, words=f"{each.what} {_facts(each)}")]
        shown = [each for each in states() if asked.fits(each.name, words=f"{each.what} {_('state')}")]
        parts = [_figure_html(each, self._theme) for each in found]
        if shown:
            parts.append(f"<h3>{escape(_('How true is a figure?'))}</h3>{_states_html(shown, self._theme)}")
        self.text.setHtml("".join(parts) or escape(_("Nothing is called like that.")))


class FiguresPage(Sheet):
    """Shows them in a dialog. `key` is the figure that is shown first."""

    def __init__(self, theme: Theme, parent: QWidget | None = None, key: str = "") -> None:
        super().__init__(_("What do these numbers mean?"), theme, parent, (760, 640))
        view = FiguresView(theme, self)
        self.search, self.text, self._key = view.search, view.text, key
        self.fill(stacked((view, 1)))
        self.search.setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        """Go to the figure, now that the text has its size."""
        super().showEvent(event)
        self.text.scrollToAnchor(self._key)


def _facts(figure: Figure) -> str:
    return one_after_other(text for _name, text in figure.facts())


def _figure_html(figure: Figure, theme: Theme) -> str:
    quiet = theme.dim.name()
    rows = "".join(
        f'<tr><td style="padding-right:14px; color:{quiet}">{escape(name)}</td><td>{escape(text)}</td></tr>'
        for name, text in figure.facts()
    )
    return (
        f'<h3><a name="{figure.key}"></a>{escape(figure.name)}</h3><p>{escape(figure.what)}</p>'
        f'<table cellspacing="3">{rows}</table>'
    )


def _states_html(shown: list[State], theme: Theme) -> str:
    """Each state with a figure and an age as they look in it."""

    def colored(text: str, color: QColor) -> str:
        return f'<span style="color:{color.name()}">{escape(text)}</span>'

    looks = {
        "true": colored(_SAMPLE, theme.down),
        "grey": colored(_SAMPLE, theme.none),
        "none": colored("–", theme.none),
    }
    rows = []
    for state in shown:
        age = colored(state.age, theme.alert_text if state.trouble else theme.dim)
        cells = (f"<b>{escape(state.name)}</b>", looks[state.look], age, escape(state.what))
        rows.append("<tr>" + "".join(f'<td style="padding-right:16px">{cell}</td>' for cell in cells) + "</tr>")
    return f'<table cellspacing="4">{"".join(rows)}</table>'
