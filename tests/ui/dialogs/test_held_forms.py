from __future__ import annotations

import pytest

from capflow_gui.settings import Settings
from capflow_gui.ui.dialogs.held_forms import may_connect


@pytest.mark.parametrize(
    ("settings", "locks", "opend", "longport"),
    [
        (Settings(), (), True, True),
        (Settings(source="opend"), (), True, True),
        (Settings(), ("source",), True, True),  # it can be put beside
        (Settings(), ("source", "second_source"), False, False),
        (Settings(source="opend"), ("second_source",), True, False),
        (Settings(), ("second_source",), True, True),
        (Settings(source="opend", second_source="longport"), ("source", "second_source"), True, True),
    ],
)
def test_a_broker_with_no_place_is_not_to_be_connected(
    settings: Settings, locks: tuple[str, ...], opend: bool, longport: bool
) -> None:
    assert (may_connect("opend", settings, locks), may_connect("longport", settings, locks)) == (opend, longport)
