"""The committed trading calendar is the generated one, and checking it can fail."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def check(generator: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(generator), "--check"], capture_output=True, text=True, check=False)


def test_committed_table_is_up_to_date():
    result = check(ROOT / "packaging" / "generate_calendar.py")
    assert (result.returncode, result.stderr) == (0, "")


def test_check_names_what_differs(tmp_path):
    (tmp_path / "packaging").mkdir()
    (tmp_path / "resources").mkdir()
    generator = tmp_path / "packaging" / "generate_calendar.py"
    generator.write_bytes((ROOT / "packaging" / "generate_calendar.py").read_bytes())
    table = (ROOT / "resources" / "sessions.json").read_text(encoding="utf-8")
    (tmp_path / "resources" / "sessions.json").write_text(table.replace("02-17 02-18 02-19", "02-17 02-18"), "utf-8")
    result = check(generator)
    assert result.returncode == 1
    assert "02-17 02-18 02-19" in result.stderr
    assert "out of date" in result.stderr
