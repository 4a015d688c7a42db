"""E-mail over SMTP, by aiosmtplib."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import re
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

import aiosmtplib

from capflow_gui.delivery.http import TIMEOUT_S, Http, proxy_refused, system_words
from capflow_gui.delivery.model import Failed, Limits, Message, Result, RetryAt, Sent, SetUpWrong, Urgency
from capflow_gui.delivery.secrets import Secrets
from capflow_gui.delivery.text import cut, link_of, most, one_line, plain, title_of, utf8
from capflow_gui.delivery.tunnel import ProxyRefused, connected
from capflow_gui.errors import SettingsError
from capflow_gui.network import system_trust
from capflow_gui.reason import Code, Reason
from capflow_gui.settings.channels import MAIL_ADDRESS, MAIL_FORM, EmailSettings

_LARGEST = 100_000
# A computer's own name is nobody's business, and looking it up takes time.
_NAME = "[127.0.0.1]"
# So many mails may wait for some of their addresses.
_MOST_OWED = 100


@dataclass(frozen=True, slots=True)
class _Owed:
    """Who is still to get a mail, and how many have it."""

    to: list[str]
    got: int


class _OneMail(aiosmtplib.SMTP):
    """A connection for one mail."""

    async def rset(self, *_arguments: Any, **_options: Any) -> aiosmtplib.SMTPResponse:
        """After a refusal the library would ask for this, and wait: the connection is closed instead."""
        return aiosmtplib.SMTPResponse(aiosmtplib.SMTPStatus.completed, "")


class Mail:
    """Sends a mail to each address. Its Message-ID is the same at every retry.

    What one address refuses for now is sent again to that one alone.
    Encrypted as the settings say and never less; unencrypted only to a server of one's own network. The system's proxy
    is not taken: those of offices let no mail through.
    """

    limits = Limits(rate=0.5, burst=5, per_minute=20, largest=_LARGEST)

    def __init__(self, settings: EmailSettings, secrets: Secrets, http: Http) -> None:
        self._settings = settings
        self._password = secrets.text("password") if settings.password else ""
        for field, text in (("user", settings.user), ("password", self._password)):
            if not text.isascii():
                raise SettingsError(field, Reason.of(Code.SECRET_UNUSABLE))
        self._host = _ascii(settings.host, "host")
        self._sender = _address(settings.sender, "sender")
        self._to = [_address(each, "to") for each in settings.to]
        self._owed: dict[str, _Owed] = {}  # by Message-ID
        self._proxy = http.proxy
        self._safe = secrets.safe
        self._timeout_s = http.session.timeout.total or TIMEOUT_S
        self._trust = None if settings.security == "none" else _trust()
        if self._trust is None and self._proxy:
            raise SettingsError("security", Reason.of(Code.MAIL_UNENCRYPTED))

    async def send(self, message: Message) -> Result:
        """Send a mail; what the server does is a result."""
        mail = self._mail(message)
        try:
            async with asyncio.timeout(self._timeout_s):
                sock = await connected(self._host, self._settings.port, self._timeout_s, self._proxy)
                return await self._exchange(sock, mail)
        except TimeoutError:
            return RetryAt(0.0, Reason.of(Code.NO_ANSWER_IN_TIME, seconds=self._timeout_s))
        except (ProxyRefused, aiosmtplib.SMTPException, OSError) as error:
            return self._fault(error)

    async def close(self) -> None:
        """Nothing is held."""

    def _mail(self, message: Message) -> EmailMessage:
        domain = self._sender.domain
        mail = EmailMessage()
        mail["Subject"] = title_of(message)
        mail["From"] = self._sender
        mail["To"] = self._to
        mail["Date"] = format_datetime(datetime.fromtimestamp(message.at, UTC))
        mail["Message-ID"] = f"<{message.key}@{domain}>"
        # What is said of one alert stands together.
        mail["References"] = f"<{message.incident}@{domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        if message.urgency is Urgency.URGENT:
            mail["Importance"] = "high"
        text = cut(plain(message.text), most(_LARGEST, utf8))
        mail.set_content("\n\n".join(filter(None, (text, link_of(message)))) + "\n", cte="base64")
        return mail

    async def _exchange(self, sock: socket.socket, mail: EmailMessage) -> Result:
        """Raises aiosmtplib.SMTPException, SMTPNotSupported for a way to sign in or to encrypt, and OSError."""
        settings = self._settings
        owed = self._owed.get(mail["Message-ID"]) or _Owed([each.addr_spec for each in self._to], 0)
        if settings.security == "none" and ipaddress.ip_address(sock.getpeername()[0].partition("%")[0]).is_global:
            sock.close()
            return SetUpWrong(Reason.of(Code.MAIL_UNENCRYPTED))
        smtp = _OneMail(
            hostname=self._host,
            sock=sock,
            local_hostname=_NAME,
            timeout=None,
            use_tls=settings.security == "tls",
            start_tls=False,
            tls_context=self._trust,
        )
        try:
            await smtp.connect()
            await smtp.ehlo()
            if settings.security == "starttls":
                if not smtp.supports_extension("starttls"):
                    raise aiosmtplib.SMTPNotSupported("starttls")
                await smtp.starttls()
                await smtp.ehlo()
            if settings.user:
                if not smtp.supported_auth_methods:
                    raise aiosmtplib.SMTPNotSupported("auth")
                await smtp.login(settings.user, self._password)
            refused = await _sent(smtp, mail, owed)
            # It is sent: nothing may be waited for any more.
            if smtp.protocol is not None:
                with suppress(aiosmtplib.SMTPServerDisconnected):
                    smtp.protocol.write(b"QUIT\r\n")
        finally:
            _let_go(smtp, sock)
        return self._taken(mail["Message-ID"], owed, refused)

    def _taken(self, mail: str, owed: _Owed, refused: Mapping[str, tuple[int, str]]) -> Result:
        """What it means that a server took a mail, for all that are owed it but those that it has refused."""
        got = owed.got + len(owed.to) - len(refused)
        later = [address for address, (code, _words) in refused.items() if 400 <= code < 500]
        self._owed.pop(mail, None)
        if later:
            self._owed[mail] = _Owed(later, got)
            for oldest in list(self._owed)[:-_MOST_OWED]:
                del self._owed[oldest]
            return self._refused(aiosmtplib.SMTPRecipientRefused(*refused[later[0]], later[0]))
        return Sent(mail if got == len(self._to) else f"{got}/{len(self._to)}")

    def _fault(self, error: Exception) -> Result:
        match error:
            case ProxyRefused():
                return proxy_refused(error.status)
            case aiosmtplib.SMTPRecipientsRefused():
                return self._refused(max(error.recipients, key=lambda each: each.code))
            case aiosmtplib.SMTPResponseException():
                return self._refused(error)
            case aiosmtplib.SMTPNotSupported():
                return SetUpWrong(Reason.of(Code.MAIL_NOT_OFFERED))
            case _:
                return _no_answer(error.__cause__ if isinstance(error, aiosmtplib.SMTPConnectError) else error)

    def _refused(self, error: aiosmtplib.SMTPResponseException) -> Result:
        code, said = error.code, self._safe(error.message)
        reason = Reason.of(Code.SERVICE_SAID, message=said, number=code) if said else None
        reason = reason or Reason.of(Code.SERVICE_REFUSED, number=code)
        if 400 <= code < 500:
            return RetryAt(0.0, reason)
        if 500 <= code < 600:
            return Failed(reason) if isinstance(error, aiosmtplib.SMTPDataError) else SetUpWrong(reason)
        return RetryAt(0.0, Reason.of(Code.SERVICE_UNREADABLE))


async def _sent(smtp: aiosmtplib.SMTP, mail: EmailMessage, owed: _Owed) -> dict[str, tuple[int, str]]:
    """Send a mail; code and words for each address that is refused.

    Raises aiosmtplib.SMTPException, SMTPRecipientsRefused where nobody has the mail.
    """
    try:
        refused, _words = await smtp.send_message(mail, recipients=owed.to)
    except aiosmtplib.SMTPRecipientsRefused as error:
        if not owed.got:
            raise
        return {each.recipient: (each.code, each.message) for each in error.recipients}
    return {address: (said.code, said.message) for address, said in refused.items()}


def _let_go(smtp: aiosmtplib.SMTP, sock: socket.socket) -> None:
    """Close a connection at once: an encrypted one waits for its server to agree otherwise, for half a minute.

    The socket is the event loop's since it was given to `smtp`: the loop closes it.
    """
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
    smtp.close()


def _address(text: str, field: str) -> Address:
    """An address as a header has it. Raises SettingsError."""
    line = one_line(text)
    if not re.fullmatch(MAIL_ADDRESS, line):
        raise SettingsError(field, Reason.of(Code.WRITE_AS, form=MAIL_FORM))
    name, _, spec = line.rpartition("<")
    user, _, domain = spec.rstrip(">").partition("@")
    return Address(name.strip(' "'), user, _ascii(domain, field))


def _ascii(host: str, field: str) -> str:
    """A host's name as the network has it. Raises SettingsError."""
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        raise SettingsError(field, Reason.of(Code.NOT_A_HOST)) from None


def _trust() -> ssl.SSLContext:
    try:
        return system_trust()
    except OSError:
        file = os.environ["SSL_CERT_FILE"]
        raise SettingsError("security", Reason.of(Code.NO_CERTIFICATES, file=file)) from None


def _no_answer(error: BaseException | None) -> Result:
    broke = ssl.SSLError | ConnectionResetError | BrokenPipeError | aiosmtplib.SMTPException
    if isinstance(error, ssl.SSLCertVerificationError):
        return SetUpWrong(Reason.of(Code.SERVICE_NOT_TRUSTED))
    if isinstance(error, OSError) and not isinstance(error, broke):
        return RetryAt(0.0, Reason.of(Code.SERVICE_UNREACHABLE, why=system_words(error)))
    return RetryAt(0.0, Reason.of(Code.SERVICE_BROKE))
