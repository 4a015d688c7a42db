"""layouts.json is never lost, and no file from elsewhere changes anything unless all of it can be read."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capflow_gui.domain.arrangement.layouts import Arrangement, Desk, Layout, Layouts
from capflow_gui.domain.arrangement.screens import Rect, Screen
from capflow_gui.errors import InvalidInput, SettingsError
from capflow_gui.file_lock import try_lock
from capflow_gui.paths import Paths
from capflow_gui.reason import Code
from capflow_gui.settings import layouts as module
from capflow_gui.settings.layouts import LayoutsFile, exported, read_exported

SCREENS = (Screen("eDP-1", Rect(0, 0, 1920, 1080), Rect(0, 30, 1920, 1050), 1.5),)
DESK: Desk = {"windows": [{"kind": "main", "place": {"rect": [1, 2, 3, 4]}, "dense": True, "selected": "700.HK"}]}
ONE = Arrangement(SCREENS, datetime(2026, 11, 30, 9, 30, tzinfo=UTC), DESK)


def own_too(desk: Desk) -> Desk:
    return desk


@pytest.fixture
def file(tmp_path: Path) -> LayoutsFile:
    return LayoutsFile(Paths.resolve(None, tmp_path / "config", tmp_path / "data"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "config").mkdir()
    return tmp_path / "config" / "layouts.json"


def codes(problems: list[Any]) -> list[Code]:
    return [problem.code for problem in problems]


def test_what_was_saved_comes_back(file: LayoutsFile) -> None:
    assert file.load().layouts == Layouts()
    saved = file.change(lambda layouts: layouts.save("Öffnung 开盘", ONE).start_with("Öffnung 开盘").use("", SCREENS))
    loaded = file.load()
    assert (loaded.layouts, loaded.problems, loaded.at_risk) == (saved, [], None)
    assert saved.layouts == (Layout("Öffnung 开盘", (ONE,)),)
    assert (saved.start, saved.used, saved.screens) == ("Öffnung 开盘", "", SCREENS)


def test_two_programs_on_one_profile_keep_each_others_layouts(file: LayoutsFile, tmp_path: Path) -> None:
    other = LayoutsFile(Paths.resolve(None, tmp_path / "config", tmp_path / "data"))
    file.load()
    other.load()
    file.change(lambda layouts: layouts.save("A", ONE))
    other.change(lambda layouts: layouts.save("B", ONE))
    assert [each.name for each in file.change(lambda layouts: layouts).layouts] == ["A", "B"]


def test_a_program_that_holds_the_file_too_long_is_named(
    file: LayoutsFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LOCK_TRIES", 2)
    file.change(lambda layouts: layouts.save("A", ONE))
    handle = os.open(tmp_path / "data" / "state" / "layouts.lock", os.O_RDWR)
    try:
        assert try_lock(handle)
        with pytest.raises(SettingsError) as caught:
            file.change(lambda layouts: layouts)
        assert caught.value.reason.code is Code.LAYOUTS_BUSY
    finally:
        os.close(handle)


def test_a_change_that_is_refused_leaves_the_file_as_it_is(file: LayoutsFile, path: Path) -> None:
    file.change(lambda layouts: layouts.save("A", ONE))
    before = path.read_bytes()
    with pytest.raises(InvalidInput):
        file.change(lambda layouts: layouts.delete("B"))
    with pytest.raises(SettingsError) as caught:
        file.change(lambda layouts: layouts.save("B", Arrangement(SCREENS, ONE.saved, {"a": "x" * (5 << 20)})))
    assert caught.value.reason.code is Code.LAYOUTS_TOO_LARGE
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "raw", [b"{", b"[" * 100_000, b"\xff\xfe", b"[]", b"{}", b'{"capflow": "layouts", "layouts": []}']
)
def test_a_damaged_file_is_set_aside_and_what_was_known_of_it_is_not_lost(
    raw: bytes, file: LayoutsFile, path: Path
) -> None:
    file.change(lambda layouts: layouts.save("A", ONE))
    path.write_bytes(raw)
    saved = file.change(lambda layouts: layouts.save("B", ONE))
    assert [each.name for each in saved.layouts] == ["A", "B"]
    assert path.with_name("layouts.json.damaged-1").read_bytes() == raw
    path.write_bytes(raw)
    loaded = file.load()
    assert (loaded.layouts, codes(loaded.problems)) == (Layouts(), [Code.LAYOUTS_DAMAGED, Code.KEPT_AS])
    assert not path.exists()


def test_one_layout_that_cannot_be_read_does_not_take_the_others_along(file: LayoutsFile, path: Path) -> None:
    file.change(lambda layouts: layouts.save("A", ONE).save("B", ONE).save("C", ONE).start_with("A").use("gone", ()))
    document = json.loads(path.read_bytes())
    document["layouts"][1]["arrangements"][0]["screens"] = "none"
    document["layouts"][2]["name"] = "a"
    raw = json.dumps(document).encode()
    path.write_bytes(raw)
    loaded = file.load()
    assert [each.name for each in loaded.layouts.layouts] == ["A"]
    assert (loaded.layouts.start, loaded.layouts.used) == ("A", "")
    assert codes(loaded.problems) == [Code.LAYOUT_DAMAGED, Code.LAYOUT_DAMAGED, Code.KEPT_AS]
    assert path.with_name("layouts.json.damaged-1").read_bytes() == path.read_bytes() == raw
    file.change(lambda layouts: layouts)
    assert file.load().problems == []


def test_a_file_of_a_newer_version_is_left_as_it_is(file: LayoutsFile, path: Path) -> None:
    raw = b'{"capflow": "layouts", "version": 2, "layouts": [{"kind": "of a later time"}]}'
    path.write_bytes(raw)
    loaded = file.load()
    assert (codes(loaded.problems), loaded.layouts) == ([Code.LAYOUTS_NEWER], Layouts())
    with pytest.raises(SettingsError) as caught:
        file.change(lambda layouts: layouts.save("A", ONE))
    assert caught.value.reason.code is Code.LAYOUTS_NEWER
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    assert path.read_bytes() == raw


def test_a_folder_that_cannot_be_written_is_said(file: LayoutsFile, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(SettingsError) as caught:
        file.change(lambda layouts: layouts.save("A", ONE))
    assert caught.value.reason.code is Code.CANNOT_BE_WRITTEN


def test_layouts_are_passed_on_without_what_is_the_users_own() -> None:
    def passed_on(desk: Desk) -> Desk:
        return {key: value for key, value in desk.items() if key != "own"}

    layout = Layout("A", (Arrangement(SCREENS, ONE.saved, {"own": 1, "windows": []}),))
    raw = exported([layout], passed_on)
    assert b"own" not in raw
    (read,) = read_exported(raw, "desk.json", passed_on)
    assert read == Layout("A", (Arrangement(SCREENS, ONE.saved, {"windows": []}),))
    (read,) = read_exported(exported([layout], own_too), "desk.json", passed_on)
    assert read.newest.desk == {"windows": []}


GOOD = exported([Layout("A", (ONE,)), Layout("B", (ONE,))], own_too)


def refused(raw: bytes) -> Code:
    with pytest.raises(SettingsError) as caught:
        read_exported(raw, "desk.json", own_too)
    return caught.value.reason.code


def desk(value: object) -> bytes:
    return GOOD.replace(b'"dense": true', b'"dense": ' + json.dumps(value).encode(), 1)


def test_a_hostile_file_is_refused_whole() -> None:
    assert len(read_exported(GOOD, "desk.json", own_too)) == 2
    assert refused(b" " * (10 << 20)) is Code.LAYOUTS_TOO_LARGE
    assert refused(b"[" * 1_000_000) is Code.NOT_LAYOUTS
    assert refused(b'{"capflow": "layouts export", "version": 1, "layouts": []}') is Code.NOT_LAYOUTS
    assert refused(b'{"capflow": "layouts export", "version": true, "layouts": []}') is Code.NOT_LAYOUTS
    assert refused(b'{"capflow": "layouts export", "version": 9, "layouts": []}') is Code.LAYOUTS_NEWER
    assert refused(GOOD.replace(b"layouts export", b"layouts")) is Code.NOT_LAYOUTS
    assert refused(GOOD.replace(b'"B"', b'"a"')) is Code.LAYOUT_NOT_TAKEN
    assert refused(GOOD.replace(b'"B"', b'"Standard"')) is Code.LAYOUT_NOT_TAKEN
    assert refused(GOOD.replace(b'"dense": true', b'"dense": Infinity')) is Code.NOT_LAYOUTS
    assert refused(GOOD.replace(b'"dense": true', b'"dense": 1e999')) is Code.LAYOUT_NOT_TAKEN
    deep: object = 1
    for _level in range(30):
        deep = [deep]
    for odd in (deep, "x" * 30_000, [0] * 30_000, 2**60, "\ud800"):
        assert refused(desk(odd)) is Code.LAYOUT_NOT_TAKEN
    assert refused(GOOD.replace(b'"desk"', b'"desks"')) is Code.LAYOUT_NOT_TAKEN


@settings(max_examples=60)
@given(st.data())
def test_a_damaged_file_gives_one_sentence_or_what_it_had(data: st.DataObject) -> None:
    raw = bytearray(GOOD)
    for _each in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(raw) - 1))
        raw[start : start + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=8))
    try:
        read = read_exported(bytes(raw), "desk.json", own_too)
    except SettingsError:
        return
    assert read_exported(exported(read, own_too), "desk.json", own_too) == read


odd_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=30)
@given(odd_values, st.sampled_from(["layouts", "name", "arrangements", "screens", "saved", "desk", "whole", "scale"]))
def test_odd_types_give_one_sentence_or_what_can_be_written_again(value: object, key: str) -> None:
    def put(document: Any) -> Any:
        if isinstance(document, dict):
            return {name: value if name == key else put(inner) for name, inner in document.items()}
        return [*map(put, document)] if isinstance(document, list) else document

    try:
        read = read_exported(json.dumps(put(json.loads(GOOD))).encode(), "desk.json", own_too)
    except SettingsError:
        return
    assert read_exported(exported(read, own_too), "desk.json", own_too) == read
