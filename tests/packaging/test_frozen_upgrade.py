"""The bundle over what another version left: an older one's is taken over, a newer one's is refused and left alone.

What older versions wrote is recorded in `older/`; a version that changes a file adds its record there.
"""

from __future__ import annotations

import json
import sqlite3
import tomllib
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from capflow_gui.settings import types as settings
from capflow_gui.storage.migration import SCHEMA
from tests.packaging.frozen_bundle import SIMULATED, Frozen

OLDER = Path(__file__).with_name("older")
RULE = "700.HK: net >= 20M"


def write_database(data: Path, record: str) -> Path:
    """The file an older version left in the demo profile (a simulator's alerts are kept there)."""
    file = data / "demo" / "capflow.db"
    file.parent.mkdir(parents=True)
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript((OLDER / record).read_text(encoding="utf-8"))
    return file


def rows(file: Path, question: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(question).fetchall()


def watch(frozen: Frozen, opend: str, data: Path, said: str = "") -> list[dict[str, Any]]:
    """The alert events of a short watch."""
    arguments = ("watch", "700.HK", "--source", f"opend://{opend}", "--rule", RULE, "--for", "2", "--format", "jsonl")
    folders = ("--config-dir", str(data / "config"), "--data-dir", str(data))
    status, out, err = frozen.ended(*arguments, *folders)
    assert status == 0, err
    assert SIMULATED in err
    assert said in err
    events = [json.loads(line) for line in out.splitlines()]
    assert any(event["type"] == "flow" for event in events)
    return [event for event in events if event["type"] == "alert"]


@pytest.mark.parametrize("version", range(1, SCHEMA.version + 1))
def test_alerts_of_an_older_version_are_taken_over(frozen: Frozen, tmp_path: Path, version: int) -> None:
    """Every version that changed the tables has its record: one that is missing fails here."""
    file = write_database(tmp_path / "older", f"capflow-{version}.sql")
    told = "SELECT rule, line_time, value, threshold, escalations FROM alert_record ORDER BY raised_at"
    before = rows(file, told)
    assert len(before) == 2
    with frozen.simulator() as ready:
        (raised,) = watch(frozen, ready["opend"], tmp_path / "fresh")
        assert (raised["state"], raised["value"]) == ("raised", 57157940.0)
        # The same rule, raised by the older version: it stands, and is not said again.
        assert watch(frozen, ready["opend"], file.parents[1]) == []
    assert rows(file, "PRAGMA user_version") == [(SCHEMA.version,)]
    assert rows(file, told) == before
    assert rows(file, "SELECT state FROM alert_record WHERE symbol = '700.HK'") == [("active",)]
    copies = [] if version == SCHEMA.version else [f"capflow.db.version-{version}-1"]
    assert sorted(path.name for path in file.parent.glob("capflow.db*")) == ["capflow.db", *copies]
    for copy in copies:
        assert rows(file.with_name(copy), told) == before


def test_alerts_of_a_newer_version_are_refused_and_left_alone(frozen: Frozen, tmp_path: Path) -> None:
    file = write_database(tmp_path, f"capflow-{SCHEMA.version}.sql")
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("ALTER TABLE alert_record ADD COLUMN of_tomorrow TEXT")
        connection.execute(f"PRAGMA user_version = {SCHEMA.version + 1}")
    before = file.read_bytes()
    with frozen.simulator() as ready:
        said = f"{file} was written by a newer Capflow: update Capflow, or choose another --data-dir"
        # Alerts go on, from memory: figures do not wait for a file.
        (raised,) = watch(frozen, ready["opend"], tmp_path, said)
    assert raised["state"] == "raised"
    assert file.read_bytes() == before


@pytest.mark.parametrize("version", range(1, settings.VERSION + 1))
def test_settings_of_an_older_version_are_taken_over(frozen: Frozen, tmp_path: Path, version: int) -> None:
    with frozen.simulator() as ready:
        host, _, port = ready["opend"].partition(":")
        file = tmp_path / "settings.toml"
        text = (OLDER / f"settings-{version}.toml").read_text(encoding="utf-8")
        file.write_text(text.replace("127.0.0.1", host).replace("11111", port), encoding="utf-8")
        before = tomllib.loads(file.read_text(encoding="utf-8"))
        folders = ("--config-dir", str(tmp_path), "--data-dir", str(tmp_path / "data"))
        said = f"Setting kept is not known; it is kept and has no effect.\n{SIMULATED}"
        (answer,) = json.loads(frozen.run("fetch", "700.HK", "--format", "json", *folders, said=said))
        frozen.run("--screenshot", str(tmp_path / "window.png"), "--after", "3", *folders)
    assert answer["session"] == "2022-06-08"
    assert tomllib.loads(file.read_text(encoding="utf-8")) == before
    assert [path.name for path in tmp_path.glob("settings.toml*")] == ["settings.toml"]


def test_settings_of_a_newer_version_are_used_as_far_as_they_go(frozen: Frozen, tmp_path: Path) -> None:
    newer = settings.VERSION + 1
    file = tmp_path / "settings.toml"
    with frozen.simulator() as ready:
        host, _, port = ready["opend"].partition(":")
        text = f'version = {newer}\nsource = "opend"\n[opend]\nhost = "{host}"\nport = {port}\n'
        file.write_text(text, encoding="utf-8")
        folders = ("--config-dir", str(tmp_path), "--data-dir", str(tmp_path / "data"))
        kept = f"settings.toml.version-{newer}-1"
        newer_said = "The settings file settings.toml was written by a newer Capflow."
        said = f"{newer_said}\nThe file as it was is kept as {kept}.\n{SIMULATED}"
        (answer,) = json.loads(frozen.run("fetch", "700.HK", "--format", "json", *folders, said=said))
    assert answer["session"] == "2022-06-08"
    assert file.read_text(encoding="utf-8") == (tmp_path / kept).read_text(encoding="utf-8") == text
