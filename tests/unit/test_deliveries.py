"""Channels of the settings, put together: secrets, sessions, and the end of a program."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from capflow_gui import deliveries as deliveries_module
from capflow_gui.clock import SystemClock
from capflow_gui.credentials import no_log
from capflow_gui.deliveries import ChannelDesk, Deliveries, channels_in_use, chosen_channels
from capflow_gui.delivery import http
from capflow_gui.delivery.channels.webhook import Webhook
from capflow_gui.delivery.model import Sent, SetUpWrong
from capflow_gui.delivery.posting import Wishes
from capflow_gui.diagnostics import Redaction
from capflow_gui.domain.alert_record import AlertChange, AlertEvent, AlertRecord, AlertState
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import InvalidInput, SettingsError
from capflow_gui.present.alerts.channel_words import channel_news
from capflow_gui.reason import Code, Reason
from capflow_gui.settings import AlertSettings, Settings
from capflow_gui.settings.channels import ChannelSettings, CommandSettings, DesktopSettings, WebhookSettings
from capflow_gui.storage.alert_history import find_alerts
from tests.stand_ins.hook import hook

TEAM = WebhookSettings(address="env:TEAM_HOOK")
RECORD = AlertRecord(
    "aa11",
    "opend",
    Symbol.parse("700.HK"),
    "net <= -200M",
    AlertState.ACTIVE,
    "2022-06-08",
    1654656060,
    -2.134e8,
    -2e8,
    1654656125.5,
)
RAISED = AlertEvent(1654656125.5, AlertChange.RAISED, RECORD, 1654656060, -2.134e8, -2e8)
Make = Callable[..., Deliveries]


@pytest.fixture
def make(calendar: Calendar) -> Make:
    def deliveries(environ: dict[str, str] | None = None, **channels: ChannelSettings) -> Deliveries:
        return Deliveries(
            channels,
            calendar=calendar,
            clock=SystemClock(),
            conceal=no_log,
            environ=environ or {},
            open_backend=lambda: None,
        )

    return deliveries


async def test_an_alert_goes_from_the_log_to_the_service_before_the_end(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "capflow.db"
    with hook() as receiver:
        deliveries = make({"TEAM_HOOK": receiver.url}, team=TEAM, off=CommandSettings(command=["say"]))
        deliveries.money = lambda source, symbol: (f"{source} {symbol}", False)
        async with deliveries.running():
            log = deliveries.open_log(path, simulated=False)
            log.start(lambda _news: None)
            log.save({}, [], [RECORD], [], [RAISED])
        await asyncio.to_thread(log.close)
        ((key, body),) = receiver.received
    assert body["data"]["currency"] == f"{RECORD.source} 700.HK"
    assert (key, body["data"]["symbol"], body["data"]["value"]) == ("aa11-1", "700.HK", -2.134e8)
    # A channel that is off is told of nothing.
    (alert,) = find_alerts(path, ["aa11"])
    assert [(each.channel, each.state) for each in alert.deliveries] == [("team", "sent")]


async def test_a_rule_chooses_its_channels(calendar: Calendar, tmp_path: Path) -> None:
    deliveries = Deliveries(
        {"team": TEAM},
        calendar=calendar,
        clock=SystemClock(),
        conceal=no_log,
        wished=lambda _record: Wishes(channels=()),
    )
    async with deliveries.running():
        log = deliveries.open_log(tmp_path / "capflow.db", simulated=False)
        log.start(lambda _news: None)
        log.save({}, [], [RECORD], [], [RAISED])
    await asyncio.to_thread(log.close)
    (alert,) = find_alerts(tmp_path / "capflow.db", ["aa11"])
    assert alert.deliveries == ()


async def test_secrets_are_read_when_a_channel_is_opened_and_hidden_from_then_on(calendar: Calendar) -> None:
    redaction = Redaction()
    environ: dict[str, str] = {}
    deliveries = Deliveries({"team": TEAM}, calendar=calendar, clock=SystemClock(), conceal=redaction, environ=environ)
    with pytest.raises(SettingsError) as caught:
        await deliveries.open_channel("team")
    assert caught.value.key == "channels.team.address"
    environ["TEAM_HOOK"] = "https://hooks.example.com/T0/hush-hush"
    channel = await deliveries.open_channel("team")
    assert isinstance(channel, Webhook)
    assert "hush" not in redaction.clean(environ["TEAM_HOOK"])
    await channel.close()
    await deliveries.close()


async def test_what_takes_long_at_the_first_alert_is_done_off_the_loop_and_once(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Loading aiohttp, reading whom to trust, and opening: the loop draws the window meanwhile."""
    done: list[tuple[str, threading.Thread]] = []

    def noted(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def do(*arguments: Any) -> Any:
            done.append((name, threading.current_thread()))
            return work(*arguments)

        return do

    load = deliveries_module._load
    monkeypatch.setattr(deliveries_module, "_load", noted("load", lambda: (load()[0], noted("open", load()[1]))))
    monkeypatch.setattr(http, "system_trust", noted("trust", http.system_trust))
    deliveries = make({"TEAM_HOOK": "https://hooks.example.com/T0"}, team=TEAM, other=TEAM)
    await asyncio.gather(*map(deliveries.open_channel, ("team", "other")))
    await deliveries.close()
    assert sorted(name for name, _ in done) == ["load", "load", "open", "open", "trust"]
    assert threading.main_thread() not in {thread for _, thread in done}


async def test_a_test_says_how_it_went(make: Make) -> None:
    with hook() as receiver:
        deliveries = make({"TEAM_HOOK": receiver.url}, team=TEAM)
        assert await deliveries.test("team") == Sent()
        receiver.status = 404
        assert isinstance(await deliveries.test("team"), SetUpWrong)
        await deliveries.close()


async def test_a_file_of_certificates_that_cannot_be_read_is_a_wrong_set_up(
    make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
    deliveries = make({"TEAM_HOOK": "https://hooks.example.com/T0", "SSL_CERT_FILE": "missing.pem"}, team=TEAM)
    result = await deliveries.test("team")
    assert isinstance(result, SetUpWrong)
    assert "no_certificates file=missing.pem" in str(result.reason)
    await deliveries.close()


async def test_a_channel_that_is_added_is_sent_to_at_once(make: Make, tmp_path: Path) -> None:
    with hook() as receiver:
        deliveries = make({"TEAM_HOOK": receiver.url})
        async with deliveries.running():
            log = deliveries.open_log(tmp_path / "capflow.db", simulated=False)
            log.start(lambda _news: None)
            deliveries.use({"team": TEAM})
            log.save({}, [], [RECORD], [], [RAISED])
        await asyncio.to_thread(log.close)
        assert [key for key, _ in receiver.received] == ["aa11-1"]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no session bus")
async def test_an_alert_is_shown_by_the_desktop_until_it_waits_no_longer(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settle_tasks: Callable[[], Any]
) -> None:
    from tests.stand_ins.desktop import Bus, Notifications

    service = Notifications()
    async with Bus(service).running(tmp_path) as bus:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
        deliveries = make(desktop=DesktopSettings())
        async with deliveries.running():
            log = deliveries.open_log(tmp_path / "capflow.db", simulated=False)
            log.start(lambda _news: None)
            log.save({}, [], [RECORD], [], [RAISED])
            await deliveries.dispatcher.finish(SystemClock().monotonic() + 5.0)
            ((_, _, _, title, *_),) = service.shown.values()
            deliveries.keep_shown({"aa11"})
            deliveries.keep_shown(set())
            await settle_tasks()
        await asyncio.to_thread(log.close)
    assert title == "700.HK net ≤ −200M: −213.4M at 10:41"
    assert service.shown == {}


def test_the_settings_or_a_policy_turn_all_notifications_of_the_desktop_off() -> None:
    channels: dict[str, ChannelSettings] = {"here": DesktopSettings(), "team": TEAM}
    assert channels_in_use(Settings(channels=channels)) == channels
    off = Settings(channels=channels, alerts=AlertSettings(desktop=False))
    assert channels_in_use(off) == {"here": DesktopSettings(enabled=False), "team": TEAM}
    with pytest.raises(InvalidInput, match=Code.CHANNEL_OFF):
        chosen_channels(off, ["here"], enabled=True)


@pytest.fixture
def desk(calendar: Calendar, tmp_path: Path) -> Callable[..., ChannelDesk]:
    def opened(backend: Ring | None, environ: dict[str, str] | None = None) -> ChannelDesk:
        return ChannelDesk(
            [tmp_path / "capflow.db", tmp_path / "demo.db"],
            calendar=calendar,
            clock=SystemClock(),
            conceal=no_log,
            environ=environ or {},
            open_backend=lambda: backend,
        )

    return opened


class Ring(dict[str, str]):
    """A keyring in memory."""

    def get_password(self, _service: str, name: str) -> str | None:
        return self.get(name)

    def set_password(self, _service: str, name: str, password: str) -> None:
        self[name] = password

    def delete_password(self, _service: str, name: str) -> None:
        del self[name]


async def test_the_page_keeps_secrets_where_channels_look_for_them(desk: Callable[..., ChannelDesk]) -> None:
    ring = Ring()
    await desk(ring).keep("team", {"address": "https://hooks.example.com/T0", "secret": "x"})
    assert ring == {"channels.team.address": "https://hooks.example.com/T0", "channels.team.secret": "x"}
    await desk(ring).keep("team", {"secret": None})
    assert list(ring) == ["channels.team.address"]
    with pytest.raises(SettingsError) as caught:
        await desk(None).keep("team", {"address": "https://hooks.example.com/T0"})
    assert caught.value.suggestion == Reason.of(Code.NAME_A_VARIABLE)
    assert "T0" not in str(caught.value)


async def test_the_page_tests_a_channel_and_reads_what_was_sent(
    desk: Callable[..., ChannelDesk], make: Make, tmp_path: Path
) -> None:
    with hook() as receiver:
        environ = {"TEAM_HOOK": receiver.url}
        assert (await desk(Ring(), environ).test("team", TEAM)).sent
        deliveries = make(environ, team=TEAM)
        async with deliveries.running():
            log = deliveries.open_log(tmp_path / "capflow.db", simulated=False)
            log.start(lambda _news: None)
            log.save({}, [], [RECORD], [], [RAISED])
        await asyncio.to_thread(log.close)
    news = await desk(Ring()).news(["team", "phone"])
    assert news["team"].last.startswith("Sent ")
    assert news["team"].messages[0].startswith("700.HK net ≤ −200M: −213.4M at 10:41\nSent ")
    assert news["phone"] == channel_news([])


def test_channels_are_chosen_by_name() -> None:
    settings = Settings(channels={"team": TEAM})
    off = Settings(channels={"say": CommandSettings(command=["say"])})
    assert list(chosen_channels(off, ["say"])) == ["say"]
    with pytest.raises(InvalidInput, match=Code.CHANNEL_OFF):
        chosen_channels(off, ["say"], enabled=True)
    assert chosen_channels(settings, ["team", "team"]) == {"team": TEAM}
    for known in (settings, Settings()):
        with pytest.raises(InvalidInput) as caught:
            chosen_channels(known, ["phone"])
        assert caught.value.reason.code is Code.NO_SUCH_CHANNEL
        assert caught.value.suggestion is not None
        assert caught.value.suggestion.code is (Code.ONE_OF if known.channels else Code.SET_UP_A_CHANNEL)


@pytest.mark.parametrize(
    ("typed", "code", "told"),
    [
        ("phone-299x", Code.DID_YOU_MEAN, "phone-299"),
        ("mail", Code.CHANNELS_IN_SETTINGS, 300),
    ],
)
def test_of_many_channels_the_nearest_is_named_and_never_all(typed: str, code: Code, told: object) -> None:
    many = Settings(channels={f"phone-{number}": TEAM for number in range(300)})
    with pytest.raises(InvalidInput) as caught:
        chosen_channels(many, [typed])
    suggestion = caught.value.suggestion
    assert suggestion is not None
    assert (suggestion.code, suggestion.get("name") or suggestion.get("count")) == (code, told)
