"""Which languages there are, which of them the system asks for, and their catalogues.

A catalogue is `resources/i18n/LANGUAGE/LC_MESSAGES/capflow.mo`; packaging/texts.py makes it. English needs none.
"""

from __future__ import annotations

import gettext
from collections.abc import Iterable

from capflow_gui.paths import resource
from capflow_gui.present.language.chinese import ChineseCatalogue
from capflow_gui.present.language.texts import use
from capflow_gui.present.numbers import Style, use_units

SYSTEM = "system"
ENGLISH = "en"
# By code, each in its own words.
LANGUAGES = {ENGLISH: "English", "zh_CN": "简体中文", "zh_HK": "繁體中文（香港）"}
_UNITS: dict[str, Style] = {ENGLISH: "KMB", "zh_CN": "万亿", "zh_HK": "萬億"}
_TRADITIONAL = frozenset({"hant", "hk", "mo", "tw"})


def language_of(wanted: Iterable[str]) -> str:
    """The first of the system's languages, most wanted first (`zh-Hant-HK`, `en_US.UTF-8`), that Capflow speaks.

    gettext would find no catalogue for most of these names: the script decides, then the country.
    """
    for name in wanted:
        first, *others = name.partition(".")[0].replace("_", "-").lower().split("-")
        if first in ("zh", "yue"):
            if "hans" in others:
                return "zh_CN"
            return "zh_HK" if first == "yue" or _TRADITIONAL & set(others) else "zh_CN"
        if first == ENGLISH:
            return ENGLISH
    return ENGLISH


def speak(language: str, units: Style | None = None) -> None:
    """Write every text in a language from now on, and large figures in its units or (`units`) in others.

    Raises FileNotFoundError where the installation lacks the catalogue.
    """
    use(_catalogue(language), language)
    use_units(units or _UNITS[language])


def _catalogue(language: str) -> gettext.NullTranslations:
    if language == ENGLISH:
        return gettext.NullTranslations()
    with resource(f"i18n/{language}/LC_MESSAGES/capflow.mo").open("rb") as file:
        return ChineseCatalogue(file)
