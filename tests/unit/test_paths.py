from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from capflow_gui.paths import Paths, read_document, resource, shown, write_atomically
from tests.full_disk import as_nobody


def test_given_folders_are_used_and_nothing_is_created(tmp_path: Path) -> None:
    paths = Paths.resolve(config_dir=tmp_path / "c", data_dir=tmp_path / "d")
    assert paths == Paths(tmp_path / "c", tmp_path / "d", tmp_path / "d" / "log", tmp_path / "d" / "state")
    assert list(tmp_path.iterdir()) == []


def test_a_profile_has_folders_of_its_own(tmp_path: Path) -> None:
    own = Paths.resolve(config_dir=tmp_path, data_dir=tmp_path)
    demo = Paths.resolve("demo", config_dir=tmp_path, data_dir=tmp_path)
    assert demo.settings_file == tmp_path / "demo" / "settings.toml"
    assert not {demo.config, demo.data, demo.log, demo.state} & {own.config, own.data, own.log, own.state}


def test_the_platform_decides_where_no_folder_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(tmp_path / variable))
    paths = Paths.resolve()
    for folder in (paths.config, paths.data, paths.log, paths.state):
        assert folder.is_absolute()
        assert "capflow" in folder.parts


def test_a_relative_folder_becomes_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Paths.resolve(config_dir=Path("here")).config == tmp_path / "here"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has names that are not UTF-8")
def test_a_name_that_is_not_utf_8_is_shown_in_plain_characters() -> None:
    assert shown(Path(os.fsdecode(b"/srv/caf\xe9"))) == "/srv/caf\\xe9"


_HOMELESS = """
import os, sys
from pathlib import Path
from capflow_gui.errors import SettingsError
from capflow_gui.paths import Paths, expanded, policy_files
os.environ.pop("HOME", None)
os.setgid(54321)
os.setuid(54321)
policy_files()
print(Paths.resolve("demo", Path(sys.argv[1]), Path(sys.argv[1])).config)
print(expanded(Path("~/key.pem")))
for folders in ((None, None), (Path(sys.argv[1]), None), (None, Path(sys.argv[1]))):
    try:
        Paths.resolve(None, *folders)
    except SettingsError as error:
        print(error)
"""


@pytest.mark.skipif(not as_nobody(), reason="only root becomes a user the system does not know")
def test_a_user_the_system_does_not_know_needs_both_folders(tmp_path: Path) -> None:
    without = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    command = [sys.executable, "-c", _HOMELESS, str(tmp_path)]
    done = subprocess.run(command, env=without, capture_output=True, text=True, check=True)
    config, key, *refused = done.stdout.splitlines()
    assert config == str(tmp_path / "demo")
    assert key == "~/key.pem"
    assert len(refused) == 3
    assert set(refused) == {"HOME: home_not_set (set_home)"}


def test_a_missing_resource_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"no/such\.svg"):
        resource("no/such.svg")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such pipes in folders")
def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe, link, read = tmp_path / "pipe", tmp_path / "link", list[bytes]()
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()
    write_atomically(link, b"report")
    reader.join(10.0)
    assert pipe.is_fifo()
    assert read == [b"report"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such pipes in folders")
def test_a_document_that_has_no_end_or_is_too_large_is_not_read(tmp_path: Path) -> None:
    pipe, large, none = tmp_path / "pipe", tmp_path / "large", tmp_path / "none"
    os.mkfifo(pipe)
    with large.open("wb") as file:
        file.truncate(50 << 30)
    none.symlink_to(os.devnull)
    assert read_document(none) == b""
    for path, why in ((pipe, "a pipe"), (Path("/dev/zero"), "a device"), (large, "more than 4 MiB")):
        with pytest.raises(OSError, match=why):
            read_document(path)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="setpriv is Linux's")
def test_a_file_that_can_be_written_by_a_right_of_the_program_is_not_protected(tmp_path: Path) -> None:
    """Its folder is closed to the user and opened by a capability, which access() leaves out unless asked."""
    tmp_path.chmod(0o700)
    file = tmp_path / "settings.toml"
    file.write_text("", encoding="utf-8")
    os.chown(file, 54321, 54321)
    rights = ["--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search"]
    code = f"from capflow_gui.paths import Path, is_protected; print(is_protected(Path({str(file)!r})))"
    command = ["setpriv", "--reuid", "54321", "--clear-groups", *rights, sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
