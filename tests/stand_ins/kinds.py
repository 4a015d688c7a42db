"""Every kind of channel over HTTP: its stand-in, its settings, and its secrets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp

from capflow_gui.clock import Clock
from capflow_gui.delivery.http import HttpChannel
from capflow_gui.delivery.model import Change, Message, Urgency
from capflow_gui.delivery.opening import open_channel
from capflow_gui.settings import channels
from tests.stand_ins import chat, push
from tests.stand_ins.service import Service

PLACE = "keyring"


@dataclass(frozen=True)
class Kind:
    """`settings` and `secrets` are made for a service at an address; `receipt` is what the service gives."""

    service: type[Service]
    settings: Callable[[str], channels.ChannelSettings]
    secrets: Callable[[str], dict[str, str]]
    receipt: str = ""

    def open(
        self, url: str, session: aiohttp.ClientSession, clock: Clock, settings: channels.ChannelSettings | None = None
    ) -> HttpChannel:
        """The channel, by the program's own opening."""
        opened = open_channel(settings or self.settings(url), self.secrets(url).__getitem__, session, clock)
        assert isinstance(opened, HttpChannel)
        return opened


def _at(path: str, **others: str) -> Callable[[str], dict[str, str]]:
    return lambda url: {"address": f"{url}{path}", **others}


def _keys(**keys: str) -> Callable[[str], dict[str, str]]:
    return lambda _url: keys


def _there(kind: Callable[..., Any], **options: Any) -> Callable[[str], Any]:
    return lambda url: kind(server=url, **options)


KINDS = {
    "webhook": Kind(
        push.WebhookReceiver,
        lambda _url: channels.WebhookSettings(address=PLACE, secret=PLACE),
        _at(push.WEBHOOK_PATH, secret=push.WEBHOOK_SECRET),
    ),
    "telegram": Kind(
        chat.TelegramService,
        _there(channels.TelegramSettings, token=PLACE, chat="-1001234567890", thread=7, silent=True),
        _keys(token=chat.TELEGRAM_TOKEN),
        receipt="365",
    ),
    "slack": Kind(chat.SlackService, lambda _url: channels.SlackSettings(address=PLACE), _at(chat.SLACK_PATH)),
    "discord": Kind(
        chat.DiscordService,
        lambda _url: channels.DiscordSettings(address=PLACE),
        _at(chat.DISCORD_PATH),
        receipt="1190000000000000001",
    ),
    "feishu": Kind(
        chat.FeishuService,
        lambda _url: channels.FeishuSettings(address=PLACE, secret=PLACE),
        _at(chat.FEISHU_PATH, secret=chat.FEISHU_SECRET),
    ),
    "wecom": Kind(
        chat.WecomService,
        lambda _url: channels.WecomSettings(address=PLACE),
        _at(f"/cgi-bin/webhook/send?key={chat.WECOM_KEY}"),
    ),
    "dingtalk": Kind(
        chat.DingtalkService,
        lambda _url: channels.DingtalkSettings(address=PLACE, secret=PLACE),
        _at(f"/robot/send?access_token={chat.DINGTALK_TOKEN}", secret=chat.DINGTALK_SECRET),
    ),
    "ntfy": Kind(
        push.NtfyService,
        _there(channels.NtfySettings, topic=PLACE, token=PLACE),
        _keys(topic=push.NTFY_TOPIC, token=push.NTFY_TOKEN),
        receipt="hwQ2YpKdmg",
    ),
    "bark": Kind(push.BarkService, _there(channels.BarkSettings, key=PLACE, sound="alarm"), _keys(key=push.BARK_KEY)),
    "serverchan": Kind(
        push.ServerchanService,
        _there(channels.ServerchanSettings, key=PLACE),
        _keys(key=push.SERVERCHAN_KEY),
        receipt="9001",
    ),
    "pushover": Kind(
        push.PushoverService,
        _there(channels.PushoverSettings, token=PLACE, user=PLACE, device="desk"),
        _keys(token=push.PUSHOVER_TOKEN, user=push.PUSHOVER_USER),
        receipt="647d2300-702c-4b38-8b2f-d56326ae460b",
    ),
    "pagerduty": Kind(
        push.PagerdutyService,
        _there(channels.PagerdutySettings, key=PLACE),
        _keys(key=push.PAGERDUTY_KEY),
        receipt="a1b2c3",
    ),
}


def message(**changes: Any) -> Message:
    """An alert as it is raised."""
    made: dict[str, Any] = {
        "key": "a1b2c3-1",
        "title": "700.HK: net <= -200M",
        "text": "Net −212.4M HKD at 10:47, level −200M.\nLongport, session 2022-06-08, live.",
        "at": 1_654_651_800.5,
        "fields": {"symbol": "700.HK", "source": "longport:", "value": -212.4e6, "threshold": -2e8, "test": False},
        "incident": "a1b2c3",
        "kind": Change.RAISED,
        "urgency": Urgency.NORMAL,
        "link": "https://capflow.example/alerts/a1b2c3",
    }
    return Message(**{**made, **changes})
