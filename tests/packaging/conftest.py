"""The bundle's tests need a bundle: `make test-package` builds one and names it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.packaging.frozen_bundle import Frozen

collect_ignore = [] if "CAPFLOW_BUNDLE" in os.environ else ["test_frozen.py", "test_frozen_upgrade.py"]


@pytest.fixture(scope="session")
def frozen() -> Iterator[Frozen]:
    # pytest's own folders are closed to other users.
    place = Path(tempfile.mkdtemp(prefix="capflow-frozen-"))
    place.chmod(0o755)
    try:
        yield Frozen(place)
    finally:
        shutil.rmtree(place)
