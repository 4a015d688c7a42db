"""What the window itself does: thresholds, periods, sources, settings, help, and its end."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from capflow_gui.domain.flow import Period
from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.board import BoardView
from capflow_gui.present.language.texts import _
from capflow_gui.present.settings.words import setting_name, setting_sentence
from capflow_gui.settings import Settings
from capflow_gui.settings.declared import leaves
from capflow_gui.ui.window.chart_head import PERIODS
from capflow_gui.ui.window.detail_tabs import DetailTabs
from capflow_gui.ui.window.dialogs import WindowDialogs
from capflow_gui.ui.window.keys import Action, ActionScope
from capflow_gui.ui.words import source_label


def threshold_actions(detail: DetailTabs, dialogs: WindowDialogs) -> list[Action]:
    """The levels of net outflow, and the way to the alerts they raise."""
    threshold = partial(Action, scope=ActionScope.ALERTS, words=_("level alert outflow"))
    of_symbol = _("Sets from which net outflow on the selected symbol raises an alert.")
    of_all = _("Sets the level that holds for every symbol without one of its own.")
    current, every = _("Threshold of the selected symbol…"), _("Threshold for all symbols…")
    return [
        threshold(detail.focus_alerts, _("Go to the alerts"), ("L",), what=_("Shows the alerts below the chart.")),
        threshold(detail.threshold_requested.emit, current, ("E",), 2, what=of_symbol),
        threshold(lambda: dialogs.open_threshold(None), every, section=2, what=of_all),
    ]


def period_actions(choose: Callable[[Period], object]) -> list[Action]:
    """What a bar of the chart is."""
    name, what = _("Chart: {period}"), _("Shows the flow of the session, or of days, weeks or months.")
    return [
        Action(
            partial(choose, period),
            name.format(period=_(words).lower()),
            (f"Alt+{place}",),
            what=what,
            scope=ActionScope.CHART,
        )
        for place, (period, words) in enumerate(PERIODS.items(), 1)
    ]


def source_actions(
    symbol: Symbol | None, board: BoardView, choose: Callable[[Symbol, str | None], object], dialogs: WindowDialogs
) -> list[Action]:
    """Where there are two sources: the selected symbol's, and how they compare."""
    links = board.links
    if symbol is None or len(links) < 2:
        return []
    chosen = board.row(symbol).chosen
    names = [(None, _("Automatic")), *((link.source, source_label(link.source)) for link in links)]
    choices = [(name, source == chosen, partial(choose, symbol, source)) for source, name in names]
    asked, compared = _("Chooses the source the symbol is asked at."), _("Shows both sources' figures side by side.")
    compare = _("Compare sources of {symbol}…").format(symbol=symbol)
    return [
        Action(
            dialogs.open_comparison,
            _("Source of {symbol}").format(symbol=symbol),
            section=2,
            choices=choices,
            what=asked,
        ),
        Action(dialogs.open_comparison, compare, section=2, what=compared),
    ]


def _passed_on(dialogs: WindowDialogs) -> list[Action]:
    """Export and import of the settings."""
    given = _("Writes settings, lists and rules to a file, without secrets.")
    taken = _("Shows first what a file would change.")
    out, back = _("backup save copy"), _("restore load")
    return [
        Action(lambda: dialogs.exchange().export(), _("Export settings…"), section=3, what=given, words=out),
        Action(lambda: dialogs.exchange().choose(), _("Import settings…"), section=3, what=taken, words=back),
    ]


def window_actions(
    dialogs: WindowDialogs,
    go_home: Callable[[], object],
    *,
    menu: Callable[[], object],
    back: Callable[[], object],
    tour: Callable[[], object],
    leave: Callable[[], object],
) -> list[Action]:
    """Connections, settings, help, and the end."""
    connects, settings = _("Chooses where the data comes from."), _("Look, alerts, recording, connections.")
    keys, opened = _("Lists every key and all that the window does."), _("Opens the menu of the window.")
    look, updates = dialogs.look_for_updates, _("Opens the page of new versions in the browser.")
    report, faults = _("Gathers what helps to find a fault, to be looked at and passed on."), _("bug error log help")
    about, closed = _("Versions, folders and licences."), _("Closes what is open, and goes back to the list.")
    meant, figures = _("What do these numbers mean?"), _("Says what each figure is, its unit, time and source.")
    shown = _("Points at the parts of the window, one after the other.")
    news = Action(look, _("Look for updates…"), section=4, what=updates, words=_("version upgrade"))
    kept = _("Lists, makes, opens, renames and deletes profiles.")
    profiles = Action(dialogs.open_profiles, _("Profiles…"), section=3, what=kept, words=_("desk user workspace"))
    return [
        *(
            Action(run, name, section=3, what=connects, words=_("opend longport"))
            for name, run in _connections(dialogs, go_home)
        ),
        Action(dialogs.open_settings, _("Settings…"), ("Ctrl+,",), 3, what=settings, words=_("options preferences")),
        *(_passed_on(dialogs) if dialogs.services.save is not None else []),
        *([profiles] if dialogs.services.profiles is not None else []),
        Action(dialogs.open_keys, _("Keys"), ("?", "F1"), 3, what=keys, words=_("help shortcuts keyboard actions")),
        Action(
            dialogs.open_figures, meant, ("⇧F1",), 3, what=figures, words=_("help definition glossary figures units")
        ),
        Action(tour, _("Tour of the window"), section=3, what=shown, words=_("help introduction first steps")),
        *([news] if dialogs.services.releases else []),
        Action(dialogs.open_report, _("Save problem report…"), section=4, what=report, words=faults),
        Action(dialogs.open_about, _("About Capflow"), section=4, what=about, words=_("version licence")),
        Action(menu, _("Menu"), ("F10",), what=opened),
        Action(back, _("Back"), ("Esc",), what=closed),
        Action(leave, _("Quit"), ("Ctrl+Q",), section=5, what=_("Ends Capflow."), words=_("exit close")),
    ]


def setting_actions(dialogs: WindowDialogs) -> list[Action]:
    """The way to each setting by its name."""
    shown = {key: item for key, item in leaves(Settings).items() if item.setting.name and _is_offered(key, dialogs)}
    return [
        Action(
            partial(dialogs.open_settings, key),
            _("Setting: {name}").format(name=setting_name(item)),
            what=setting_sentence(item) or _("Shows the setting."),
            words=_(item.setting.also) if item.setting.also else "",
        )
        for key, item in shown.items()
    ]


def _is_offered(key: str, dialogs: WindowDialogs) -> bool:
    return bool(dialogs.services.releases) or not key.startswith("updates.")


def _connections(dialogs: WindowDialogs, go_home: Callable[[], object]) -> tuple[tuple[str, Callable[[], object]], ...]:
    """The ways to other data: from a demo to one's own list, and to an OpenD."""
    services, connect = dialogs.services, dialogs.open_connection
    if not services.simulated:
        return ((_("Connections…"), connect),)
    home = () if services.home is None else ((_("Back to my list"), go_home),)
    return (*home, (_("Connect OpenD…"), connect))
