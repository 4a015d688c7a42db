from __future__ import annotations

from pathlib import Path

import pytest

from capflow_gui.paths import Paths, resource


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


def test_a_missing_resource_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"no/such\.svg"):
        resource("no/such.svg")
