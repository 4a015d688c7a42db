from __future__ import annotations

from pathlib import Path

import pytest

from capflow_gui.app.request import Request


@pytest.mark.parametrize(
    ("request_", "fleeting"),
    [
        (Request(), False),
        (Request(demo=True), False),
        (Request(self_test=True), True),
        (Request(demo=True, screenshot=Path("x.png")), True),
    ],
)
def test_who_only_looks_leaves_nothing_behind(request_: Request, fleeting: bool) -> None:
    assert request_.fleeting is fleeting


def test_a_profile_lies_in_its_own_folders_unless_it_is_a_named_one() -> None:
    """Else a program with folders of its own would list the profiles of whoever runs it."""
    own, main = (Path("c/profiles/p-x"), Path("d/profiles/p-x")), (Path("c"), Path("d"))
    assert Request(folders=main).main_folders == main
    assert Request(folders=own, profile="p-x", above=main).main_folders == main
    assert Request(folders=own, profile="p-x", above=(None, None)).main_folders == (None, None)
