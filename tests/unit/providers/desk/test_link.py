"""A window's link on a real bus, through everything that happens to it."""

from __future__ import annotations

import asyncio
import json
import logging
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from capflow_gui.desk.beats import Collecting, standby_of
from capflow_gui.desk.serving.certificates import AUTHORITY_FILE, ensure_certificates
from capflow_gui.domain.link import LinkFact, LinkPhase
from capflow_gui.errors import AuthFailed, ConnectFailed, SettingsError
from capflow_gui.providers.desk.channel import TAKEOVER_S, trust
from capflow_gui.providers.desk.copy import SILENCE_S
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.desk import follower, subjects
from capflow_gui.wire.desk.coding import VERSION
from capflow_gui.wire.desk.follower import Follower
from capflow_gui.wire.desk.messages import encode_beat
from tests.desk_bus import Bus, bus
from tests.desk_publisher import lines, symbols, until
from tests.integration.hurried_clock import HurriedClock
from tests.stand_ins.certificates import certificates
from tests.unit.providers.desk.linked import linked, publishing

__all__ = ["bus"]
LOG = "WARNING capflow_gui.providers.link: desk: "


async def test_what_is_there_is_here_when_the_link_is_ready(bus: Bus):
    async with publishing(bus) as publisher:
        for seed, symbol in enumerate(symbols(30)):
            await publisher.publish(symbol, lines(100, seed))
        async with linked(bus) as desk:
            await desk.provider.wait_ready(desk.provider._clock.monotonic() + 5)
            assert desk.wrong(publisher) == []
            assert desk.provider.heard_time is not None
            await publisher.grow(symbols(1)[0])
            await until(lambda: desk.wrong(publisher) == [])
            assert desk.provider.flow.follower.repairs == 0
            assert desk.provider.link.latency_s is not None


async def test_a_server_killed_again_and_again_while_it_publishes_leaves_no_wrong_figure(bus: Bus, expect_log):
    """Twenty times; every figure that the collector published is here afterwards."""
    expect_log(f"{LOG}bus_lost")
    watched = symbols(12)
    async with publishing(bus) as publisher, linked(bus) as desk:
        for seed, symbol in enumerate(watched):
            await publisher.publish(symbol, lines(20, seed))
        for kill in range(20):
            for turn in range(4):
                await publisher.grow(watched[(kill + turn) % len(watched)])
            bus.restart()
        await until(lambda: publisher.client.is_connected)
        for symbol in watched:
            await publisher.grow(symbol)
        await publisher.beat()
        await until(lambda: desk.provider.link.phase is LinkPhase.READY and desk.wrong(publisher) == [])


async def test_a_bus_that_is_gone_and_a_collector_that_is_gone_are_two_things(bus: Bus, expect_log):
    expect_log(f"{LOG}bus_lost")
    clock = HurriedClock(20.0)
    async with publishing(bus, beats=False) as publisher, linked(bus, clock=clock) as desk:
        await until(lambda: desk.provider.link.phase is LinkPhase.READY)
        began = clock.monotonic()
        await until(lambda: desk.provider.link.phase is LinkPhase.LOST)
        assert clock.monotonic() - began < SILENCE_S + 2.0
        assert desk.reasons() == ["collector_lost"]
        await publisher.beat()
        await until(lambda: desk.provider.link.phase is LinkPhase.READY)
        bus.restart()
        await until(lambda: LinkPhase.WAITING in [state.phase for state in desk.states])
        assert desk.reasons() == ["collector_lost", "bus_lost"]


async def test_a_newer_collector_is_not_called_lost(bus: Bus):
    """Two releases side by side: what an old window cannot read it says."""
    clock = HurriedClock(20.0)
    async with publishing(bus, beats=False) as publisher, linked(bus, clock=clock) as desk:
        await publisher.beat()
        await until(lambda: desk.provider.link.phase is LinkPhase.READY)
        newer = msgspec.msgpack.encode([VERSION + 1, "shard0", "what is not known"])
        await publisher.client.publish(subjects.beat("shard0"), newer)
        await until(lambda: desk.provider.link.fact(LinkFact.UPDATE_NEEDED) is not None)
        await until(lambda: desk.provider.link.phase is LinkPhase.LOST)
        assert desk.provider.link.reason == Reason.of(Code.DESK_NEWER, found=VERSION + 1, known=VERSION)
        await publisher.beat()
        await until(lambda: desk.provider.link.phase is LinkPhase.READY)
        began = clock.monotonic()
        while clock.monotonic() < began + 3 * SILENCE_S:  # in which nobody at all is heard
            await publisher.client.flush()
        await until(lambda: desk.provider.link.reason == Reason.of(Code.COLLECTOR_LOST, seconds=SILENCE_S))


async def test_a_collector_that_can_say_nothing_new_is_not_called_lost(bus: Bus):
    clock = HurriedClock(20.0)
    full = Reason.of(Code.BUS_FULL, why="insufficient resources")
    async with publishing(bus, beats=False) as publisher, linked(bus, clock=clock) as desk:
        await publisher.beat()
        await until(lambda: desk.provider.link.phase is LinkPhase.READY)
        now = Collecting("c1", 1, 0.0, 1, 0, (), (Reason.of(Code.CLOSED).to_json(), full.to_json()))

        async def wait() -> None:
            while True:
                await publisher.client.publish(subjects.beat("standby"), encode_beat(standby_of(now)))
                await clock.sleep_until(clock.monotonic() + 2.0)

        waiting = asyncio.create_task(wait())
        await until(lambda: desk.provider.link.phase is LinkPhase.LOST)
        waiting.cancel()
        await asyncio.wait({waiting})
        assert desk.provider.link.reason == Reason.of(Code.COLLECTOR_WAITS, why=full)


async def test_a_collector_that_is_stopped_says_so_and_another_may_take_over_unnoticed(bus: Bus):
    clock = HurriedClock(4.0)
    async with publishing(bus, beats=False) as publisher, linked(bus, clock=clock) as desk:
        await publisher.beat()
        await until(lambda: desk.provider.link.phase is LinkPhase.READY)
        await publisher.beat(epoch=0)
        await publisher.beat(holder="c2", epoch=7)
        began = clock.monotonic()
        await until(lambda: clock.monotonic() > began + 2 * TAKEOVER_S)
        assert (desk.provider.link.phase, desk.reasons()) == (LinkPhase.READY, [])
        await publisher.beat(epoch=0)  # of one that holds nothing any more
        await publisher.beat(holder="c2", epoch=0)
        began = clock.monotonic()
        await until(lambda: desk.provider.link.phase is LinkPhase.LOST)
        assert clock.monotonic() - began < SILENCE_S
        assert desk.reasons() == ["collector_stopped"]
        await publisher.beat(holder="c3", epoch=9)
        await until(lambda: desk.provider.link.phase is LinkPhase.READY)


async def test_a_secret_that_is_taken_away_for_a_while_may_come_back(bus: Bus, expect_log):
    """Before any was accepted it ends the program, with what to do."""
    expect_log(f"{LOG}bus_lost")
    expect_log(f"{LOG}key_file_unreadable")
    expect_log(f"{LOG}setting_unusable")
    there = True

    def secret() -> str:
        if there:
            return bus.secrets["ws01"]
        raise SettingsError("secret", Reason.of(Code.KEY_FILE_UNREADABLE, path="ws01.secret", why="gone"))

    async with publishing(bus), linked(bus, secret=secret) as desk:
        await until(lambda: desk.provider.link.phase is LinkPhase.READY)
        there = False
        bus.restart()
        await until(lambda: "key_file_unreadable" in desk.reasons())
        assert LinkPhase.FAILED not in [state.phase for state in desk.states]
        there = True
        await until(lambda: desk.provider._opening is not None)
    there = False
    async with linked(bus, secret=secret) as desk:
        await until(lambda: desk.provider.link.phase is LinkPhase.FAILED)


async def test_a_server_that_hangs_is_a_bus_that_is_gone(bus: Bus, expect_log):
    """It is said as soon as it is known: to close the connection takes a second more."""
    expect_log(f"{LOG}bus_silent")
    clock = HurriedClock(4.0)
    async with publishing(bus), linked(bus, clock=clock) as desk:
        await until(lambda: desk.provider.link.phase is LinkPhase.READY)
        client = desk.provider._opening._client
        closed: dict[LinkPhase, bool] = {}
        desk.provider.on_link(lambda link: closed.setdefault(link.phase, client.is_closed))
        with bus.frozen():
            await until(lambda: LinkPhase.WAITING in closed)
        assert closed[LinkPhase.LOST] is False
        assert closed[LinkPhase.WAITING] is True
        assert desk.reasons() == ["bus_silent"]


async def test_that_the_windows_own_account_keeps_no_stream_is_no_answer(bus: Bus, monkeypatch: pytest.MonkeyPatch):
    """It comes before the desk's: a server that takes a second for that one would be asked for ever."""
    heard: list[int] = []
    monkeypatch.setattr(Follower, "no_answer", lambda _self, number, _now: heard.append(number))
    async with publishing(bus) as publisher, linked(bus) as desk:
        await publisher.publish(symbols(1)[0], lines(3))
        await until(lambda: desk.provider.link.phase is LinkPhase.READY and desk.wrong(publisher) == [])
        assert all(each.follower.is_live for each in desk.provider.streams)
        assert heard == []


async def test_an_answer_that_nobody_waits_for_any_more_is_no_fault(bus: Bus):
    async with publishing(bus), linked(bus) as desk:
        await until(lambda: desk.provider.link.phase is LinkPhase.READY)
        client = desk.provider._opening._client
        waiting = asyncio.ensure_future(client.flush())
        while not client._pongs:
            await asyncio.sleep(0)
        client._pongs[-1].cancel()
        waiting.cancel()
        await client.flush(2)
        await client.flush(2)
        assert desk.reasons() == []


async def test_a_window_that_was_frozen_repairs(bus: Bus):
    """Nothing is read meanwhile: what the client holds is applied, or fetched."""
    async with publishing(bus) as publisher, linked(bus) as desk:
        first, second = symbols(2)
        await publisher.publish(first, lines(30))
        await publisher.publish(second, lines(30))
        await until(lambda: desk.wrong(publisher) == [] and desk.provider.link.phase is LinkPhase.READY)
        client = desk.provider._opening._client
        (number,) = (number for number, sub in client._subs.items() if sub.subject == subjects.ALL_LIVE)
        kept, client._listeners[number] = client._listeners[number], lambda _message: None
        for _ in range(20):
            await publisher.grow(first)
            await publisher.grow(second)
        client._listeners[number] = kept
        await publisher.beat()
        await publisher.grow(first)
        await until(lambda: desk.wrong(publisher) == [])
        assert desk.provider.flow.follower.repairs >= 1


async def test_a_change_of_another_state_than_is_here_is_not_applied_and_everything_is_fetched(bus: Bus):
    """As where a store was set back, and its numbers are given again: no fault that somebody has to be told of."""
    async with publishing(bus) as publisher, linked(bus) as desk:
        (first,) = symbols(2)[:1]
        await publisher.publish(first, lines(30))
        await until(lambda: desk.wrong(publisher) == [] and desk.provider.link.phase is LinkPhase.READY)
        publisher.states[first] = replace(publisher.states[first], rev=7)
        await publisher.grow(first)
        await until(lambda: desk.wrong(publisher) == [])
        assert desk.provider.flow.follower.repairs >= 1


async def test_a_stream_that_was_deleted_is_loaded_anew(bus: Bus):
    async with publishing(bus) as publisher, linked(bus) as desk:
        first, second = symbols(2)
        for symbol in (first, second):
            await publisher.publish(symbol, lines(30))
        await until(lambda: desk.provider.link.phase is LinkPhase.READY and desk.wrong(publisher) == [])
        await publisher.client.jetstream().delete_stream(subjects.FLOW_STREAM)
        await publisher.make_stream()
        publisher.states.clear()
        await publisher.publish(second, lines(50, 7))
        await until(lambda: desk.wrong(publisher) == [] and desk.provider.pushed(first) is None)


async def test_a_wrong_secret_is_said_at_once_and_not_tried_again(bus: Bus, expect_log):
    expect_log(f"{LOG}desk_refused user=ws01")
    async with linked(bus, secret=lambda: "another") as desk:
        with pytest.raises(AuthFailed):
            await desk.provider.wait_ready(desk.provider._clock.monotonic() + 5)
        assert desk.provider.link.phase is LinkPhase.FAILED


async def test_a_secret_that_came_too_late_is_no_wrong_one_and_sent_again(bus: Bus, expect_log):
    """The server waits for it only so long, and a busy computer may take longer: nobody has to do anything."""
    expect_log(f"{LOG}connected_but_silent")
    bus.kill()

    async def lose_patience(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b'INFO {"auth_required":true,"headers":true,"max_payload":1000}\r\n')
        await reader.readline()
        writer.write(b"-ERR 'Authentication Timeout'\r\n")
        writer.close()

    busy = await asyncio.start_server(lose_patience, "127.0.0.1", bus.port)
    async with linked(bus) as desk:
        await until(lambda: desk.provider.link.phase is not LinkPhase.CONNECTING)
        assert desk.provider.link.phase is LinkPhase.WAITING
        busy.close()
        await busy.wait_closed()
        bus.start()
        async with publishing(bus):
            await until(lambda: desk.provider.link.phase is LinkPhase.READY)


async def test_access_that_is_withdrawn_is_said_and_may_come_back(bus: Bus, expect_log):
    expect_log(f"{LOG}(bus_lost|desk_withdrawn) ")
    async with publishing(bus) as publisher, linked(bus, secret=lambda: "secret-of-ws01") as desk:
        await until(lambda: desk.provider.link.phase is LinkPhase.READY)
        secrets = dict(bus.secrets)
        bus.write_users({user: secret for user, secret in secrets.items() if user != "ws01"})
        bus.reload()
        await until(lambda: "desk_withdrawn" in desk.reasons())
        bus.write_users(secrets)
        bus.restart()
        await until(lambda: publisher.client.is_connected)
        await until(lambda: desk.provider.link.phase is LinkPhase.READY)


async def test_a_user_who_is_added_while_the_server_runs_is_served_once_it_has_read_its_users_twice(
    bus: Bus, expect_log, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(follower, "ANSWER_S", 0.05)
    lacks = "$JS.API.STREAM.INFO.FLOW"
    expect_log(f"{LOG}(bus_lost|desk_withdrawn) ")
    expect_log("WARNING capflow_gui.providers.desk.channel: desk: no right to .JS.API.STREAM.INFO.(FLOW|ACK|ALERT)")
    secrets = dict(bus.secrets)
    async with publishing(bus), linked(bus, secret=lambda: secrets["ws01"]) as desk:
        await until(lambda: desk.provider.link.phase is LinkPhase.READY)
        bus.write_users({user: secret for user, secret in secrets.items() if user != "ws01"})
        bus.reload()
        await until(lambda: "desk_withdrawn" in desk.reasons())
        bus.write_users(secrets)
        bus.reload()
        await until(lambda: desk.provider.link.fact(LinkFact.RIGHT_MISSING) is not None)
        told = {state.fact(LinkFact.RIGHT_MISSING) for state in desk.states} - {None}
        assert lacks in {reason.get("subject") for reason in told}
        bus.reload()
        await until(lambda: desk.provider.link.phase is LinkPhase.READY)
        await until(lambda: desk.provider.link.fact(LinkFact.RIGHT_MISSING) is None)


async def test_a_server_that_is_absent_is_said_within_the_time_of_one_attempt(bus: Bus, expect_log):
    expect_log(f"{LOG}bus_absent")
    bus.kill()
    async with linked(bus) as desk:
        await until(lambda: "bus_absent" in desk.reasons(), 3.0)
        with pytest.raises(ConnectFailed):
            await desk.provider.wait_ready(desk.provider._clock.monotonic())
        bus.start()
        async with publishing(bus):
            await until(lambda: desk.provider.link.phase is LinkPhase.READY)


async def test_the_secret_goes_to_no_server_that_does_not_encrypt(bus: Bus, tmp_path, expect_log):
    """With a file of an authority, also on this computer."""
    expect_log(f"{LOG}desk_unencrypted")
    authority, _ = certificates(tmp_path, "localhost")
    async with linked(bus, ca=authority) as desk:
        await until(lambda: "desk_unencrypted" in desk.reasons())
    assert not any("ws01" in line for line in bus.log)


async def test_a_right_that_is_missing_is_a_fact_of_the_link(bus: Bus, expect_log):
    expect_log("WARNING capflow_gui.providers.desk.channel: desk: no right to capflow.v1.interest.ws01")
    users = bus.folder / "users.conf"
    text = users.read_text(encoding="utf-8")
    users.write_text(text.replace(json.dumps(subjects.interest("ws01")), '"nothing"', 1), encoding="utf-8")
    bus.reload()
    async with publishing(bus) as publisher, linked(bus) as desk:
        await until(lambda: desk.provider.link.fact(LinkFact.RIGHT_MISSING) is not None)
        reason = desk.provider.link.fact(LinkFact.RIGHT_MISSING)
        assert reason is not None
        assert (reason.code, dict(reason.args)) == (Code.DESK_NO_RIGHT, {"subject": "capflow.v1.interest.ws01"})
        await publisher.beat()


async def test_the_secret_is_in_no_log(bus: Bus, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    async with publishing(bus), linked(bus) as desk:
        await until(lambda: desk.provider.link.phase is LinkPhase.READY)
    assert bus.secrets["ws01"] not in caplog.text


# Of the client at the end, and without harm; diagnostics leaves out this very text.
ENDED_BY_THE_CLIENT = r"WARNING asyncio: returning true from eof_received\(\) has no effect when using ssl$"


@pytest.fixture
def encrypted(tmp_path: Path) -> Iterator[Callable[[datetime], Bus]]:
    """Starts a server with a certificate of its own, made at some time."""
    started: list[Bus] = []

    def start(made: datetime) -> Bus:
        certificate = ensure_certificates(tmp_path, "127.0.0.1", made)
        started.append(Bus(tmp_path / "bus", certificate))
        started[0].start()
        return started[0]

    yield start
    for each in started:
        each.kill()


async def test_the_trusted_authorities_are_read_beside_the_loop(
    encrypted: Callable[[datetime], Bus], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expect_log
):
    """They take long on a busy computer, and many windows' time to connect passes meanwhile."""
    expect_log(ENDED_BY_THE_CLIENT)
    begun, turned = threading.Event(), threading.Event()

    def read(source: str, ca: Path | None) -> ssl.SSLContext:
        begun.set()
        assert turned.wait(2)
        return trust(source, ca)

    monkeypatch.setattr("capflow_gui.providers.desk.link.trust", read)
    bus, ca = encrypted(datetime.now(UTC)), tmp_path / AUTHORITY_FILE
    async with publishing(bus, ca=ca), linked(bus, ca=ca) as desk:
        await until(begun.is_set)
        turned.set()
        await until(lambda: desk.provider.link.phase is LinkPhase.READY)


async def test_no_authority_is_read_for_a_bus_that_does_not_encrypt(bus: Bus, monkeypatch: pytest.MonkeyPatch):
    """The system's take 50 ms of a processor, and a secret may go to this very computer as it is."""
    read = list[str]()
    monkeypatch.setattr("capflow_gui.providers.desk.link.trust", lambda *_asked: read.append("ahead"))
    monkeypatch.setattr("capflow_gui.providers.desk.client.system_trust", lambda: read.append("asked for"))
    async with publishing(bus), linked(bus) as desk:
        await until(lambda: desk.provider.link.phase is LinkPhase.READY)
    assert read == []


async def test_over_an_encrypted_connection_whoever_knows_the_authority_is_let_in(
    encrypted: Callable[[datetime], Bus], tmp_path: Path, expect_log
):
    expect_log(ENDED_BY_THE_CLIENT)
    bus = encrypted(datetime.now(UTC))
    async with linked(bus, ca=tmp_path / AUTHORITY_FILE) as desk, publishing(bus, ca=tmp_path / AUTHORITY_FILE):
        await until(lambda: desk.provider.link.phase is LinkPhase.READY)


@pytest.mark.parametrize(
    ("age_days", "code"), [(0, "desk_not_trusted"), (8000, "desk_expired"), (-2, "desk_not_yet_valid")]
)
async def test_a_certificate_that_is_unknown_or_over_is_said(
    encrypted: Callable[[datetime], Bus], tmp_path: Path, age_days: int, code: str, expect_log
):
    expect_log(f"{LOG}{code}")
    bus = encrypted(datetime.now(UTC) - timedelta(days=age_days))
    ca = tmp_path / AUTHORITY_FILE
    if code == "desk_not_trusted":
        ca, _ = certificates(tmp_path, "localhost")
    async with linked(bus, ca=ca) as desk:
        await until(lambda: code in desk.reasons())
    assert not any("ws01" in line for line in bus.log)
