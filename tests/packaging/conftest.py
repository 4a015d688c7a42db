"""What `make test-package` runs: the bundle's tests, and those that build, install and start whole programs."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.packaging.frozen_bundle import Frozen

collect_ignore = [] if "CAPFLOW_BUNDLE" in os.environ else ["test_frozen.py", "test_frozen_upgrade.py"]
WHEN_NAMED = ("test_network.py", "test_set_up.py", "test_wheel.py")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out what takes long, unless the command line names its file."""
    name = collection_path.name
    return True if name in WHEN_NAMED and not any(name in argument for argument in config.args) else None


@pytest.fixture(scope="session")
def frozen() -> Iterator[Frozen]:
    # pytest's own folders are closed to other users.
    place = Path(tempfile.mkdtemp(prefix="capflow-frozen-"))
    place.chmod(0o755)
    try:
        yield Frozen(place)
    finally:
        shutil.rmtree(place)
