"""What a threshold would have done, out of a real archive file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from capflow_gui.alerts.rules import RuleTable
from capflow_gui.app.recorded_days import ArchivedDays
from capflow_gui.archive.schema import FILE_NAME
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import Share
from capflow_gui.errors import StorageError
from capflow_gui.ui.ports import DryRuns
from tests.unit.playback.files import keep
from tests.unit.playback.recorded import CALENDAR, TENCENT, simulated_polls


def trials(data: Path, *, simulated: bool = False) -> DryRuns:
    return ArchivedDays(data, lambda: simulated, lambda: CALENDAR, RuleTable).tried


async def test_a_threshold_is_tried_on_the_symbols_own_sessions(tmp_path: Path) -> None:
    keep(
        tmp_path,
        simulated_polls(every_s=120.0),
        simulated_polls(session=date(2022, 6, 9), every_s=120.0),
        simulated_polls(Symbol.parse("941.HK"), every_s=120.0),
    )
    tally = await trials(tmp_path)(TENCENT, -20e6)
    assert tally.symbols == {TENCENT}
    assert tally.sessions == {date(2022, 6, 8), date(2022, 6, 9)}
    assert tally.raised > 0
    assert (await trials(tmp_path)(TENCENT, Share(-0.9))).raised == 0
    assert not (await trials(tmp_path)(Symbol.parse("9988.HK"), -20e6)).sessions


async def test_nothing_is_recorded_yet_or_only_of_the_other_kind(tmp_path: Path) -> None:
    assert not (await trials(tmp_path)(TENCENT, -20e6)).sessions
    keep(tmp_path, simulated_polls(every_s=600.0))
    assert not (await trials(tmp_path, simulated=True)(TENCENT, -20e6)).sessions


async def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"no database" * 500)
    with pytest.raises(StorageError):
        await trials(tmp_path)(TENCENT, -20e6)
