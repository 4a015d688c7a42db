"""What the commands on recorded sessions share, in this process."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Ask = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize("command", [("export", "700.HK"), ("replay", "2026-06-10"), ("check-rule", "*: net <= -1M")])
def test_a_source_that_is_not_recorded_is_a_usage_error(ask_archive: Ask, command: tuple[str, ...]) -> None:
    status, out, err = ask_archive(*command, "--source", "opnd")
    assert (status, out) == (2, "")
    assert "opend (OpenD)" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("command", [("export", "700.HK"), ("check-rule", "*: net <= -1M")])
def test_dates_in_the_wrong_order_are_said_before_anything_else(ask_archive: Ask, command: tuple[str, ...]) -> None:
    status, out, err = ask_archive(*command, "--from", "2026-06-10", "--to", "2026-06-01")
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert "the start comes after the end" in err
