"""From the settings of a channel to the channel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aiohttp

from capflow_gui.clock import Clock
from capflow_gui.delivery.channels.bark import Bark
from capflow_gui.delivery.channels.command import Command
from capflow_gui.delivery.channels.discord import Discord
from capflow_gui.delivery.channels.mail import Mail
from capflow_gui.delivery.channels.ntfy import Ntfy
from capflow_gui.delivery.channels.pagerduty import Pagerduty
from capflow_gui.delivery.channels.pushover import Pushover
from capflow_gui.delivery.channels.robots import Dingtalk, Feishu, Wecom
from capflow_gui.delivery.channels.serverchan import Serverchan
from capflow_gui.delivery.channels.slack import Slack
from capflow_gui.delivery.channels.telegram import Telegram
from capflow_gui.delivery.channels.webhook import Webhook
from capflow_gui.delivery.http import Http
from capflow_gui.delivery.model import Channel
from capflow_gui.delivery.secrets import Secrets
from capflow_gui.settings import channels as kinds

_ADAPTERS: dict[type[kinds.ChannelBase], Callable[[Any, Secrets, Http], Channel]] = {
    kinds.BarkSettings: Bark,
    kinds.CommandSettings: Command,
    kinds.DingtalkSettings: Dingtalk,
    kinds.DiscordSettings: Discord,
    kinds.EmailSettings: Mail,
    kinds.FeishuSettings: Feishu,
    kinds.NtfySettings: Ntfy,
    kinds.PagerdutySettings: Pagerduty,
    kinds.PushoverSettings: Pushover,
    kinds.ServerchanSettings: Serverchan,
    kinds.SlackSettings: Slack,
    kinds.TelegramSettings: Telegram,
    kinds.WebhookSettings: Webhook,
    kinds.WecomSettings: Wecom,
}


def open_channel(
    settings: kinds.ChannelSettings, secrets: Callable[[str], str], session: aiohttp.ClientSession, clock: Clock
) -> Channel:
    """The channel that settings describe.

    secrets  gives the secret of a field by the field's name; it is asked for the fields that are set
    session  what `delivery.http.open_session` made; the caller closes it after the channels
    clock    its wall clock stamps signatures

    Raises SettingsError, which names the field, and what `secrets` raises; neither repeats a secret.
    """
    proxy = getattr(settings, "proxy", None) or ""
    return _ADAPTERS[type(settings)](settings, Secrets(secrets), Http(session, clock, proxy))
