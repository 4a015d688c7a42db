"""What a channel reads of the bus, and whom it trusts; its life on a real bus is in test_link."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from capflow_gui.clock import SystemClock
from capflow_gui.desk.serving.certificates import AUTHORITY_FILE, ensure_certificates
from capflow_gui.errors import SettingsError
from capflow_gui.providers.desk.channel import DeskConfig, _is_of_own_account, _live, _number, _stream_info, trust
from capflow_gui.providers.desk.provider import DeskProvider
from capflow_gui.reason import Code
from capflow_gui.wire.desk import subjects
from capflow_gui.wire.desk.follower import Live
from tests.desk_bus import Bus


def test_a_live_message_is_its_headers():
    headers = {"Nats-Sequence": "7", "Nats-Last-Sequence": "3", "Nats-Subject": "a.b", "Tail": "xyz"}
    assert _live(headers) == Live("a.b", 7, 3, "xyz")
    del headers["Tail"]
    assert _live(headers) == Live("a.b", 7, 3, None)


@pytest.mark.parametrize("missing", ["Nats-Sequence", "Nats-Last-Sequence", "Nats-Subject"])
def test_one_without_the_servers_headers_is_not_of_the_stream(missing: str):
    headers = {"Nats-Sequence": "7", "Nats-Last-Sequence": "3", "Nats-Subject": "a.b"}
    del headers[missing]
    assert _live(headers) is None
    assert _live({"Nats-Sequence": "seven", "Nats-Last-Sequence": "3", "Nats-Subject": "a.b"}) is None


def test_the_info_of_a_stream_says_when_it_was_made_and_how_far_it_is():
    info = {"created": "2026-06-08T01:30:00Z", "state": {"last_seq": 7}}
    assert _stream_info(json.dumps(info).encode()) == ("2026-06-08T01:30:00Z", 7)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"error": {"code": 404}}'])
def test_no_stream_has_no_info(data: bytes):
    assert _stream_info(data) is None


def test_what_the_windows_own_account_answers_is_told_from_the_desks():
    assert _is_of_own_account(b'{"error": {"code": 503, "err_code": 10039}}')
    for other in (b"", b"[]", b"[" * 99_999, b'{"error": 5}', b'{"error": {"code": 404, "err_code": 10059}}'):
        assert not _is_of_own_account(other)


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_file_of_authorities_that_cannot_be_used_is_named(tmp_path: Path, content: str | None):
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        trust("desk", file)
    assert caught.value.reason.code is Code.KEY_FILE_UNREADABLE


@pytest.mark.parametrize(
    ("host", "ca", "must"),
    [("127.0.0.1", None, False), ("::1", None, False), ("10.0.0.5", None, True), ("127.0.0.1", Path("x"), True)],
)
def test_only_to_this_computer_goes_a_secret_unencrypted(host: str, ca: Path | None, must: bool):
    assert DeskConfig(host, 4222, "ws01", ca).must_encrypt is must


async def test_a_certificate_that_has_expired_is_said(tmp_path: Path, expect_log: Callable[[str], None]):
    expect_log("desk: desk_expired")
    ensure_certificates(tmp_path, "127.0.0.1", datetime.now(UTC))
    bus = Bus(tmp_path / "bus", ensure_certificates(tmp_path, "192.0.2.1", datetime(2020, 1, 1, tzinfo=UTC)))
    bus.start()

    async def secret() -> str:
        return bus.secrets["ws01"]

    config = DeskConfig("127.0.0.1", bus.port, "ws01", tmp_path / AUTHORITY_FILE)
    provider = DeskProvider(config, secret, SystemClock())
    told = asyncio.Event()
    provider.on_link(lambda link: told.set() if link.reason is not None else None)
    running = asyncio.create_task(provider.run())
    try:
        await asyncio.wait_for(told.wait(), 10)
        assert provider.link.reason is not None
        assert provider.link.reason.code is Code.DESK_EXPIRED
    finally:
        running.cancel()
        await asyncio.wait({running})
        bus.kill()


@pytest.mark.parametrize(("text", "number"), [("12", 12), ("", 0), ("-1", 0), ("٣", 0), ("9" * 5000, 0), ("1e3", 0)])
def test_a_number_of_a_header_is_a_sequence_or_nothing(text: str, number: int) -> None:
    assert _number({subjects.SEQUENCE: text}, subjects.SEQUENCE) == number
    assert _number({}, subjects.SEQUENCE) == 0
