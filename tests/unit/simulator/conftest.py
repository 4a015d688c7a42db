from __future__ import annotations

from pathlib import Path

import pytest

RESOURCES = Path(__file__).parents[3] / "resources"


@pytest.fixture(scope="session")
def seed_table() -> bytes:
    return (RESOURCES / "seed_day.json").read_bytes()
