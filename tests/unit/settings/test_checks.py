from __future__ import annotations

import pytest

from capflow_gui.errors import InvalidInput
from capflow_gui.settings import Settings
from capflow_gui.settings.checks import as_text
from capflow_gui.settings.declared import leaves

CHECKS = {key: item.setting.check for key, item in leaves(Settings).items() if item.setting.check is not None}
LISTS = {key: item.setting.entry for key, item in leaves(Settings).items() if item.setting.entry is not None}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("opend.host", ""),
        ("opend.host", "a b"),
        ("opend.host", "http://x"),
        ("thresholds.default", "200M"),
        ("thresholds.default", "0"),
        ("thresholds.default", "soon"),
        ("updates.page", "http://example.com"),
        ("updates.looked", "20261120"[:6]),
        ("updates.reminded", "yesterday"),
        ("window.selected", "no symbol"),
    ],
)
def test_what_a_setting_cannot_be(name: str, text: str) -> None:
    with pytest.raises(InvalidInput):
        CHECKS[name](text)


@pytest.mark.parametrize(
    ("name", "text", "kept"),
    [
        ("opend.host", "::1", "::1"),
        ("thresholds.default", "-1.5亿", "-1.5亿"),
        ("updates.page", "https://example.com/x", "https://example.com/x"),
        ("updates.looked", "2026-11-20", "2026-11-20"),
        ("window.selected", "HK.00700", "700.HK"),
    ],
)
def test_what_is_kept(name: str, text: str, kept: str) -> None:
    assert CHECKS[name](text) == kept


def test_entries_are_kept_under_the_canonical_symbol() -> None:
    assert LISTS["watchlist.symbols"]("HK.00700", "") == ("700.HK", "")
    assert LISTS["watchlist.sources"]("00700.HK", "longport") == ("700.HK", "longport")
    assert LISTS["thresholds.symbols"]("700.HK", "none") == ("700.HK", "none")
    assert LISTS["thresholds.symbols"]("700.HK", "-5M") == ("700.HK", "-5M")


@pytest.mark.parametrize(("name", "value"), [("watchlist.sources", "reuters"), ("thresholds.symbols", "5M")])
def test_a_value_of_an_entry_is_checked_too(name: str, value: str) -> None:
    with pytest.raises(InvalidInput):
        LISTS[name]("700.HK", value)


def test_only_a_text_is_a_text() -> None:
    assert as_text("x") == "x"
    with pytest.raises(InvalidInput) as caught:
        as_text(5)
    assert caught.value.text == "5"
