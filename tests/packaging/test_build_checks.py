"""What fails a build: a bundle that grew, one that starts too slowly, an audit that could not look."""

from __future__ import annotations

import importlib
import json
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def packaging() -> Iterator[None]:
    sys.path.insert(0, str(ROOT / "packaging"))
    yield
    sys.path.remove(str(ROOT / "packaging"))


def test_a_bundle_above_its_budget_fails_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    build = importlib.import_module("build_bundle")
    budget = tmp_path / "budget.txt"
    budget.write_text(f"# bytes\n{sys.platform} 1000\n", encoding="utf-8")
    monkeypatch.setattr(build, "BUDGET", budget)
    folder = tmp_path / "capflow"
    (folder / "_internal").mkdir(parents=True)
    (folder / "_internal" / "half").write_bytes(b"x" * 500)
    (folder / "half").write_bytes(b"x" * 500)
    assert build.too_large(folder) == []
    assert capsys.readouterr().out == "capflow: 1,000 bytes of 1,000 allowed\n"
    (folder / "straw").write_bytes(b"x")
    assert build.too_large(folder) == ["the bundle has 1,001 bytes, 1 more than packaging/size-budget.txt allows"]


def test_nothing_of_the_hour_gets_into_a_build(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What PyInstaller stamps with a time takes the changelog's; what it orders by hash takes one order."""
    build, bundle = importlib.import_module("build_bundle"), importlib.import_module("bundle")
    (tmp_path / "CHANGELOG.md").write_text("## [1.2.3] - 2026-01-31\n", encoding="utf-8")
    monkeypatch.setattr(bundle, "ROOT", tmp_path)
    monkeypatch.setattr(bundle, "version", lambda: "1.2.3")
    assert bundle.released() == ("2026-01-31", 1769817600)

    class Reached(Exception):
        """PyInstaller would be run now."""

    def run(*arguments: str, **environ: str) -> None:
        if "PyInstaller" in arguments:
            assert environ == {"PYTHONHASHSEED": "1", "SOURCE_DATE_EPOCH": "1769817600"}
            raise Reached

    monkeypatch.setattr(build, "run", run)
    with pytest.raises(Reached):
        build.build()


def test_every_platform_has_a_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    build = importlib.import_module("build_bundle")
    for platform in ("linux", "win32", "darwin"):
        monkeypatch.setattr(build.sys, "platform", platform)
        assert build.budget() > 100_000_000


def test_a_bundle_that_starts_too_slowly_fails_the_build() -> None:
    start = importlib.import_module("start_budget")
    assert start.problems(1.3) == []
    assert start.problems(1.31) == ["the bundle takes 1.31 times as long to start as the source, more than 1.3"]


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_processor_time_is_what_a_start_costs(tmp_path: Path) -> None:
    start = importlib.import_module("start_budget")
    idle, busy = tmp_path / "idle", tmp_path / "busy"
    idle.write_text("#!/bin/sh\nexec sleep 0.2\n", encoding="utf-8")
    busy.write_text("#!/bin/sh\ni=0; while [ $i -lt 300000 ]; do i=$((i+1)); done\n", encoding="utf-8")
    for script in (idle, busy):
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
    assert start.seconds([str(busy)], tmp_path / "a") > 2 * start.seconds([str(idle)], tmp_path / "b")


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_a_start_that_fails_says_what_the_crash_log_holds(tmp_path: Path) -> None:
    start = importlib.import_module("start_budget")
    falling = tmp_path / "falling"
    falling.write_text('#!/bin/sh\nmkdir data; echo "in thread 7" >data/crash.log; kill -SEGV $$\n', encoding="utf-8")
    falling.chmod(0o755)
    with pytest.raises(start.StartFailed, match="ended with -11: in thread 7"):
        start.seconds([str(falling)], tmp_path / "place")


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_an_audit_that_strictness_ended_says_what_was_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """pip-audit --strict prints nothing where it skips one package, and ends well without --strict."""
    audit = importlib.import_module("audit")
    answer = {
        "dependencies": [
            {"name": "numpy", "version": "1", "vulns": []},
            {"name": "qasync", "skip_reason": "not found"},
        ]
    }
    fake = tmp_path / "python"
    fake.write_text(
        '#!/bin/sh\ncase "$*" in *--strict*) echo "ERROR: qasync" >&2; exit 1;; esac\n'
        f"cat <<'END'\n{json.dumps(answer)}\nEND\necho 'No known vulnerabilities found' >&2\n",
        encoding="utf-8",
    )
    fake.chmod(0o755)
    monkeypatch.setattr(audit.sys, "executable", str(fake))
    monkeypatch.setattr(audit.sys, "argv", ["audit.py"])
    assert audit.main() == audit.NOT_AUDITED
    out = capsys.readouterr().out
    assert out == "NOT AUDITED: 1 of 2 packages were skipped\nqasync: not found\n"
