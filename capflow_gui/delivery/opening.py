"""From the settings of a channel to the channel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aiohttp
from yarl import URL

from capflow_gui.clock import Clock
from capflow_gui.delivery.channels.bark import Bark
from capflow_gui.delivery.channels.command import Command
from capflow_gui.delivery.channels.discord import Discord
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
from capflow_gui.errors import SettingsError
from capflow_gui.reason import Code, Reason
from capflow_gui.settings import channels as kinds


def _mail(settings: kinds.EmailSettings, secrets: Secrets, http: Http) -> Channel:
    from capflow_gui.delivery.channels.mail import Mail  # noqa: PLC0415 - loads aiosmtplib and the e-mail package

    return Mail(settings, secrets, http)


_ADAPTERS: dict[type[kinds.ChannelBase], Callable[[Any, Secrets, Http], Channel]] = {
    kinds.BarkSettings: Bark,
    kinds.CommandSettings: Command,
    kinds.DingtalkSettings: Dingtalk,
    kinds.DiscordSettings: Discord,
    kinds.EmailSettings: _mail,
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
    """The channel that settings describe. To be called off the loop: it may load a library, or whom to trust.

    secrets  gives the secret of a field by the field's name; it is asked for the fields that are set
    session  what `delivery.http.open_session` made; the caller closes it after the channels
    clock    its wall clock stamps signatures

    Raises SettingsError, which names the field, and what `secrets` raises; neither repeats a secret.
    """
    asked = Secrets(secrets)
    proxy = _proxy(settings, asked) if isinstance(settings, kinds.NetworkChannel) else ""
    return _ADAPTERS[type(settings)](settings, asked, Http(session, clock, proxy))


def _proxy(settings: kinds.NetworkChannel, secrets: Secrets) -> str:
    """The address of a channel's own proxy, with what it asks for; "" for none. Raises SettingsError."""
    password = secrets.text("proxy_password") if settings.proxy_password else ""
    if not (settings.proxy and settings.proxy_user):
        return settings.proxy or ""
    for field, text in (("proxy_user", settings.proxy_user), ("proxy_password", password)):
        if not text.isascii():
            raise SettingsError(field, Reason.of(Code.SECRET_UNUSABLE))
    return str(URL(settings.proxy).with_user(settings.proxy_user).with_password(password))
