from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter
from pathlib import Path

from nats.aio.msg import Msg

from capflow_gui.desk.serving.configuration import Certificate, server_text, users_text
from capflow_gui.desk.streams import all_stored, set_up
from capflow_gui.domain.symbol import Symbol
from capflow_gui.wire.desk import subjects
from tests.desk_bus import WITHIN_S, Bus, client_of


def test_a_window_may_do_what_a_window_does_and_nothing_else() -> None:
    (line,) = (line for line in users_text({"collector": "a", "ws01": 'q"uote'}).splitlines() if '"ws01"' in line)
    assert '"capflow.v1.interest.ws01"' in line
    assert '"capflow.v1.ack.ws01.>"' in line
    assert json.dumps('q"uote') in line
    for never in ("CONSUMER", "capflow.v1.flow", "$KV", '"$JS.API.>"', "_INBOX_collector", '"capflow.v1.live.ask"'):
        assert never not in line


def test_the_server_keeps_all_it_acknowledged_and_encrypts() -> None:
    files = Certificate(Path("server.pem"), Path("server.key"))
    text = server_text("192.0.2.7", 4222, store=Path("C:\\store"), certificate=files)
    assert 'listen: "192.0.2.7:4222"' in text
    assert 'store_dir: "C:\\\\store"' in text
    assert "sync_interval: always" in text
    assert 'tls { cert_file: "server.pem", key_file: "server.key", timeout: 5 }' in text


def test_a_server_takes_it_and_keeps_its_port_over_a_restart(bus: Bus) -> None:
    said = [line for line in bus.log if "[WRN]" in line or "[ERR]" in line]
    # The secrets are random and as long as a key: bcrypt would only make fifty windows wait for a minute.
    assert len(said) == 1
    assert "Plaintext passwords" in said[0]
    port = bus.port
    bus.restart()
    assert bus.port == port


async def test_what_a_window_is_answered_reaches_nobody_else_whatever_subject_it_names(bus: Bus) -> None:
    """The server asks for no right to the subject of an answer: it could store, delete, and speak to windows."""
    named = [
        subjects.flow("opend", Symbol.parse("700.HK")),
        "$KV.LEASE.shard0",
        subjects.ack("ws02", "aa11"),
        subjects.beat("shard0"),
        "capflow.v1.live.flow.opend.HK.700",
        "_INBOX_ws02.x",
        "$JS.API.STREAM.PURGE.FLOW",
        "$JS.API.STREAM.DELETE.FLOW",
    ]
    heard: list[str] = []

    async def hear(message: Msg) -> None:
        heard.append(message.subject)

    async with client_of(bus, "collector") as collector, client_of(bus, "ws01") as window:
        js = collector.jetstream()
        await set_up(js, 60.0)
        await js.publish(named[0], b"true")
        await js.publish(named[1], b"me")
        async with client_of(bus, "ws02") as other:
            for subject in (subjects.ALL_LIVE, "_INBOX_ws02.>"):
                await other.subscribe(subject, cb=hear)
            await other.flush()
            batch = json.dumps({"seq": 1, "next_by_subj": "capflow.v1.>", "batch": 1}).encode()
            for subject in named:
                await window.publish(subjects.ack("ws01", "aa11"), b"a forged state", reply=subject)
                for stream in ("ACK", "FLOW"):
                    await window.publish(f"$JS.API.DIRECT.GET.{stream}", batch, reply=subject)
            await window.flush()
            async with asyncio.timeout(WITHIN_S):
                while (await js.stream_info("ACK")).state.last_seq < len(named):
                    await asyncio.sleep(0)
            await js.publish(subjects.flow("opend", Symbol.parse("5.HK")), b"last")
            with contextlib.suppress(TimeoutError):  # what was heard until then is told below
                async with asyncio.timeout(WITHIN_S):
                    while len(heard) < len(named) + 1:
                        await other.flush()
        assert Counter(heard) == {
            "capflow.v1.live.ack.ws01.aa11": len(named),
            "capflow.v1.live.flow.opend.HK.5": 1,
        }
        found = {name: (await js.stream_info(name)).state for name in ("FLOW", "KV_LEASE", "ACK")}
        assert [(state.last_seq, state.messages) for state in found.values()] == [(2, 2), (1, 1), (len(named), 1)]


async def test_a_window_can_do_nothing_that_is_not_a_windows(bus: Bus) -> None:
    async with client_of(bus, "collector") as collector:
        js = collector.jetstream()
        await set_up(js, 4.0)
        await js.publish(subjects.flow("opend", Symbol.parse("700.HK")), b"true", headers={})
        heard: list[str] = []

        async def hear(message: Msg) -> None:
            heard.append(message.subject)

        await collector.subscribe(subjects.ALL_INTERESTS, cb=hear)
        await collector.flush()
        errors: list[Exception] = []
        async with client_of(bus, "ws01", errors) as window:
            await window.subscribe("_INBOX_ws02.>")
            await window.subscribe("_INBOX_collector.>")
            await window.subscribe("capflow.v1.flow.>")
            consumer = b'{"stream_name":"FLOW","config":{"deliver_subject":"capflow.v1.live.beat.shard0"}}'
            refused = {
                subjects.flow("opend", Symbol.parse("700.HK")): b"forged",
                "capflow.v1.live.flow.opend.HK.700": b"forged",
                subjects.beat("shard0"): b"forged",
                subjects.alert("aa11"): b"forged",
                subjects.ack("ws02", "aa11"): b"forged",
                subjects.interest("ws02"): b"forged",
                "$KV.LEASE.shard0": b"forged",
                "_INBOX_collector.x": b"forged",
                "$JS.API.CONSUMER.CREATE.FLOW": consumer,
                "$JS.API.STREAM.DELETE.FLOW": b"",
                "$JS.API.STREAM.PURGE.FLOW": b"",
                "$JS.API.STREAM.UPDATE.FLOW": b"{}",
                "$JS.API.STREAM.MSG.DELETE.FLOW": b'{"seq":1}',
                "$JS.API.STREAM.CREATE.MINE": b"{}",
                "$JS.API.STREAM.NAMES": b"",
            }
            for subject, payload in refused.items():
                await window.publish(subject, payload)
            await window.publish(subjects.interest("ws01"), b"mine")
            await window.flush()
            # What a window needs works on the same connection.
            found = await all_stored(window, subjects.FLOW_STREAM, subjects.ALL_FLOW)
            assert [each.payload for each in found] == [b"true"]
        assert len(errors) == len(refused) + 3
        await collector.flush()
        assert heard == [subjects.interest("ws01")]
        assert (await js.stream_info("FLOW")).state.messages == 1
