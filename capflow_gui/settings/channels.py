"""The settings of channels: a `[channels.NAME]` table each, whose `kind` says which fields there are.

A secret field holds where the secret is, never the secret: `keyring`, or `env:VARIABLE`.
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

# `secret`: the field says where a secret is. `form`: how a value is written.
Secret = Annotated[str, msgspec.Meta(pattern=r"^(keyring|env:[A-Za-z_][A-Za-z0-9_]*)$", extra={"secret": True})]
# The root of a service: no name, password, query or fragment in it.
Server = Annotated[str, msgspec.Meta(pattern=r"^https?://[^\s/@?#]+(/[^\s@?#]*)?$", extra={"form": "https://HOST"})]
Proxy = Annotated[str, msgspec.Meta(pattern=r"^http://[^\s/@?#]+/?$", extra={"form": "http://HOST:PORT"})]
ProxyUser = Annotated[str, msgspec.Meta(pattern=r"^[^\s:]*$", extra={"form": "NAME"})]
_AT = r"[^\s<>@\",]+@[^\s<>@\",]+"
MAIL_ADDRESS = rf"^([^<>\r\n]*<{_AT}>|{_AT})$"
MAIL_FORM = "NAME@HOST"
MailAddress = Annotated[str, msgspec.Meta(pattern=MAIL_ADDRESS, extra={"form": MAIL_FORM})]
# Local time of this computer; the end may be on the next day.
Hours = Annotated[
    str, msgspec.Meta(pattern=r"^(([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d)?$", extra={"form": "22:00-07:00"})
]
Filled = Annotated[str, msgspec.Meta(min_length=1, extra={"form": '"…"'})]

# What Pushover takes, in seconds.
PushoverTime = Annotated[int, msgspec.Meta(ge=30, le=10_800)]


class ChannelBase(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind"):
    """What every channel has.

    quiet       hours in which only urgent messages are sent; "" for none
    per_minute  messages in 60 s, where that is to be less than the service takes
    cleared     whether it is also told when an alert is acknowledged, cleared, or can be judged again
    """

    enabled: bool = True
    quiet: Hours = ""
    per_minute: Annotated[int, msgspec.Meta(ge=1, le=600)] | None = None
    cleared: bool = False


class NetworkChannel(ChannelBase, frozen=True, kw_only=True):
    """What every channel over the network has. `proxy_user` and `proxy_password` are for a proxy that asks for them."""

    proxy: Proxy | None = None
    proxy_user: ProxyUser = ""
    proxy_password: Secret | None = None


class DesktopSettings(ChannelBase, frozen=True, kw_only=True, tag="desktop"):
    """Notifications of this computer's desktop."""


class WebhookSettings(NetworkChannel, frozen=True, kw_only=True, tag="webhook"):
    """JSON to an address, signed by the convention *Standard Webhooks* where there is a secret.

    secret  `whsec_` and base64; two of them, with a space between, while keys are changed
    """

    address: Secret
    secret: Secret | None = None


class TelegramSettings(NetworkChannel, frozen=True, kw_only=True, tag="telegram"):
    """A bot's message to a chat. `thread` is a topic of a group; `silent` makes no sound there."""

    token: Secret
    chat: Filled
    thread: int | None = None
    silent: bool = False
    server: Server = "https://api.telegram.org"


class SlackSettings(NetworkChannel, frozen=True, kw_only=True, tag="slack"):
    """An incoming webhook."""

    address: Secret


class DiscordSettings(NetworkChannel, frozen=True, kw_only=True, tag="discord"):
    """A webhook of a Discord channel."""

    address: Secret


class FeishuSettings(NetworkChannel, frozen=True, kw_only=True, tag="feishu"):
    """A custom bot of Feishu or Lark. `keyword`: what its settings demand in every message."""

    address: Secret
    secret: Secret | None = None
    keyword: str = ""


class WecomSettings(NetworkChannel, frozen=True, kw_only=True, tag="wecom"):
    """A group bot of WeCom."""

    address: Secret


class DingtalkSettings(NetworkChannel, frozen=True, kw_only=True, tag="dingtalk"):
    """A custom bot of DingTalk. `keyword`: what its settings demand in every message."""

    address: Secret
    secret: Secret | None = None
    keyword: str = ""


class NtfySettings(NetworkChannel, frozen=True, kw_only=True, tag="ntfy"):
    """A topic of ntfy: who knows its name reads it, so that the name is a secret."""

    topic: Secret
    token: Secret | None = None
    server: Server = "https://ntfy.sh"


class BarkSettings(NetworkChannel, frozen=True, kw_only=True, tag="bark"):
    """The Bark app. `key`: one device key or several, with commas between."""

    key: Secret
    sound: str = ""
    server: Server = "https://api.day.app"


class ServerchanSettings(NetworkChannel, frozen=True, kw_only=True, tag="serverchan"):
    """ServerChan. `server` None: what the key says."""

    key: Secret
    server: Server | None = None


class PushoverSettings(NetworkChannel, frozen=True, kw_only=True, tag="pushover"):
    """Pushover. `token` is the application's, `user` the user's or group's key; `device` "" is all of them.

    retry   seconds after which an urgent message rings again until it is acknowledged there; None: it rings once
    expire  seconds after which it rings no more
    """

    token: Secret
    user: Secret
    device: str = ""
    retry: PushoverTime | None = None
    expire: PushoverTime = 3600
    server: Server = "https://api.pushover.net"


class PagerdutySettings(NetworkChannel, frozen=True, kw_only=True, tag="pagerduty"):
    """Events API v2 of PagerDuty. `key` is the integration's routing key."""

    key: Secret
    cleared: bool = True
    server: Server = "https://events.pagerduty.com"


class EmailSettings(NetworkChannel, frozen=True, kw_only=True, tag="email"):
    """E-mail over SMTP.

    security  encrypted from the first byte (port 465), by STARTTLS (587), or not, to a server of one's own network
    """

    host: Filled
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 465
    security: Literal["tls", "starttls", "none"] = "tls"
    user: str = ""
    password: Secret | None = None
    sender: MailAddress
    to: Annotated[list[MailAddress], msgspec.Meta(min_length=1, extra={"form": MAIL_FORM})]


class CommandSettings(ChannelBase, frozen=True, kw_only=True, tag="command"):
    """A program that is given JSON on its standard input, never through a shell. Off until it is enabled.

    timeout  seconds until it is ended
    """

    enabled: bool = False
    command: Annotated[list[Filled], msgspec.Meta(min_length=1)]
    timeout: Annotated[float, msgspec.Meta(ge=0.1, le=15.0)] = 10.0


ChannelSettings = (
    DesktopSettings
    | WebhookSettings
    | TelegramSettings
    | SlackSettings
    | DiscordSettings
    | FeishuSettings
    | WecomSettings
    | DingtalkSettings
    | NtfySettings
    | BarkSettings
    | ServerchanSettings
    | PushoverSettings
    | PagerdutySettings
    | EmailSettings
    | CommandSettings
)
KINDS: dict[str, type[ChannelBase]] = {str(kind.__struct_config__.tag): kind for kind in get_args(ChannelSettings)}


def kind_of(settings: ChannelSettings) -> str:
    """What the settings file calls this kind."""
    return str(type(settings).__struct_config__.tag)


def marks(kind: object) -> dict[str, Any]:
    """What is marked on the type of a field, its optional ones too: `secret` and `form`."""
    if get_origin(kind) is Annotated:
        bare, *notes = get_args(kind)
        found = marks(bare)
        for note in notes:
            found |= note.extra or {}
        return found
    if get_origin(kind) in (Union, types.UnionType):
        return {name: value for part in get_args(kind) for name, value in marks(part).items()}
    return {}


def secret_fields(settings: ChannelSettings) -> Iterator[tuple[str, str]]:
    """The secret fields that are set, and where each secret is."""
    for field in msgspec.structs.fields(settings):
        place = getattr(settings, field.name)
        if "secret" in marks(field.type) and place is not None:
            yield field.name, place
