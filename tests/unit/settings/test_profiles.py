"""The profiles of a user, on the disk."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from capflow_gui.errors import InvalidInput, SettingsError
from capflow_gui.file_lock import try_lock
from capflow_gui.paths import Paths
from capflow_gui.reason import Code, Reason
from capflow_gui.settings import Settings, load, save
from capflow_gui.settings.profiles import MAIN, WINDOW_LOCK, KnownProfile, Profiles, held_open


@pytest.fixture
def profiles(tmp_path: Path) -> Profiles:
    return Profiles((tmp_path / "c", tmp_path / "d"))


def paths(profiles: Profiles, profile: str) -> Paths:
    return Paths.resolve(None, *profiles.folders(profile))


def test_there_is_always_the_main_one(profiles: Profiles) -> None:
    assert profiles.all() == [KnownProfile(MAIN, "")]
    assert profiles.rename(MAIN, "Floor").name == "Floor"
    assert profiles.all() == [KnownProfile(MAIN, "Floor")]
    assert profiles.find("floor").id == MAIN


def test_a_new_one_has_folders_of_its_own_below_the_main_one(profiles: Profiles, tmp_path: Path) -> None:
    made = profiles.create("  Desk   2 ")
    assert made == KnownProfile("p-desk-2", "Desk 2")
    found = paths(profiles, made.id)
    assert (found.config, found.data) == (tmp_path / "c/profiles/p-desk-2", tmp_path / "d/profiles/p-desk-2")
    assert found.log == found.data / "log"
    assert not found.settings_file.exists()
    assert profiles.all() == [KnownProfile(MAIN, ""), made]


def test_a_copy_has_settings_and_rules_and_nothing_else(profiles: Profiles) -> None:
    main = paths(profiles, MAIN)
    save(main.settings_file, Settings(first_run_done=True))
    main.rules_file.write_text("version = 1\n", encoding="utf-8")
    main.data.mkdir()
    (main.data / "archive.db").write_bytes(b"x")
    made = paths(profiles, profiles.create("Copy", MAIN).id)
    assert load(made.settings_file).settings == Settings(first_run_done=True)
    assert made.rules_file.read_text(encoding="utf-8") == "version = 1\n"
    assert [path.name for path in made.data.iterdir()] == []


@pytest.mark.parametrize(
    ("name", "folder"),
    [("con", "p-con"), ("港股", "p-profile"), ("../../etc", "p-etc"), ("Été", "p-ete"), ("a/b:c*?", "p-a-b-c")],
)
def test_any_name_has_a_folder_that_every_system_takes(profiles: Profiles, name: str, folder: str) -> None:
    made = profiles.create(name)
    assert (made.id, made.name) == (folder, name)
    assert profiles.find(name) == made
    assert profiles.find(folder) == made


def test_names_that_are_written_alike_have_two_folders(profiles: Profiles) -> None:
    assert [profiles.create(name).id for name in ("a b", "a-b", "A+B")] == ["p-a-b", "p-a-b-2", "p-a-b-3"]


@pytest.mark.parametrize("name", ["", "   ", "x" * 41, "a\x00b"])
def test_what_is_no_name(profiles: Profiles, name: str) -> None:
    with pytest.raises(InvalidInput, match=Code.PROFILE_NAME):
        profiles.create(name)


def test_a_name_is_given_once(profiles: Profiles) -> None:
    first, second = profiles.create("One"), profiles.create("Two")
    for typed in ("one", "p-two", "TWO"):
        with pytest.raises(InvalidInput, match=Code.PROFILE_NAME_TAKEN):
            profiles.create(typed)
    with pytest.raises(InvalidInput, match=Code.PROFILE_NAME_TAKEN):
        profiles.rename(first.id, "two")
    assert profiles.rename(second.id, "TWO").name == "TWO"


def test_what_is_not_there_names_what_is_written_alike(profiles: Profiles) -> None:
    with pytest.raises(InvalidInput) as alone:
        profiles.find("Desk")
    assert alone.value.suggestion == Reason.of(Code.MAKE_A_PROFILE)
    profiles.create("Desk 2")
    with pytest.raises(InvalidInput) as near:
        profiles.find("Desc 2")
    assert near.value.suggestion is not None
    assert near.value.suggestion.code is Code.DID_YOU_MEAN
    with pytest.raises(InvalidInput) as far:
        profiles.find("xyz")
    assert far.value.suggestion is not None
    assert far.value.suggestion.code is Code.ONE_OF


def test_what_is_deleted_goes_with_all_that_is_in_it(profiles: Profiles, tmp_path: Path) -> None:
    made = profiles.create("Old")
    found = paths(profiles, made.id)
    save(found.settings_file, Settings())
    (found.data / "archive.db").write_bytes(b"x" * 1000)
    assert profiles.size(made.id) > 1000
    profiles.delete(made.id)
    assert profiles.all() == [KnownProfile(MAIN, "")]
    assert not found.config.exists()
    assert not found.data.exists()
    with pytest.raises(InvalidInput, match=Code.MAIN_PROFILE_STAYS):
        profiles.delete(MAIN)


@pytest.mark.skipif(os.name != "posix", reason="one process cannot see its own lock on Windows")
def test_one_that_is_open_stays(profiles: Profiles) -> None:
    made = profiles.create("Open")
    assert not profiles.is_open(made.id)
    state = paths(profiles, made.id).state
    state.mkdir()
    handle = os.open(state / WINDOW_LOCK, os.O_RDWR | os.O_CREAT)
    try:
        assert not profiles.is_open(made.id)
        assert try_lock(handle)
        assert profiles.is_open(made.id)
        with pytest.raises(InvalidInput, match=Code.PROFILE_OPEN):
            profiles.delete(made.id)
    finally:
        os.close(handle)
    (state / WINDOW_LOCK).unlink()
    (state / WINDOW_LOCK).mkdir()  # cannot be opened: whether a window has it is not known
    assert profiles.is_open(made.id)
    (state / WINDOW_LOCK).rmdir()
    with held_open(state), held_open(state):
        assert profiles.is_open(made.id)
    assert [*state.iterdir()] == []
    (state / "file").touch()
    with held_open(state / "file"):  # no folder: nothing is held, and nothing said
        assert not profiles.is_open(made.id)
    profiles.delete(made.id)
    assert not state.exists()


def test_a_damaged_name_is_the_folders(profiles: Profiles) -> None:
    made = profiles.create("Named")
    (paths(profiles, made.id).config / "profile.toml").write_text("[[", encoding="utf-8")
    assert profiles.find("p-named") == KnownProfile("p-named", "p-named")


def test_a_folder_that_cannot_be_made_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "profiles").write_bytes(b"")
    profiles = Profiles((tmp_path / "c", tmp_path / "d"))
    with pytest.raises(SettingsError, match=Code.CANNOT_BE_WRITTEN):
        profiles.create("New")
    assert profiles.all() == [KnownProfile(MAIN, "")]
    with pytest.raises(SettingsError, match=Code.CANNOT_BE_WRITTEN):
        profiles.rename("p-x", "X")
