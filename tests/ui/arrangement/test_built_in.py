"""The layouts that the program makes."""

from __future__ import annotations

import json

import pytest

from capflow_gui.domain.arrangement.layouts import BUILT_IN, CHART_WALL, LIST_ONLY, STANDARD
from capflow_gui.settings import WindowSettings
from capflow_gui.ui.arrangement.built_in import built_in_desk
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.window.state import layout_of, with_layout


@pytest.mark.parametrize("name", BUILT_IN)
def test_each_is_plain_values_that_leave_the_windows_place_alone(theme: Theme, name: str) -> None:
    desk = built_in_desk(name)
    assert json.loads(json.dumps(desk)) == desk
    there = WindowSettings(geometry="5 6 700 600 normal A", selected="700.HK", dense=True, sort="net:desc", torn=[{}])
    now = layout_of(with_layout(there, desk))
    assert {key: now[key] for key in desk} == desk
    assert (now["geometry"], now["torn"], now["dense"]) == (there.geometry, [], False)


def test_they_differ(theme: Theme) -> None:
    assert built_in_desk(CHART_WALL)["grid"] == {"view": 9}
    assert built_in_desk(LIST_ONLY)["splitter"] != built_in_desk(STANDARD)["splitter"] == ""
