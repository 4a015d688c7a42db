"""The language of the window, that of the settings or the system: of Capflow's texts, figures and Qt's own words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from capflow_gui.present.language.catalogues import SYSTEM, language_of, speak
from capflow_gui.present.language.texts import language
from capflow_gui.present.numbers import units
from capflow_gui.settings import Appearance

# Qt speaks the Chinese of Hong Kong by no name of its own.
_QT = {"zh_CN": "qtbase_zh_CN", "zh_HK": "qtbase_zh_TW"}


def use_language(app: QCoreApplication, look: Appearance, asked: str | None = None) -> bool:
    """Speak the language of the settings, or (`asked`) of the command line; whether that is another one than before."""
    before = language(), units()
    wanted = asked or look.language
    speak(
        language_of(QLocale.system().uiLanguages()) if wanted == SYSTEM else wanted,
        None if look.units == "language" else look.units,
    )
    if before[0] != language() or app.property("qtSpeaks") != language():
        _speak_qt(app)
    return before != (language(), units())


def suggested_palette() -> str:
    """What inflow is coloured where the language is spoken, which a new user is offered; empty where both are usual."""
    return "red_up" if language() == "zh_CN" else ""


def _speak_qt(app: QCoreApplication) -> None:
    app.setProperty("qtSpeaks", language())
    for old in app.findChildren(QTranslator):
        app.removeTranslator(old)
        old.deleteLater()
    if language() in _QT:
        words = QTranslator(app)
        if words.load(_QT[language()], QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
            app.installTranslator(words)
