"""The layouts of a profile, off the loop; nothing is kept by a program that only looks."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from capflow_gui.app.arrangement.shelf import KeptLayouts, open_layouts
from capflow_gui.app.request import Request
from capflow_gui.domain.arrangement.layouts import Arrangement
from capflow_gui.domain.arrangement.screens import Rect, Screen
from capflow_gui.paths import Paths

SCREENS = (Screen("A", Rect(0, 0, 800, 600), Rect(0, 0, 800, 600)),)
ONE = Arrangement(SCREENS, datetime(2026, 11, 30, tzinfo=UTC), {})


async def test_changes_are_made_one_after_the_other_and_each_knows_the_ones_before(tmp_path: Path) -> None:
    paths = Paths.resolve(None, tmp_path / "config", tmp_path / "data")
    shelf = KeptLayouts(paths, keep=True)
    names = [f"L{number}" for number in range(5)]
    made = await asyncio.gather(*(shelf.change(lambda all_, name=name: all_.save(name, ONE)) for name in names))
    assert [len(layouts.layouts) for layouts in made] == [1, 2, 3, 4, 5]
    assert [each.name for each in (await shelf.load()).layouts.layouts] == names


async def test_a_program_that_only_looks_changes_no_file(tmp_path: Path) -> None:
    paths = Paths.resolve(None, tmp_path / "config", tmp_path / "data")
    await KeptLayouts(paths, keep=True).change(lambda layouts: layouts.save("A", ONE))
    before = (paths.config / "layouts.json").read_bytes()
    looking = open_layouts(Request(self_test=True, layout="A"), paths)
    assert looking is not None
    await looking.load()
    assert (await looking.change(lambda layouts: layouts.use("A", SCREENS).delete("A"))).layouts == ()
    assert (paths.config / "layouts.json").read_bytes() == before
    assert open_layouts(Request(self_test=True), paths) is None
    assert open_layouts(Request(), paths) is not None
