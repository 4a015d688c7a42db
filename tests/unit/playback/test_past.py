from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from capflow_gui.alerts.past import NO_PAST, PastKey
from capflow_gui.archive.model import DayKey
from capflow_gui.archive.reader import open_archive
from capflow_gui.archive.schema import FILE_NAME
from capflow_gui.domain.alert import parse_rule
from capflow_gui.errors import StorageError
from capflow_gui.playback.past import RecordedChanges, read_past, usual_of_days
from tests.unit.playback.files import keep
from tests.unit.playback.recorded import TENCENT
from tests.unit.playback.test_trial import days_of, falling

SESSIONS = days_of(date(2022, 6, 8), 4)
RULE = parse_rule("*: net change 5m unusual 3 floor 5M")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three sessions at one source, and one at another."""
    folder = tmp_path_factory.mktemp("data")
    keep(folder, *(falling(each) for each in SESSIONS[:3]), falling(SESSIONS[0], source="longport"))
    return folder


def test_only_sessions_before_the_one_that_is_judged_count_and_each_is_read_once(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_archive(data) as archive:
        read, lines = list[object](), archive.lines
        monkeypatch.setattr(archive, "lines", lambda *asked: read.append(asked[2:]) or lines(*asked))
        changes = RecordedChanges(archive, "net", 5)
        found = [changes.before(DayKey("opend", TENCENT, each)) for each in SESSIONS]
        assert [len(each) for each in found] == [0, 1, 2, 3]
        assert read == [(each, each) for each in SESSIONS[:3]]
        assert len(RecordedChanges(archive, "net", 5).before(DayKey("longport", TENCENT, SESSIONS[3]))) == 1
    # A million a minute, every session.
    assert np.isnan(found[3].deviations(np.array([100]), np.array([-5e6]))).all()
    assert len(found[3]) == len(SESSIONS) - 1


def test_what_a_rule_is_judged_by_is_read_out_of_a_profile(data: Path, tmp_path: Path) -> None:
    key = PastKey("opend", TENCENT, SESSIONS[2], "net", 5)
    assert len(read_past(data, key).usual) == 2
    assert read_past(data, key._replace(simulated=True)) is NO_PAST  # nothing of a simulator is in it
    assert read_past(tmp_path, key) is NO_PAST
    (tmp_path / FILE_NAME).write_bytes(b"no archive" * 100)
    with pytest.raises(StorageError):
        read_past(tmp_path, key)


def test_what_was_known_of_prices_in_a_session_is_read_out_of_a_profile(data: Path) -> None:
    key = PastKey("opend", TENCENT, SESSIONS[2])
    day = falling(SESSIONS[2])[0]
    then = read_past(data, key).then
    assert set(then) == set(day.labels().tolist())
    known = then[day.label(50)]
    assert known is not None
    assert (known.amount, known.price) == (1e9, None)
    assert read_past(data, key._replace(session=SESSIONS[3])) is NO_PAST


def test_of_days_that_are_played_only_what_their_rules_need_is_read(data: Path) -> None:
    days = [DayKey("opend", TENCENT, each) for each in SESSIONS[1:3]]
    with open_archive(data) as archive:
        assert usual_of_days(archive, days, [parse_rule("*: net change 5m <= -1M")]) == {}
        found = usual_of_days(archive, days, [RULE, parse_rule("*: net <= -1M")])
    assert {key.session: len(each) for key, each in found.items()} == {SESSIONS[1]: 1, SESSIONS[2]: 2}
