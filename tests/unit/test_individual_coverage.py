"""The gate that demands that each module of the pure packages is covered by its own tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TESTS, MODULE = "tests/unit/alerts/test_place.py", "capflow_gui/alerts/place.py"
GAP = f"{MODULE}: {TESTS} does not reach "


def gate(*arguments: str) -> tuple[int, list[str]]:
    """Run some tests under the gate; the exit status, and what it says of modules."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tests.individual_coverage"]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_XDIST")}
    run = subprocess.run(
        [*command, *arguments], cwd=ROOT, env=environ, capture_output=True, text=True, check=False, timeout=120
    )
    return run.returncode, [line for line in run.stdout.splitlines() if line.startswith("capflow_gui/")]


FORKS = ("-p", "tests.side_by_side", "--forks", "1")


@pytest.mark.parametrize("spread", [(), ("-n", "1", "--dist", "loadfile")], ids=["alone", "under xdist"])
def test_modules_whose_own_tests_ran_are_judged_and_no_others(spread: tuple[str, ...]) -> None:
    status, said = gate(*spread, TESTS, "-k", "taken_once")
    assert (status, len(said)) == (1, 1)
    assert said[0].startswith(GAP)


@pytest.mark.skipif(sys.platform != "linux", reason="forks are for Linux alone")
def test_a_whole_run_in_forks_names_the_modules_whose_tests_did_not_run() -> None:
    status, said = gate(*FORKS, "-o", f"testpaths={TESTS}")
    assert status == 1
    assert not any(MODULE in line for line in said)
    assert any("capflow_gui/quota/limiter.py" in line for line in said)
