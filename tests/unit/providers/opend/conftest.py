"""The clock of a provider under test."""

from __future__ import annotations

import pytest

from tests.integration.rude_opend import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()
