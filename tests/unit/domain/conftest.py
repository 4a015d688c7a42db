"""The trading calendar the program ships."""

from pathlib import Path

import pytest

from capflow_gui.domain.session import Calendar


@pytest.fixture(scope="session")
def calendar() -> Calendar:
    return Calendar.from_json((Path(__file__).parents[3] / "resources" / "sessions.json").read_bytes())
