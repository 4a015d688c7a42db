from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from capflow_gui.archive import upkeep
from capflow_gui.archive.codec import decode_final, decode_states
from capflow_gui.archive.heads import Heads, Reply
from capflow_gui.archive.model import DayKey, Gap, Outage
from capflow_gui.archive.news import Pruning
from capflow_gui.archive.schema import SCHEMA
from capflow_gui.archive.upkeep import Upkeep
from capflow_gui.domain.flow import FlowSeries
from capflow_gui.domain.period import Period
from capflow_gui.domain.session import TradingDay
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import StorageError
from capflow_gui.reason import Code, Reason
from capflow_gui.settings.types import ArchiveSettings
from capflow_gui.storage.database import Database
from tests.unit.archive.recorded import KEY, facts

HOUR = 3600


class Archive:
    """A file with sessions in it, and the upkeep of it."""

    def __init__(self, path: Path) -> None:
        self.database = Database.open(path, SCHEMA, simulated=False)
        self.heads = Heads()

    def record(self, session: date, *, lines: int = 3, symbol: str = "700.HK", after: float = 0.0) -> FlowSeries:
        """Record one reply a line, the last one `after` seconds after the close; no line is confirmed."""
        key = DayKey(KEY.source, Symbol.parse(symbol), session)
        day = trading_day(session)
        sent = [
            FlowSeries(
                key.symbol,
                key.source,
                Period.INTRADAY,
                day.open + 60 * np.arange(count),
                np.random.default_rng(count).uniform(-1e6, 1e6, (6, count)),
                session=session,
                received=day.open + 60.0 * count if count < lines else day.close + after,
            )
            for count in range(1, lines + 1)
        ]
        replies = [Reply(series, series.received or 0.0, None, day, "HKD", assumed=False) for series in sent]
        assert self.heads.store(self.database, {key: replies}, []) == []
        return sent[-1]

    def keep_small(
        self,
        retention: ArchiveSettings = ArchiveSettings(),  # noqa: B008
        **keep_days: int,
    ) -> list[Pruning]:
        """Do all there is to do, and return what was told."""
        work = Upkeep(self.database, retention, self.heads.forget, keep_days)
        work.plan()
        told = []
        while work.is_pending:
            told.append(work.step())
        return [news for news in told if news is not None]

    def rows(self, question: str) -> list[tuple[object, ...]]:
        with self.database.reading() as connection:
            return connection.execute(question).fetchall()

    def sessions(self, table: str) -> list[object]:
        found = self.rows(f"SELECT session FROM day WHERE EXISTS (SELECT 1 FROM {table} WHERE {table}.day = day.id)")  # noqa: S608
        return sorted(str(session) for (session,) in found)


def trading_day(session: date) -> TradingDay:
    open_at = int(datetime(session.year, session.month, session.day, 1, 30, tzinfo=UTC).timestamp())
    return TradingDay(Market.HK, session, "Asia/Hong_Kong", ((open_at, open_at + 5 * HOUR),))


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    found = Archive(tmp_path / "archive.db")
    yield found
    found.database.close()


def days(count: int, last: date = KEY.session) -> list[date]:
    return [last - timedelta(days=back) for back in reversed(range(count))]


def test_a_session_that_is_over_becomes_one_journal_and_its_final_lines(archive: Archive) -> None:
    before, last = days(2)
    whole = archive.record(before, lines=5)
    archive.record(last, after=-HOUR)
    assert archive.keep_small() == []
    (row,) = archive.rows(
        "SELECT final.body, journal.body, compacted, open FROM final JOIN journal USING (day) JOIN day ON id = day"
    )
    final, journal, compacted, is_open = row
    assert isinstance(final, bytes)
    assert isinstance(journal, bytes)
    assert facts(decode_final(KEY._replace(session=before), final).series) == facts(whole)
    assert len(decode_states(journal)) == 4
    assert (compacted, is_open) == (5, 0)
    assert archive.rows("SELECT day, number FROM state") == [(1, 5), (2, 1), (2, 2), (2, 3)]


@pytest.mark.parametrize(("after", "compacted"), [(-HOUR, []), (HOUR - 1, []), (HOUR, [KEY.session.isoformat()])])
def test_the_newest_session_is_over_when_the_source_says_it_closed_long_ago(
    archive: Archive, after: float, compacted: list[str]
) -> None:
    archive.record(KEY.session, after=after)
    archive.keep_small()
    assert archive.sessions("final") == compacted


def test_it_says_how_much_is_left(archive: Archive) -> None:
    for session in days(3):
        archive.record(session, after=HOUR)
    work = Upkeep(archive.database, ArchiveSettings(), archive.heads.forget, {})
    work.plan()
    left = [work.left]
    while work.is_pending:
        work.step()
        left.append(work.left)
    assert left[0] == 3
    assert left == sorted(left, reverse=True)
    assert left[-1] == 0


def test_another_market_tells_the_time_too(archive: Archive) -> None:
    archive.record(KEY.session, after=60.0)
    archive.record(KEY.session, symbol="AAPL.US", after=10 * HOUR)
    archive.keep_small()
    assert len(archive.sessions("final")) == 2


def test_what_is_recorded_while_a_session_is_compacted_is_not_lost(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.record(KEY.session, lines=3, after=HOUR)
    real = upkeep.encode_final

    def recorded_meanwhile(*arguments: object) -> bytes:
        monkeypatch.undo()
        archive.record(KEY.session, lines=4, after=2 * HOUR)
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(upkeep, "encode_final", recorded_meanwhile)
    archive.keep_small()
    assert archive.sessions("final") == []
    archive.keep_small()
    assert archive.rows("SELECT compacted FROM day WHERE NOT open") == [(4,)]


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_a_session_is_compacted_in_steps_and_what_is_recorded_between_any_two_is_not_lost(
    archive: Archive, steps: int
) -> None:
    archive.record(KEY.session, lines=3, after=HOUR)
    work = Upkeep(archive.database, ArchiveSettings(), archive.heads.forget)
    work.plan()
    for _ in range(steps):
        assert work.step() is None
        assert work.is_pending
    archive.record(KEY.session, lines=4, after=2 * HOUR)
    while work.is_pending:
        work.step()
    assert archive.sessions("final") == []
    archive.keep_small()
    assert archive.rows("SELECT compacted FROM day WHERE NOT open") == [(4,)]


def test_a_compaction_that_failed_is_begun_again(archive: Archive) -> None:
    archive.record(KEY.session, after=HOUR)
    work = Upkeep(archive.database, ArchiveSettings(), archive.heads.forget)
    work.plan()
    for _ in range(3):
        work.step()
    archive.database._connection.execute("PRAGMA query_only = 1")
    with pytest.raises(StorageError):
        work.step()
    archive.database._connection.execute("PRAGMA query_only = 0")
    while work.is_pending:
        work.step()
    assert archive.sessions("final") == [KEY.session.isoformat()]


def test_a_damaged_session_is_left_as_it_is_and_the_others_are_compacted(archive: Archive) -> None:
    for session in days(3):
        archive.record(session)
    with archive.database.transaction() as connection:
        connection.execute("UPDATE state SET body = zeroblob(length(body)) WHERE day = 1 AND number = 2")
        connection.execute("UPDATE day SET periods = 'damaged' WHERE id = 2")
    archive.record(KEY.session + timedelta(days=1))
    archive.keep_small()
    assert archive.sessions("final") == ["2022-06-08"]
    assert len(archive.rows("SELECT 1 FROM state WHERE day = 1")) == 3


@pytest.mark.parametrize("session", ["[[1,2]]", "", b"2022"])
def test_a_session_whose_date_is_damaged_stops_no_upkeep(archive: Archive, session: str | bytes) -> None:
    for each in days(4):
        archive.record(each)
    archive.keep_small()
    with archive.database.transaction() as connection:
        connection.execute("UPDATE day SET session = ? WHERE id = 4", (session,))
        connection.execute("UPDATE day SET last_received = 'x' WHERE id = 3")
    archive.keep_small(ArchiveSettings(journal_sessions=1, final_days=1))
    assert days(4)[0].isoformat() not in archive.sessions("final")


def test_states_are_kept_for_some_sessions_and_final_lines_for_some_days(archive: Archive) -> None:
    for session in days(9):
        archive.record(session)
    long_ago = KEY.session - timedelta(days=30)
    archive.record(long_ago)
    archive.record(long_ago + timedelta(days=1))
    archive.heads.store(
        archive.database, {}, [Gap("opend", 0.0, 1.0), Gap("opend", trading_day(long_ago).open + 5e4, 2e9)]
    )
    kept = ArchiveSettings(journal_sessions=3, final_days=30)
    archive.keep_small()
    told = archive.keep_small(kept)
    assert told[-1] == Pruning(8, 8)
    assert archive.sessions("final") == ["2022-05-10", *(each.isoformat() for each in days(8, days(2)[0]))]
    assert archive.sessions("journal") == [each.isoformat() for each in days(3)][:2]
    assert archive.rows("SELECT count(*) FROM day") == [(10,)]
    assert archive.rows("SELECT start FROM gap") == [(trading_day(long_ago).open + 5e4,)]
    assert archive.keep_small(kept) == []


def test_sessions_of_a_broker_are_kept_for_as_long_as_it_allows_and_no_longer(archive: Archive) -> None:
    for session in days(9):
        archive.record(session)
    kept = ArchiveSettings(journal_sessions=3, final_days=30)
    archive.keep_small(kept)
    archive.keep_small(kept, longport=1)
    assert len(archive.sessions("final")) == 8
    archive.keep_small(kept, opend=(days(9)[-1] - days(9)[-4]).days + 1, longport=1)
    assert archive.rows("SELECT session FROM day ORDER BY session") == [(each.isoformat(),) for each in days(9)[-4:]]
    # It makes nothing longer.
    archive.keep_small(ArchiveSettings(journal_sessions=3, final_days=1), opend=365)
    assert archive.rows("SELECT count(*) FROM day") == [(1,)]


def test_the_sessions_that_run_are_not_read_anew_where_old_ones_are_removed(archive: Archive) -> None:
    sessions = days(4)
    for session in sessions:
        archive.record(session)
    archive.keep_small()
    forgotten: list[DayKey] = []
    work = Upkeep(archive.database, ArchiveSettings(journal_sessions=2, final_days=3), forgotten.extend)
    work.plan()
    while work.is_pending:
        work.step()
    assert sessions[0] in {key.session for key in forgotten}
    assert sessions[-1] not in {key.session for key in forgotten}


def test_what_is_to_be_removed_goes_first_and_is_not_compacted(archive: Archive) -> None:
    sessions = days(4)
    for session in sessions:
        archive.record(session)
    work = Upkeep(archive.database, ArchiveSettings(journal_sessions=9, final_days=2), lambda _keys: None)
    work.plan()
    work.step()
    assert archive.rows("SELECT count(*) FROM final") == [(0,)]
    left = archive.rows("SELECT session FROM day ORDER BY session")
    assert left == [(each.isoformat(),) for each in sorted(sessions)[-len(left) :]]
    assert len(left) < len(sessions)
    while work.is_pending:
        work.step()
    assert archive.sessions("final") == [session for (session,) in left[:-1]]


def test_a_session_of_a_time_to_come_makes_nothing_old(archive: Archive) -> None:
    today = datetime.now(UTC).date()
    for session in (*days(3, today), date(2099, 1, 1), date(2099, 1, 2)):
        archive.record(session)
    archive.keep_small()
    archive.keep_small(ArchiveSettings(journal_sessions=3, final_days=1))
    assert len(archive.rows("SELECT 1 FROM day")) == 3


def test_sessions_of_a_time_to_come_alone_are_all_kept(archive: Archive) -> None:
    archive.record(date(2098, 1, 1))
    archive.record(date(2099, 1, 1))
    archive.keep_small()
    archive.keep_small(ArchiveSettings(journal_sessions=1, final_days=1))
    assert archive.sessions("journal") == ["2098-01-01"]


@pytest.mark.long
def test_room_is_given_back_in_steps_and_it_is_told_how_far_it_is(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "_MOST_FREE_PAGES", 10)
    monkeypatch.setattr(upkeep, "_PAGES_A_STEP", 50)
    for session in days(40):
        archive.record(session, lines=60)
    archive.keep_small()
    ((before,),) = archive.rows("PRAGMA page_count")
    told = archive.keep_small(ArchiveSettings(journal_sessions=1, final_days=2))
    ((after,),) = archive.rows("PRAGMA page_count")
    assert isinstance(before, int)
    assert isinstance(after, int)
    assert after < before / 4
    done = [each.done for each in told]
    assert done == sorted(done)
    assert told[0] == Pruning(10, told[0].total)
    assert [each for each in told if each.done == each.total] == told[-1:]
    assert archive.rows("PRAGMA integrity_check") == [("ok",)]


def test_gaps_and_outages_before_the_oldest_session_that_is_kept_are_removed(archive: Archive) -> None:
    old, last = days(5)[0], KEY.session
    archive.record(old)
    archive.record(last)
    start = trading_day(old).open + 600.0  # inside the session that is removed
    why = Reason.of(Code.NO_ANSWER)
    outages = [Outage("opend", KEY.symbol, at, None, why) for at in (start, trading_day(KEY.session).open + 600.0)]
    archive.heads.store(archive.database, {}, [Gap("opend", start, start + 60.0), Gap("opend", 1.0, 2e9)], outages)
    archive.keep_small(ArchiveSettings(final_days=2))
    assert archive.rows("SELECT start FROM outage") == [(outages[1].start,)]
    assert archive.rows("SELECT start, end FROM gap") == [(1.0, 2e9)]


def test_an_archive_without_a_session_has_nothing_to_do(archive: Archive) -> None:
    assert archive.keep_small() == []
