"""The language of the settings, of the system, and Qt's own words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from capflow_gui.app.language.using import suggested_palette, use_language
from capflow_gui.present.language.texts import _, language
from capflow_gui.present.numbers import units
from capflow_gui.settings import Appearance
from capflow_gui.ui.theme import cjk_families


@pytest.fixture
def _english_again(qapp: QApplication) -> Iterator[None]:
    yield
    use_language(qapp, Appearance(language="en"))


@pytest.mark.usefixtures("_english_again")
def test_qt_speaks_the_language_too_and_english_again(qapp: QApplication) -> None:
    def cancel() -> str:
        return QCoreApplication.translate("QPlatformTheme", "Cancel")

    assert use_language(qapp, Appearance(language="zh_HK"))
    assert (language(), units(), _("Settings"), cancel()) == ("zh_HK", "萬億", "設定", "取消")
    assert not use_language(qapp, Appearance(language="zh_HK"))
    assert use_language(qapp, Appearance(language="zh_HK", units="KMB"))
    assert use_language(qapp, Appearance(language="zh_HK"), "zh_CN")
    assert (language(), _("Settings")) == ("zh_CN", "设置")
    assert use_language(qapp, Appearance(language="en"))
    assert (language(), units(), cancel()) == ("en", "KMB", "Cancel")


def test_who_reads_traditional_characters_gets_no_mainland_forms() -> None:
    assert cjk_families("zh_HK")[0] == "Noto Sans CJK HK"
    assert cjk_families("zh_CN")[0] == cjk_families("en")[0] == "Noto Sans CJK SC"


@pytest.mark.usefixtures("_english_again")
@pytest.mark.parametrize(("spoken", "palette"), [("zh_CN", "red_up"), ("zh_HK", ""), ("en", "")])
def test_red_for_inflow_is_offered_where_it_is_usual(qapp: QApplication, spoken: str, palette: str) -> None:
    use_language(qapp, Appearance(language=spoken))  # type: ignore[arg-type]
    assert suggested_palette() == palette
