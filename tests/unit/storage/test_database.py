from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from threading import Barrier

import pytest

from capflow_gui.errors import StorageError
from capflow_gui.present.reasons import reason_words
from capflow_gui.reason import Code
from capflow_gui.storage.database import Database, Schema, kind_of, log_size, run_script
from capflow_gui.storage.migration import SCHEMA
from tests.full_disk import as_nobody
from tests.unit.storage.older import write_version


def test_a_new_file_is_ready_and_shared(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "capflow.db"
    one = Database.open(path, SCHEMA, simulated=False)
    two = Database.open(path, SCHEMA, simulated=False)
    with one.transaction() as connection:
        connection.execute("UPDATE counter SET revision = 7")
    with two.transaction() as connection:
        assert connection.execute("SELECT revision FROM counter").fetchone() == (7,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    one.close()
    two.close()
    assert one.notices == []


def test_many_that_meet_the_same_new_file_at_once_all_open_it(tmp_path: Path) -> None:
    """SQLite refuses one of two that change the journal mode together, without waiting: some of these runs meet it."""
    with ThreadPoolExecutor(4) as pool:
        for number in range(60):
            path, together = tmp_path / f"{number}.db", Barrier(4)

            def open_it(path: Path = path, together: Barrier = together) -> None:
                together.wait(10)
                Database.open(path, SCHEMA, simulated=False).close()

            for opened in [pool.submit(open_it) for _ in range(4)]:
                opened.result(30)


def test_what_fails_inside_a_transaction_is_not_written(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "a.db", SCHEMA, simulated=False)

    def fail_half_way() -> None:
        with database.transaction() as connection:
            connection.execute("UPDATE counter SET revision = 7")
            connection.execute("SELECT nonsense")

    with pytest.raises(StorageError, match=r"a\.db"):
        fail_half_way()
    with database.transaction() as connection:
        assert connection.execute("SELECT revision FROM counter").fetchone() == (0,)
    database.close()


@pytest.mark.parametrize("rubbish", [b"this is no database at all" * 50, b"SQLite format 3\x00" + b"\xff" * 4000])
def test_a_damaged_file_is_set_aside_and_a_new_one_begun(tmp_path: Path, rubbish: bytes) -> None:
    path = tmp_path / "capflow.db"
    path.write_bytes(rubbish)
    (tmp_path / "capflow.db.damaged-1").write_bytes(b"an earlier one")
    database = Database.open(path, SCHEMA, simulated=False)
    database.close()
    assert (tmp_path / "capflow.db.damaged-2").read_bytes() == rubbish
    assert "capflow.db.damaged-2" in reason_words(database.notices[0])


def test_a_file_with_the_tables_of_another_program_is_set_aside(tmp_path: Path) -> None:
    """A log of another file beside ours makes it one, too."""
    path = tmp_path / "capflow.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE notes (text)")
    with closing(Database.open(path, SCHEMA, simulated=False)) as database:
        (notice,) = database.notices
        assert notice.code is Code.FILE_DAMAGED
    with closing(sqlite3.connect(tmp_path / "capflow.db.damaged-1")) as kept:
        assert kept.execute("SELECT name FROM sqlite_master").fetchall() == [("notes",)]


def test_a_file_damaged_inside_is_found_at_opening(tmp_path: Path) -> None:
    path = tmp_path / "capflow.db"
    database = Database.open(path, SCHEMA, simulated=False)
    with database.transaction() as connection:
        connection.executemany(
            "INSERT INTO alert_state VALUES (?, '', 'opend', '700.HK', '2022-06-08', 0, ?)",
            [(f"rule:{number}", "x" * 300) for number in range(200)],
        )
    with database.transaction() as connection:
        connection.execute("SELECT 1")
    database.close()
    whole = bytearray(path.read_bytes())
    whole[4096 * 3 : 4096 * 6] = b"\x5a" * (4096 * 3)
    path.write_bytes(whole)
    again = Database.open(path, SCHEMA, simulated=False)
    assert again.notices
    with again.transaction() as connection:
        assert connection.execute("SELECT count(*) FROM alert_state").fetchone() == (0,)
    again.close()


@pytest.mark.parametrize("first", [False, True])
def test_a_profile_keeps_its_kind(tmp_path: Path, first: bool) -> None:
    path = tmp_path / "capflow.db"
    Database.open(path, SCHEMA, simulated=first).close()
    with pytest.raises(StorageError, match="file_of"):
        Database.open(path, SCHEMA, simulated=not first)
    Database.open(path, SCHEMA, simulated=first).close()


def test_a_newer_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "capflow.db"
    Database.open(path, SCHEMA, simulated=False).close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {SCHEMA.version + 1}")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StorageError, match=r"file_newer"):
        Database.open(path, SCHEMA, simulated=False)
    assert path.read_bytes() == before


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match=r"file_unreadable"):
        Database.open(tmp_path / "file" / "capflow.db", SCHEMA, simulated=False)
    (tmp_path / "folder").mkdir()
    with pytest.raises(StorageError, match=r"file_unreadable"):
        Database.open(tmp_path / "folder", SCHEMA, simulated=False)


def test_a_database_held_by_another_process_is_an_error_and_not_a_hang(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("capflow_gui.storage.database._BUSY_MS", 20)
    database = Database.open(tmp_path / "capflow.db", SCHEMA, simulated=False)
    holder = sqlite3.connect(tmp_path / "capflow.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageError, match="another program keeps it locked"), database.transaction():
        pass
    holder.execute("ROLLBACK")
    holder.close()
    with database.transaction():
        pass
    database.close()


def test_what_another_connection_writes_is_noticed_once(tmp_path: Path) -> None:
    one, two = (Database.open(tmp_path / "a.db", SCHEMA, simulated=False) for _ in range(2))
    assert not two.was_changed_elsewhere()
    with one.transaction() as connection:
        connection.execute("UPDATE counter SET revision = 1")
    assert [two.was_changed_elsewhere() for _ in range(2)] == [True, False]
    assert not one.was_changed_elsewhere()
    one.close()
    two.close()
    with pytest.raises(StorageError, match=r"file_unreadable"):
        one.was_changed_elsewhere()


def test_a_file_of_the_first_version_is_copied_before_it_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "capflow.db"
    write_version(1, path)
    (tmp_path / "capflow.db.version-1-1").write_bytes(b"an earlier copy")
    Database.open(path, SCHEMA, simulated=True).close()
    with closing(sqlite3.connect(tmp_path / "capflow.db.version-1-2")) as copy:
        assert copy.execute("SELECT count(*) FROM alert_record").fetchone() == (2,)
        assert copy.execute("PRAGMA user_version").fetchone() == (1,)
    Database.open(path, SCHEMA, simulated=True).close()
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "capflow.db",
        "capflow.db.version-1-1",
        "capflow.db.version-1-2",
    ]


def test_without_room_for_a_copy_an_older_file_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "capflow.db"
    write_version(1, path)
    (tmp_path / "capflow.db.version-1-1.half").mkdir()
    with pytest.raises(StorageError, match=r"file_unreadable"):
        Database.open(path, SCHEMA, simulated=True)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)


@pytest.mark.parametrize("left", [b"", b"no database" * 900, b"SQLite format 3\0"])
def test_what_is_left_of_a_copy_that_was_cut_short_is_no_damage_of_the_file(tmp_path: Path, left: bytes) -> None:
    path = tmp_path / "capflow.db"
    write_version(1, path)
    for name in ("half", "half-journal"):
        (tmp_path / f"capflow.db.version-1-1.{name}").write_bytes(left)
    with closing(Database.open(path, SCHEMA, simulated=True)) as database:
        assert database.notices == []
        assert alerts_in(path) == 2
    assert alerts_in(tmp_path / "capflow.db.version-1-1") == 2


def alerts_in(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT count(*) FROM alert_record").fetchone()[0])


def test_power_that_fails_while_a_file_is_brought_up_to_date_leaves_one_of_the_versions(tmp_path: Path) -> None:
    path = tmp_path / "whole" / "capflow.db"
    path.parent.mkdir()
    write_version(1, path)
    with closing(Database.open(path, SCHEMA, simulated=True)):
        file, log = path.read_bytes(), path.with_name("capflow.db-wal").read_bytes()
    frame, versions = 4096 + 24, []
    for cut in (0, 7, *(end + odd for end in range(32, len(log) + 1, frame) for odd in (0, 2000))):
        torn = tmp_path / f"{cut}.db"
        torn.write_bytes(file)
        torn.with_name(f"{torn.name}-wal").write_bytes(log[:cut])
        with closing(sqlite3.connect(torn)) as connection:
            versions += connection.execute("PRAGMA user_version").fetchone()
        with closing(Database.open(torn, SCHEMA, simulated=True)) as database:
            assert database.notices == []
            assert alerts_in(torn) == 2
    assert versions == sorted(versions)
    assert set(versions) == {1, SCHEMA.version}


def fill(path: Path, schema: Schema) -> None:
    """A file with so many rows in each of its two tables that damage in the middle meets the pages of one alone."""
    database = Database.open(path, schema, simulated=False)
    with database.transaction() as connection:
        for table in ("looked_at", "large"):
            connection.executemany(f"INSERT INTO {table} VALUES (?)", [("x" * 300,)] * 200)  # noqa: S608
    database.close()


def damage(path: Path, table: str) -> None:
    """Overwrite the pages of a table, its first included."""
    with closing(sqlite3.connect(path)) as connection:
        (first,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
    whole = bytearray(path.read_bytes())
    whole[4096 * (first - 1) : 4096 * first] = b"\x5a" * 4096
    path.write_bytes(whole)


TWO_TABLES = Schema("CREATE TABLE looked_at (a); CREATE TABLE large (a);", checked=("looked_at",))


def test_of_a_large_file_the_named_tables_are_checked_at_opening(tmp_path: Path) -> None:
    for table in ("looked_at", "large"):
        fill(tmp_path / table, TWO_TABLES)
        damage(tmp_path / table, table)
    found = Database.open(tmp_path / "looked_at", TWO_TABLES, simulated=False)
    passed = Database.open(tmp_path / "large", TWO_TABLES, simulated=False)
    assert (len(found.notices), len(passed.notices)) == (1, 0)
    assert passed.is_in_place
    with pytest.raises(StorageError, match="malformed"), passed.transaction() as connection:
        connection.execute("SELECT count(a) FROM large").fetchone()
    # Its owner opens it anew, and has it checked.
    assert not passed.is_in_place
    passed.close()
    again = Database.open(tmp_path / "large", TWO_TABLES, simulated=False, checked=True)
    assert [notice.code for notice in again.notices] == [Code.FILE_DAMAGED]
    for each in (found, again):
        each.close()


def test_a_file_that_is_cut_while_it_is_open_is_set_aside_when_it_is_opened_anew(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    fill(path, TWO_TABLES)
    database = Database.open(path, TWO_TABLES, simulated=False)
    assert database.is_in_place
    os.truncate(path, path.stat().st_size // 2)
    assert not database.is_in_place
    database.close()
    again = Database.open(path, TWO_TABLES, simulated=False, checked=True)
    assert [notice.code for notice in again.notices] == [Code.FILE_DAMAGED]
    assert again.is_in_place
    again.close()


@pytest.mark.parametrize("is_written", [False, True])
@pytest.mark.parametrize("left", [0, 100, 4096, 5 * 4096, -4096, -1])
def test_a_file_that_is_cut_to_less_than_its_log_holds_is_noticed_at_once(
    tmp_path: Path, left: int, is_written: bool
) -> None:
    path = tmp_path / "a.db"
    fill(path, TWO_TABLES)
    with closing(Database.open(path, TWO_TABLES, simulated=False)) as database:
        with database.transaction() as connection:
            connection.execute("UPDATE large SET a = randomblob(20000)")
        if is_written:  # its log stays as long as it is
            with closing(sqlite3.connect(path)) as other:
                other.execute("PRAGMA wal_checkpoint(PASSIVE)")
        assert database.is_in_place
        size = path.stat().st_size
        os.truncate(path, left if left >= 0 else size + left)
        assert not database.is_in_place


def test_a_file_that_gives_free_pages_back_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    fill(path, TWO_TABLES)
    with closing(Database.open(path, TWO_TABLES, simulated=False)) as database:
        before = path.stat().st_size
        with database.transaction() as connection:
            connection.execute("DELETE FROM large")
        database.give_back(database.free_pages())
        for _ in range(2):
            assert database.is_in_place
            with closing(sqlite3.connect(path)) as other:
                other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert path.stat().st_size < before


def test_what_another_program_wrote_last_is_kept_with_a_damaged_file(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    fill(path, TWO_TABLES)
    damage(path, "looked_at")
    with closing(sqlite3.connect(path)) as other:
        other.execute("INSERT INTO large VALUES ('written last')")
        other.commit()
        Database.open(path, TWO_TABLES, simulated=False).close()
        assert b"written last" in path.with_name("a.db.damaged-1-wal").read_bytes()


@pytest.mark.parametrize("beside", ["-wal", ".version-1-1", ".damaged-1"])
def test_what_lies_beside_an_empty_file_is_kept(tmp_path: Path, beside: str) -> None:
    """Sqlite deletes the log of an empty file."""
    path, other = tmp_path / "a.db", tmp_path / f"a.db{beside}"
    path.touch()
    other.write_bytes(b"recorded last")
    with closing(Database.open(path, TWO_TABLES, simulated=False)) as database:
        kept = tmp_path / "a.db.damaged-1-wal" if beside == "-wal" else other
        assert kept.read_bytes() == b"recorded last"
        assert [notice.code for notice in database.notices] == [Code.FILE_DAMAGED] * (beside == "-wal")


@pytest.mark.parametrize("version", [1, 2])
def test_a_file_is_brought_up_to_date_step_by_step(tmp_path: Path, version: int) -> None:
    path = tmp_path / "a.db"
    steps = ("CREATE TABLE b (x);", "CREATE TABLE c (x);")
    schemas = [
        Schema(
            "CREATE TABLE a (x);" + "".join(steps[:count]),
            tuple(partial(run_script, script=step) for step in steps[:count]),
        )
        for count in range(3)
    ]
    Database.open(path, schemas[version - 1], simulated=False).close()
    Database.open(path, schemas[2], simulated=False).close()
    with closing(sqlite3.connect(path)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_schema ORDER BY name").fetchall()
        assert tables == [("a",), ("b",), ("c",), ("profile",)]
        assert connection.execute("PRAGMA user_version").fetchone() == (3,)
        assert connection.execute("PRAGMA auto_vacuum").fetchone() == (2,)
    assert path.with_name(f"a.db.version-{version}-1").exists()


def test_the_kind_of_a_file_is_known_without_opening_it_for_writing(tmp_path: Path) -> None:
    path = tmp_path / "capflow.db"
    assert kind_of(path) is None
    for simulated in (False, True):
        Database.open(path, SCHEMA, simulated=simulated).close()
        before = path.read_bytes()
        assert kind_of(path) is simulated
        assert path.read_bytes() == before
        path.unlink()
    path.write_bytes(b"no database at all")
    assert kind_of(path) is None


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
@pytest.mark.parametrize("name", ["a?b#c%41 d", "\udcff"])
def test_a_file_is_read_whatever_its_folder_is_called(tmp_path: Path, name: str) -> None:
    path = tmp_path / name / "capflow.db"
    Database.open(path, SCHEMA, simulated=True).close()
    assert kind_of(path) is True
    assert kind_of(Path(f"/{path}")) is True  # two slashes are no host


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_path_that_is_not_utf_8_is_named_in_an_error(tmp_path: Path) -> None:
    path = tmp_path / "\udcff" / "capflow.db"
    Database.open(path, SCHEMA, simulated=True).close()
    with pytest.raises(StorageError) as caught:
        Database.open(path, SCHEMA, simulated=False)
    assert str(caught.value.reason.get("path")).endswith("\\xff/capflow.db")


def test_what_is_read_at_once_is_of_one_moment_and_holds_nobody_up(tmp_path: Path) -> None:
    one, two = (Database.open(tmp_path / "a.db", SCHEMA, simulated=False) for _ in range(2))
    with one.reading() as connection:
        assert connection.execute("SELECT revision FROM counter").fetchone() == (0,)
        with two.transaction() as other:
            other.execute("UPDATE counter SET revision = 7")
        assert connection.execute("SELECT revision FROM counter").fetchone() == (0,)
    with one.reading() as connection:
        assert connection.execute("SELECT revision FROM counter").fetchone() == (7,)
    with pytest.raises(StorageError, match="file_unreadable"), one.reading() as connection:
        connection.execute("SELECT nonsense")
    one.close()
    two.close()


def test_free_pages_are_given_back_as_many_as_are_asked_for(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "a.db", TWO_TABLES, simulated=False)
    with database.transaction() as connection:
        connection.executemany("INSERT INTO large VALUES (?)", [("x" * 3000,)] * 60)
    with database.transaction() as connection:
        connection.execute("DELETE FROM large")
    free = database.free_pages()
    assert free > 50
    database.give_back(20)
    assert database.free_pages() == free - 20
    database.give_back(1000)
    assert database.free_pages() == 0
    database.close()
    with pytest.raises(StorageError, match="file_unwritable"):
        database.give_back(1)


def test_text_that_is_none_in_a_damaged_cell_is_read(tmp_path: Path) -> None:
    with closing(Database.open(tmp_path / "a.db", SCHEMA, simulated=False)) as database, database.reading() as read:
        assert read.execute("SELECT CAST(x'61ff' AS TEXT)").fetchone() == ("a\\xff",)


def test_a_copy_in_the_place_of_an_open_file_is_not_read_with_its_log(tmp_path: Path) -> None:
    path, copy = tmp_path / "a.db", tmp_path / "copy.db"
    Database.open(path, SCHEMA, simulated=False).close()
    shutil.copy(path, copy)
    database = Database.open(path, SCHEMA, simulated=False)
    with database.transaction() as connection:
        connection.execute("UPDATE counter SET revision = 7")
    copy.replace(path)
    assert not database.is_in_place
    database.close()
    database = Database.open(path, SCHEMA, simulated=False)
    with database.reading() as connection:
        assert connection.execute("SELECT revision FROM counter").fetchone() == (0,)
    database.close()
    assert [each.name for each in tmp_path.iterdir() if "replaced" in each.name] == ["a.db-wal.replaced-1"]


def test_a_log_that_cannot_be_set_aside_hinders_no_closing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    path = tmp_path / "a.db"
    database = Database.open(path, SCHEMA, simulated=False)
    path.rename(tmp_path / "moved.db")

    expect_log(r"WARNING .*a\.db-wal cannot be set aside: Permission denied")

    def refuse(*_paths: Path) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", refuse)
        database.close()


def test_a_log_is_emptied_where_nobody_reads_and_stays_small(tmp_path: Path) -> None:
    path = tmp_path / "capflow.db"
    with closing(Database.open(path, SCHEMA, simulated=False)) as database:
        with database.transaction() as connection:
            connection.execute("CREATE TABLE long (text)")
        assert log_size(path) > 0
        with closing(sqlite3.connect(path, timeout=0.0, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT * FROM long").fetchall()
            with database.transaction() as connection:
                connection.execute("PRAGMA busy_timeout = 0")
                connection.execute("INSERT INTO long VALUES ('x')")
            assert not database.empty_log()
        assert database.empty_log()
        assert log_size(path) == 0
        database.keep_log_small(10)
        for _ in range(50):
            with database.transaction() as connection:
                connection.execute("INSERT INTO long VALUES (zeroblob(4000))")
        assert log_size(path) < 200_000


_STRANGER = """
import os, pathlib, sys
from capflow_gui.errors import StorageError
from capflow_gui.present.reasons import reason_words
from capflow_gui.storage.database import Database
from capflow_gui.storage.migration import SCHEMA

os.setuid(65534)
try:
    Database.open(pathlib.Path(sys.argv[1]), SCHEMA, simulated=False)
except StorageError as error:
    print(reason_words(error.reason))
"""


@pytest.mark.skipif(not as_nobody(), reason="root reads and writes every file")
@pytest.mark.parametrize(("mode", "why"), [(0o644, "it is write-protected"), (0o600, "Permission denied")])
def test_why_another_user_cannot_use_a_file_is_said(tmp_path: Path, mode: int, why: str) -> None:
    path = tmp_path / "capflow.db"
    Database.open(path, SCHEMA, simulated=False).close()
    path.chmod(mode)
    for each in (tmp_path, *tmp_path.parents):
        if each == Path(tempfile.gettempdir()):
            break
        each.chmod(0o755)
    done = subprocess.run([sys.executable, "-c", _STRANGER, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout == f"{path} cannot be opened: {why}\n"


def test_of_a_folder_nobody_may_look_into_no_kind_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_path: Path) -> bool:
        raise PermissionError

    monkeypatch.setattr(Path, "exists", refused)
    assert kind_of(tmp_path / "capflow.db") is None
