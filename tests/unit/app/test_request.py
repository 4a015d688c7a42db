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
