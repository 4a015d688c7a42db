from __future__ import annotations

from pathlib import Path

import pytest

from capflow_gui.domain.session import Calendar

RESOURCES = Path(__file__).parents[3] / "resources"


@pytest.fixture(scope="session")
def calendar() -> Calendar:
    return Calendar.from_json((RESOURCES / "sessions.json").read_bytes())


@pytest.fixture(scope="session")
def seed_table() -> bytes:
    return (RESOURCES / "seed_day.json").read_bytes()
