"""A profile that cannot save: what is on screen stays, and `unsaved` says so until it is in the file."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from capflow_gui.app.profile import OtherProfiles, Profile
from capflow_gui.app.request import Request
from capflow_gui.domain.lists.groups import Group, Groups
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import Choice, Share, ThresholdChoice
from capflow_gui.domain.typed.rule_entry import new_entry, threshold_entry
from capflow_gui.present.reasons import reason_words
from capflow_gui.settings import LongportSettings, OpendSettings, load
from capflow_gui.settings.channels import DesktopSettings
from tests.full_disk import bind_mounted, fill, immutable, small_disk

WATCHED = (Symbol.parse("700.HK"), Symbol.parse("9988.HK"))


def profile(folder: Path, **held: Any) -> Profile:
    return Profile(Request(folders=(folder / "config", folder / "data")), demo=False, **held)


def kept(folder: Path) -> list[str]:
    return load(folder / "config" / "settings.toml").settings.watchlist.symbols


def said(opened: Profile) -> str:
    assert opened.unsaved is not None
    return reason_words(opened.unsaved)


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Path]:
    """A config folder on a full disk; the file whose removal makes room."""
    with small_disk(tmp_path / "config") as filler:
        fill(filler)
        yield filler


@pytest.mark.parametrize("held", [immutable, bind_mounted])
def test_a_file_that_cannot_be_replaced_is_said_until_it_can(
    tmp_path: Path, expect_log: Callable[[str], None], held: Callable[[Path], AbstractContextManager[None]]
) -> None:
    opened = profile(tmp_path)
    opened.watch(WATCHED[:1], Groups())
    assert opened.unsaved is None
    with held(tmp_path / "config" / "settings.toml"):
        expect_log(r"WARNING .*settings are not saved")
        expect_log(r"WARNING .*settings are saved again")
        opened.watch(WATCHED, Groups())
        assert str(tmp_path / "config" / "settings.toml") in said(opened)
        assert opened.symbols == list(WATCHED)
        assert kept(tmp_path) == ["700.HK"]
    opened.save()
    assert opened.unsaved is None
    assert kept(tmp_path) == ["700.HK", "9988.HK"]


async def test_what_a_full_disk_refused_is_saved_when_there_is_room(
    tmp_path: Path, full: Path, hand_clock: Any, settle_tasks: Any, expect_log: Callable[[str], None]
) -> None:
    expect_log(r"WARNING .*settings are not saved: .*settings\.toml: it cannot be written: the disk is full")
    expect_log(r"WARNING .*settings are saved again")
    opened = profile(tmp_path)
    assert opened.problems == [f"Nothing can be saved in {tmp_path / 'config'}: the disk is full."]
    opened.watch(WATCHED, Groups())
    assert "the disk is full" in said(opened)
    again = asyncio.create_task(opened.save_again(hand_clock))
    await settle_tasks()
    hand_clock.move(6)
    await settle_tasks()
    assert opened.unsaved is not None
    await asyncio.to_thread(full.unlink)
    hand_clock.move(6)
    await settle_tasks()
    assert opened.unsaved is None
    assert kept(tmp_path) == ["700.HK", "9988.HK"]
    again.cancel()
    with pytest.raises(asyncio.CancelledError):
        await again


def test_the_next_session_of_a_run_goes_on_with_what_could_not_be_saved(
    tmp_path: Path, full: Path, expect_log: Callable[[str], None]
) -> None:
    expect_log(r"WARNING .*settings are not saved")
    first = profile(tmp_path)
    first.watch(WATCHED, Groups())
    following = profile(tmp_path, held={first.paths.settings_file: first.held})
    assert following.symbols == list(WATCHED)
    assert "the disk is full" in said(following)


def test_a_damaged_file_nobody_could_set_aside_is_not_written_over(
    tmp_path: Path, expect_log: Callable[[str], None]
) -> None:
    file = tmp_path / "config" / "settings.toml"
    file.parent.mkdir()
    file.write_text("a hand-written [list", encoding="utf-8")
    with immutable(file):
        opened = profile(tmp_path)
        assert "could not be set aside" in " ".join(opened.problems)
        expect_log(r"WARNING .*settings are not saved: .*could not be set aside")
        expect_log(r"WARNING .*settings are saved again")
        opened.watch(WATCHED, Groups())
        assert "could not be set aside" in said(opened)
    assert file.read_text(encoding="utf-8") == "a hand-written [list"
    opened.save()
    assert opened.unsaved is None
    assert (file.parent / "settings.toml.damaged-1").read_text(encoding="utf-8") == "a hand-written [list"
    assert kept(tmp_path) == ["700.HK", "9988.HK"]


def test_a_new_profile_begins_with_a_share_and_an_old_one_stays_as_it_was(tmp_path: Path) -> None:
    opened = profile(tmp_path)
    assert opened.default_threshold == Share(-0.02)
    choices: tuple[ThresholdChoice, ...] = (-1.5e8, Share(-0.0125), Choice.NONE)
    for choice in choices:
        opened.set_threshold(None, choice)
        assert profile(tmp_path).default_threshold == (None if choice is Choice.NONE else choice)
    assert profile(tmp_path).rules().threshold(WATCHED[0]) == (None, False)


def test_a_new_profile_has_notifications_of_the_desktop_and_an_old_one_has_none(tmp_path: Path) -> None:
    for _ in range(2):
        opened = profile(tmp_path)
        assert opened.settings.channels == {"desktop": DesktopSettings()}
        opened.save()
    opened.change(channels={})
    assert profile(tmp_path).settings.channels == {}


@pytest.mark.parametrize("lines", ["", '[thresholds]\ndefault = "-120M"\n'])
def test_a_file_of_the_first_release_keeps_its_threshold(tmp_path: Path, lines: str) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "settings.toml").write_text(f"version = 1\n{lines}")
    assert profile(tmp_path).default_threshold == (-1.2e8 if lines else None)


def test_rules_are_kept_in_a_file_of_their_own_and_come_back(tmp_path: Path) -> None:
    opened = profile(tmp_path)
    assert opened.rules().entries == ()
    entry = replace(new_entry("*: main <= -80M"), muted=frozenset({WATCHED[0]}))
    opened.keep_rules([threshold_entry(-1e6, None), entry])
    again = profile(tmp_path)
    assert again.rules().entries == (entry,)
    texts = [rule.text for rule in again.rules().rules_for(WATCHED[1])]
    assert texts == ["*: net/turnover <= -2% rearm 50% skip first 30m", "*: main <= -80M"]
    assert again.problems == []


def test_a_rule_that_cannot_be_read_is_told_once_and_stays(tmp_path: Path) -> None:
    opened = profile(tmp_path)
    opened.paths.rules_file.write_text('[[rule]]\ntext = "*: main <= -80Q"\n')
    opened.rules()
    opened.rules()
    assert [words.partition(":")[0] for words in opened.problems] == ["rules.toml, line 2, column 23"]
    opened.keep_rules([*opened.rules().entries, new_entry("*: main <= -80M")])
    assert [entry.rule is None for entry in profile(tmp_path).rules().entries] == [True, False]


def test_rules_that_cannot_be_saved_are_said_until_they_are(tmp_path: Path, expect_log: Callable[[str], None]) -> None:
    opened = profile(tmp_path)
    opened.keep_rules([new_entry("*: main <= -80M")])
    with immutable(opened.paths.rules_file):
        expect_log(r"WARNING .*settings are not saved")
        expect_log(r"WARNING .*settings are saved again")
        opened.keep_rules([])
        assert "rules.toml" in said(opened)
    assert len(profile(tmp_path).rules().entries) == 1
    opened.save()
    assert opened.unsaved is None
    assert profile(tmp_path).rules().entries == ()


def test_rules_that_are_not_saved_go_on_in_the_next_session_of_the_run(
    tmp_path: Path, expect_log: Callable[[str], None]
) -> None:
    first = profile(tmp_path)
    first.keep_rules([])
    assert first.held.rules is None
    first.keep_rules([new_entry("*: main <= -80M")])
    with immutable(first.paths.rules_file):
        expect_log(r"WARNING .*settings are not saved")
        first.keep_rules([new_entry("*: main <= -90M")])
    following = profile(tmp_path, held={first.paths.settings_file: first.held})
    assert [entry.text for entry in following.rules().entries] == ["*: main <= -90M"]
    assert following.unsaved is None
    assert [entry.text for entry in profile(tmp_path).rules().entries] == ["*: main <= -90M"]


def test_a_file_of_rules_that_cannot_be_read_is_not_saved_over(
    tmp_path: Path, expect_log: Callable[[str], None]
) -> None:
    opened = profile(tmp_path)
    opened.paths.rules_file.mkdir()
    assert opened.rules().entries == ()
    expect_log(r"WARNING .*settings are not saved")
    expect_log(r"WARNING .*settings are saved again")
    opened.keep_rules([new_entry("*: main <= -80M")])
    assert "rules.toml" in said(opened)
    opened.paths.rules_file.rmdir()
    opened.save()
    assert opened.unsaved is None
    assert len(profile(tmp_path).rules().entries) == 1


def test_the_list_of_a_demo_of_a_few_symbols_is_of_those_and_comes_back(tmp_path: Path) -> None:
    folders = (tmp_path / "config", tmp_path / "data")
    small = Profile(Request(demo=True, symbols=6, folders=folders), demo=True)
    assert set(map(str, small.symbols)) == {"700.HK", "9988.HK", "3690.HK", "981.HK", "1810.HK", "9618.HK"}
    small.watch((*small.symbols[1:], small.symbols[0]), Groups())
    again = Profile(Request(demo=True, folders=folders), demo=True)
    assert (len(again.symbols), again.symbols[:6]) == (16, small.symbols)


def test_groups_are_kept_with_what_a_small_demo_does_not_trade(tmp_path: Path) -> None:
    folders = (tmp_path / "config", tmp_path / "data")
    whole = Profile(Request(demo=True, folders=folders), demo=True)
    core = Group("Core", (Symbol.parse("700.HK"), Symbol.parse("5.HK")), "violet")
    whole.watch(tuple(whole.symbols), Groups((core, Group("Empty"))))
    small = Profile(Request(demo=True, symbols=6, folders=folders), demo=True)
    assert small.groups == Groups((replace(core, symbols=(Symbol.parse("700.HK"),)), Group("Empty")))
    small.watch(tuple(small.symbols), small.groups.put("Core", [Symbol.parse("9988.HK")]).without("Empty"))
    again = Profile(Request(demo=True, folders=folders), demo=True)
    assert again.groups.get("Core") == replace(core, symbols=tuple(map(Symbol.parse, ("700.HK", "9988.HK", "5.HK"))))
    assert len(again.groups) == 1
    again.set_source(Symbol.parse("700.HK"), "opend")
    assert again.groups.get("Core") is not None


def test_the_tour_is_due_once_after_the_first_run_and_where_the_demo_had_none(tmp_path: Path) -> None:
    own, later, seen = tmp_path / "own", tmp_path / "later", tmp_path / "seen"
    for folder in (own, later, seen):
        folder.mkdir()
    first = profile(own)
    assert not first.begin_tour()
    first.connect(OpendSettings())
    shown = profile(own)
    assert shown.begin_tour()
    shown.save()
    again = profile(own)
    again.connect(LongportSettings())
    assert not again.begin_tour()
    demo = Profile(Request(folders=(seen / "config", seen / "data")), demo=True)
    assert demo.begin_tour()
    assert not demo.begin_tour()
    demo.save()
    own_after_demo = profile(seen)
    own_after_demo.connect(OpendSettings())
    assert not own_after_demo.begin_tour()


async def test_profiles_are_listed_though_the_settings_of_one_cannot_be_read(tmp_path: Path) -> None:
    shelf = OtherProfiles(Request(folders=(tmp_path / "config", tmp_path / "data")))
    made = await shelf.create("Desk", copied=False)
    (tmp_path / "config" / "profiles" / made.id / "settings.toml").write_bytes(b"#" * (5 << 20))
    (tmp_path / "config" / "profiles" / made.id / "gone").symlink_to(tmp_path / "nowhere")
    listed = {each.name: each for each in await shelf.all()}
    assert listed["Desk"].symbols == 0
    assert listed["Desk"].size > 5 << 20


def test_every_change_is_told_so_that_nobody_goes_on_with_an_older_list(tmp_path: Path) -> None:
    opened, told = profile(tmp_path), list[tuple[list[str], object]]()
    opened.changed = lambda: told.append((opened.settings.watchlist.symbols, opened.settings.thresholds.default))
    opened.watch(WATCHED, Groups())
    opened.set_threshold(None, Share(-0.03))
    opened.change_settings({"appearance.scheme": "light"})
    assert told == [(["700.HK", "9988.HK"], "-2%"), *([(["700.HK", "9988.HK"], "-3%")] * 2)]
