"""Flags are kept in 16 bits, and every one has its consequence."""

from __future__ import annotations

from capflow_gui.domain.flag import HARMLESS, IMPOSSIBLE, STRUCTURAL, Flag


def test_flags_fit_where_lines_keep_them() -> None:
    assert int(Flag(sum(Flag))) < 1 << 16
    assert len({int(flag) for flag in Flag}) == len(Flag)


def test_no_flag_is_harmless_and_a_fault_at_once() -> None:
    assert not HARMLESS & (STRUCTURAL | IMPOSSIBLE)
    assert not STRUCTURAL & IMPOSSIBLE
