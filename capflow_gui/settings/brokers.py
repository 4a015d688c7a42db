"""The settings of connections to brokers."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from capflow_gui.marked_texts import N_
from capflow_gui.settings import checks
from capflow_gui.settings.declared import Part, Setting


class OpendSettings(msgspec.Struct, frozen=True):
    """Where OpenD listens. `rsa_key` is the path of the private key OpenD was given; `budget` is in calls per 30 s."""

    host: Annotated[
        str,
        Setting(
            N_("OpenD: host"),
            N_("Name or address of the computer OpenD runs on."),
            also=N_("futu moomoo server address ip gateway"),
            page="connection",
            check=checks.host,
        ),
    ] = "127.0.0.1"
    port: Annotated[
        int,
        msgspec.Meta(ge=1, le=65535),
        Setting(
            N_("OpenD: port"),
            N_("The port for the API in OpenD's window."),
            also=N_("futu moomoo socket"),
            page="connection",
        ),
    ] = 11111
    rsa_key: Annotated[
        str | None,
        Setting(
            N_("OpenD: RSA key file"),
            N_("Path of the private key, if OpenD was given one."),
            also=N_("futu moomoo encryption pem rsa_private_key"),
            page="connection",
            part=Part.NOTHING,
        ),
    ] = None
    budget: Annotated[
        int,
        msgspec.Meta(ge=1, le=30),
        Setting(
            N_("OpenD: requests"),
            N_("How many requests Capflow makes: fewer where other programs use the same OpenD."),
            also=N_("rate limit quota poll frequency"),
            unit=N_("in 30 s"),
        ),
    ] = 30


class DeskSettings(msgspec.Struct, frozen=True):
    """The desk whose collector polls; its secret is in the keyring. `ca` is a file of certificates in PEM form."""

    host: Annotated[
        str,
        Setting(
            N_("Desk: host"),
            N_("Name or address of the computer the desk's server runs on."),
            also=N_("server nats bus collector address ip shared"),
            page="connection",
            check=checks.host,
            part=Part.NOTHING,  # the secret goes there: no file from elsewhere says where
        ),
    ] = "127.0.0.1"
    port: Annotated[
        int,
        msgspec.Meta(ge=1, le=65535),
        Setting(
            N_("Desk: port"),
            N_("The port of the desk's server."),
            also=N_("server nats bus collector socket shared"),
            page="connection",
            part=Part.NOTHING,
        ),
    ] = 4222
    user: Annotated[
        str,
        Setting(
            N_("Desk: user"),
            N_("The name its administrator gave this window."),
            also=N_("login account name shared"),
            page="connection",
            check=checks.desk_user,
            part=Part.NOTHING,
        ),
    ] = "ws01"
    ca: Annotated[
        str | None,
        Setting(
            N_("Desk: certificate file"),
            N_("Path of the certificate to trust, if the desk made its own."),
            also=N_("tls ssl encryption authority pem shared"),
            page="connection",
            part=Part.NOTHING,
        ),
    ] = None


class DeskServerSettings(msgspec.Struct, frozen=True):
    """What `desk serve` starts. `program` is the path of a nats-server; None: one beside Capflow, or on the PATH."""

    program: Annotated[
        str | None,
        Setting(
            sentence=N_(
                "Path of the nats-server that desk serve starts; empty: the one beside Capflow, or on the PATH."
            ),
            part=Part.NOTHING,  # it is run: no file from elsewhere says what
        ),
    ] = None


class LongportSettings(msgspec.Struct, frozen=True):
    """Where Longport is; secrets are in the keyring. The addresses count where `region` is custom, or where set.

    `tcp` is HOST:PORT; `budget` is in calls per second.
    """

    region: Annotated[
        Literal["global", "mainland", "custom"],
        Setting(
            N_("Longport: region"),
            N_("Which of Longport's servers are asked."),
            also=N_("longbridge china server"),
            values={"global": N_("Global"), "mainland": N_("Mainland China"), "custom": N_("Other addresses")},
            page="connection",
            part=Part.NOTHING,  # the account's tokens go to these addresses: no file from elsewhere says where
        ),
    ] = "global"
    transport: Annotated[
        Literal["auto", "websocket", "tcp", "http"],
        Setting(
            N_("Longport: connection"),
            N_("How Longport is reached."),
            also=N_("longbridge protocol proxy firewall"),
            values={"auto": N_("Automatic"), "websocket": "WebSocket", "tcp": "TCP", "http": "HTTP"},
            page="connection",
        ),
    ] = "auto"
    http_url: Annotated[
        str | None,
        Setting(
            N_("Longport: HTTP address"),
            N_("Its address for questions."),
            also="url",
            page="connection",
            part=Part.NOTHING,
        ),
    ] = None
    ws_url: Annotated[
        str | None,
        Setting(
            N_("Longport: WebSocket address"),
            N_("Its address for quotes over WebSocket."),
            also="url",
            page="connection",
            part=Part.NOTHING,
        ),
    ] = None
    tcp: Annotated[
        str | None,
        Setting(
            N_("Longport: TCP address"),
            N_("Its address for quotes over TCP, HOST:PORT."),
            also="url",
            page="connection",
            part=Part.NOTHING,
        ),
    ] = None
    language: Annotated[
        Literal["en", "zh-CN", "zh-HK"],
        Setting(
            N_("Longport: language"),
            N_("The language of the names that Longport sends."),
            also=N_("longbridge chinese english"),
            values={"en": "English", "zh-CN": "简体中文", "zh-HK": "繁體中文"},
            page="connection",
        ),
    ] = "en"
    budget: Annotated[
        int,
        msgspec.Meta(ge=1, le=10),
        Setting(
            N_("Longport: requests"),
            N_("How many requests Capflow makes: fewer where other programs use the same account."),
            also=N_("rate limit quota poll frequency longbridge"),
            unit=N_("a second"),
        ),
    ] = 10


Connection = OpendSettings | LongportSettings | DeskSettings
