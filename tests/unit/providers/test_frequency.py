from __future__ import annotations

import pytest

from capflow_gui.providers.frequency import speaks_of_frequency, window_named


@pytest.mark.parametrize("text", ["请求太频繁", "頻率過高", "调用频次超限", "请求过快", "429 Too Many Requests"])
def test_whatever_speaks_of_frequency(text: str) -> None:
    assert speaks_of_frequency(text)


@pytest.mark.parametrize("text", ["", "频道", "too many codes", "connections limitation is hit"])
def test_what_does_not(text: str) -> None:
    assert not speaks_of_frequency(text)


@pytest.mark.parametrize(
    ("text", "seconds"), [("每15秒最多5次", 15.0), ("每2分钟10次", 120.0), ("10 per 1 s", 1.0), ("too often", 7.0)]
)
def test_the_window(text: str, seconds: float) -> None:
    assert window_named(text, 7.0) == seconds
