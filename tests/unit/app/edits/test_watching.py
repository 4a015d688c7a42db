from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from capflow_gui.app.edits.watching import Edits
from capflow_gui.app.profile import Profile
from capflow_gui.app.request import Request
from capflow_gui.domain.lists.groups import Groups
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.rule_entry import RuleEntry, new_entry
from capflow_gui.settings import Settings, load
from tests.full_disk import immutable

WATCHED = (Symbol.parse("700.HK"), Symbol.parse("9988.HK"))


def write(file: Path, content: bytes | str) -> bytes:
    """In one step: this clock sees a file between its being emptied and written again."""
    raw = content.encode() if isinstance(content, str) else content
    new = file.with_name(f"{file.name}.new")
    new.write_bytes(raw)
    new.replace(file)
    return raw


class QuickClock:
    """A clock on which every wait is over at once."""

    now = 0.0

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> float:
        return self.now

    async def sleep_until(self, deadline: float) -> None:
        self.now = deadline
        await asyncio.sleep(0)


class Scene:
    def __init__(self, folder: Path, *, keep: bool = True) -> None:
        self.profile = Profile(Request(folders=(folder / "config", folder / "data")), demo=False)
        if keep:
            self.profile.watch(WATCHED, Groups())
            self.profile.keep_rules([new_entry("*: main <= -80M")])
        self.kept: list[str] = []
        self.profile.say = self.kept.append
        self.before: list[Settings] = []
        self.rules: list[tuple[RuleEntry, ...]] = []
        self.said: asyncio.Queue[tuple[str, bool]] = asyncio.Queue()
        self.edits = Edits(
            self.profile,
            settings_taken=self.before.append,
            rules_taken=self.rules.append,
            say=lambda *said: self.said.put_nowait(said),
        )

    @property
    def settings_file(self) -> Path:
        return self.profile.paths.settings_file

    @property
    def rules_file(self) -> Path:
        return self.profile.paths.rules_file

    async def told(self) -> tuple[str, bool]:
        return await asyncio.wait_for(self.said.get(), 10)

    def edit(self, old: str, new: str) -> bytes:
        """Write other settings; what was written."""
        text = self.settings_file.read_text(encoding="utf-8")
        assert old in text
        return write(self.settings_file, text.replace(old, new))


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    made = Scene(tmp_path)
    following = asyncio.create_task(made.edits.follow(QuickClock()))
    yield made
    following.cancel()
    await asyncio.wait({following})


async def test_rules_edited_while_the_window_is_open_hold_and_stay_as_they_were_written(scene: Scene) -> None:
    by_hand = b"# mine\n[[rule]]\ntext = '*: net <= -5M'\n"
    write(scene.rules_file, by_hand)
    assert await scene.told() == ("rules.toml was edited, and holds now.", False)
    assert [entry.text for entry in scene.rules[0]] == ["*: net <= -5M"]
    scene.profile.keep_rules(scene.rules[0])
    assert scene.profile.rules().entries == scene.rules[0]
    assert scene.rules_file.read_bytes() == by_hand
    scene.profile.keep_rules([new_entry("*: main <= -90M")])
    assert {file.name for file in scene.rules_file.parent.iterdir()} == {"rules.toml", "settings.toml"}


async def test_rules_edited_badly_are_said_with_their_place_and_those_before_go_on(
    scene: Scene, expect_log: Callable[[str], None]
) -> None:
    expect_log("rules.toml was edited while Capflow had changes of its own; .*rules.toml.changed-1")
    before = scene.profile.rules().entries
    by_hand = b"[[rule]]\ntext = '*: main <= -80M'\n[[rule]]\ntext = '*: net <= -5Q'\n"
    write(scene.rules_file, by_hand)
    said, stays = await scene.told()
    assert said.startswith(
        "rules.toml was edited and is not used, what held before goes on: mend it and save it again."
    )
    assert "line 4, column 21" in said
    assert (stays, scene.rules, scene.profile.rules().entries) == (True, [], before)
    scene.profile.keep_rules([])
    assert scene.rules_file.with_name("rules.toml.changed-1").read_bytes() == by_hand
    assert "copy from it what you need" in scene.kept[0]


async def test_a_rule_that_could_not_be_read_before_keeps_no_other_edit_out(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    first = "[[rule]]\nid = 'u'\ntext = '*: nex'\n"
    write(scene.rules_file, first)
    scene = Scene(tmp_path, keep=False)
    assert len(scene.profile.rules().entries) == 1
    write(scene.rules_file, first + "[[rule]]\ntext = '*: net <= -7M'\n")
    assert scene.edits.take_last()
    assert len(scene.rules[0]) == 2


async def test_settings_edited_while_the_window_is_open_hold_and_are_not_replaced(scene: Scene) -> None:
    scene.edit('"9988.HK"', '"5.HK"')
    assert await scene.told() == ("settings.toml was edited, and holds now.", False)
    assert scene.before[0].watchlist.symbols == ["700.HK", "9988.HK"]
    assert scene.profile.symbols == [WATCHED[0], Symbol.parse("5.HK")]
    scene.profile.change(first_run_done=True)
    assert load(scene.settings_file).settings.watchlist.symbols == ["700.HK", "5.HK"]
    assert scene.kept == []


async def test_what_holds_from_the_next_start_alone_and_what_nobody_knows_is_named(scene: Scene) -> None:
    write(scene.settings_file, scene.settings_file.read_text(encoding="utf-8") + "[opend]\nport = 12345\n[opond]\n")
    said, stays = await scene.told()
    assert "but for opend.port: from the next start on" in said
    assert "opond is not known" in said
    assert stays


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a hand-written [list", "This is not TOML"),
        ("version = 99", "was written by a newer Capflow"),
        ("[opend]\nport = 'x'", "opend.port: 'x' cannot be used"),
        ("[channels.phone]\nkind = 'ntfy'\ntopic = 7", "channels.phone"),
    ],
)
async def test_settings_edited_badly_are_said_and_those_before_go_on(
    scene: Scene, text: str, why: str, expect_log: Callable[[str], None]
) -> None:
    expect_log("settings.toml was edited while Capflow had changes of its own")
    before = scene.profile.settings
    write(scene.settings_file, text)
    said, stays = await scene.told()
    assert why in said
    assert (stays, scene.before, scene.profile.settings) == (True, [], before)
    assert not scene.edits.take_last()
    scene.profile.change(first_run_done=True)
    assert scene.settings_file.with_name("settings.toml.changed-1").read_text(encoding="utf-8") == text
    assert len(scene.kept) == 1


async def test_what_was_edited_last_is_taken_before_the_program_ends(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    assert scene.edits.take_last()
    scene.edit('"9988.HK"', '"5.HK"')
    assert scene.edits.take_last()
    assert scene.profile.settings.watchlist.symbols == ["700.HK", "5.HK"]
    write(scene.settings_file, scene.settings_file.read_text(encoding="utf-8") + "[window]\nsort = 'net'\n")
    assert not scene.edits.take_last()  # its own state is not saved over that


async def test_what_one_look_finds_is_said_together(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    write(scene.rules_file, "[[rule]]\ntext = '*: nex'\n")
    scene.edit('"9988.HK"', '"5.HK"')
    following = asyncio.create_task(scene.edits.follow(QuickClock()))
    said, stays = await scene.told()
    assert said.startswith("settings.toml was edited, and holds now. rules.toml was edited and is not used")
    assert stays
    following.cancel()
    await asyncio.wait({following})


async def test_what_is_saved_here_is_no_edit(scene: Scene) -> None:
    clock = QuickClock()
    for number in range(6):
        scene.profile.keep_rules([new_entry(f"*: main <= -{number + 1}M")])
        scene.profile.watch(WATCHED[: number % 2], Groups())
        await asyncio.to_thread(lambda: None)
        await clock.sleep_until(0.0)
    assert (scene.rules, scene.before, scene.kept, scene.said.qsize()) == ([], [], [], 0)


async def test_a_file_that_cannot_be_read_any_more_is_said(scene: Scene) -> None:
    scene.rules_file.unlink()
    scene.rules_file.mkdir()
    said, stays = await scene.told()
    assert "cannot be read" in said
    assert stays


async def test_what_the_window_could_not_save_is_newer_than_an_edit(
    tmp_path: Path, expect_log: Callable[[str], None]
) -> None:
    expect_log("settings are not saved")
    expect_log("settings are saved again")
    expect_log("settings.toml was edited")
    scene = Scene(tmp_path)
    with immutable(scene.settings_file):
        scene.profile.watch(WATCHED[:1], Groups())
    scene.edit('"9988.HK"', '"5.HK"')
    assert not scene.edits.take_last()
    scene.profile.save()
    assert load(scene.settings_file).settings.watchlist.symbols == ["700.HK"]
    assert len(scene.kept) == 1
