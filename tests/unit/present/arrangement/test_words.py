"""What is said of layouts and screens."""

from __future__ import annotations

from datetime import UTC, datetime

from capflow_gui.domain.arrangement.layouts import BUILT_IN, Arrangement, Layout, Layouts
from capflow_gui.domain.arrangement.screens import Rect, Screen
from capflow_gui.present.arrangement.words import (
    built_in_lines,
    import_lines,
    in_use_words,
    layout_lines,
    layout_title,
    screens_words,
)
from capflow_gui.present.language.catalogues import speak

WHOLE = Rect(0, 0, 1920, 1080)
LAPTOP, BIG = Screen("eDP-1", WHOLE, WHOLE, 1.5), Screen("DP-1", Rect(1920, 0, 2560, 1440), WHOLE)
SAVED = datetime(2026, 11, 30, 9, 30, tzinfo=UTC)
LAYOUT = Layout("盘中", (Arrangement((LAPTOP,), SAVED, {}), Arrangement((LAPTOP, BIG), SAVED, {})))


def test_screens_are_counted_and_measured() -> None:
    assert screens_words((LAPTOP,)) == "1 screen: 1920×1080 150%"
    assert screens_words((LAPTOP, BIG)) == "2 screens: 1920×1080 150%, 2560×1440"


def test_the_status_bar_names_the_layout_and_says_where_the_desk_differs() -> None:
    assert in_use_words("", differs=True) == ""
    assert in_use_words("盘中", differs=False) == "layout: 盘中"
    assert in_use_words("List only", differs=True) == "layout: List only, changed"


def test_built_in_layouts_are_called_in_the_readers_language_and_the_users_own_as_they_are() -> None:
    speak("zh_CN")
    try:
        assert [layout_title(name) for name in (*BUILT_IN, "Mine")] == ["标准", "图表墙", "仅列表", "Mine"]
    finally:
        speak("en")


def test_a_layout_in_the_list_says_its_screens_when_it_was_saved_and_what_it_is_used_for() -> None:
    layouts = Layouts((LAYOUT,), start="盘中", used="盘中")
    assert layout_lines(LAYOUT, layouts, SAVED) == [
        "盘中",
        "1 screen: 1920×1080 150%",
        "2 screens: 1920×1080 150%, 2560×1440",
        "saved 2026-11-30 09:30 · in use · used at start",
    ]
    assert layout_lines(LAYOUT, Layouts((LAYOUT,)), SAVED)[3] == "saved 2026-11-30 09:30"
    assert built_in_lines("Standard", Layouts(used="Standard")) == ["Standard", "built in · in use"]
    assert built_in_lines("Standard", Layouts(start="Standard"))[1] == "built in · used at start"


def test_an_import_says_of_each_layout_whether_it_replaces_one() -> None:
    new = Layout("盘中", (Arrangement((BIG,), SAVED, {}),))
    assert import_lines(Layouts((LAYOUT,)), [new, Layout("New", LAYOUT.arrangements)]) == [
        "\n".join(
            (
                "盘中: replaces yours",
                "from the file, for 1 screen: 2560×1440",
                "yours, for 1 screen: 1920×1080 150%; 2 screens: 1920×1080 150%, 2560×1440",
            )
        ),
        "New: new\nfrom the file, for 1 screen: 1920×1080 150%; 2 screens: 1920×1080 150%, 2560×1440",
    ]
