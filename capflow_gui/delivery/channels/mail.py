"""E-mail over SMTP, by the standard library's client in a thread: a mail takes a few exchanges and is rare."""

from __future__ import annotations

import asyncio
import os
import smtplib
import socket
import ssl
from contextlib import suppress
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from capflow_gui.delivery.http import TIMEOUT_S, Http, system_words
from capflow_gui.delivery.model import Failed, Limits, Message, Result, RetryAt, Sent, SetUpWrong, Urgency
from capflow_gui.delivery.secrets import Secrets
from capflow_gui.delivery.text import cut, link_of, most, one_line, plain, title_of, utf8
from capflow_gui.errors import SettingsError
from capflow_gui.network import system_trust
from capflow_gui.reason import Code, Reason
from capflow_gui.settings.channels import EmailSettings

_LARGEST = 100_000
# A computer's own name is nobody's business, and looking it up takes time.
_NAME = "[127.0.0.1]"


class Mail:
    """Sends a mail to each address. Its Message-ID is the same at every retry."""

    limits = Limits(rate=0.5, burst=5, per_minute=20, largest=_LARGEST)

    def __init__(self, settings: EmailSettings, secrets: Secrets, http: Http) -> None:
        self._settings = settings
        self._password = secrets.text("password") if settings.password else ""
        for field, text in (("user", settings.user), ("password", self._password)):
            if not text.isascii():
                raise SettingsError(field, Reason.of(Code.SECRET_UNUSABLE))
        self._safe = secrets.safe
        self._timeout_s = http.session.timeout.total or TIMEOUT_S
        self._trust = None if settings.security == "none" else _trust()

    async def send(self, message: Message) -> Result:
        """Send a mail; what the server does is a result."""
        smtp = self._client()
        try:
            async with asyncio.timeout(self._timeout_s):
                return await asyncio.to_thread(self._exchange, smtp, self._mail(message))
        except TimeoutError:
            return RetryAt(0.0, Reason.of(Code.NO_ANSWER_IN_TIME, seconds=self._timeout_s))
        finally:
            # The thread waits for the server no longer than anybody waits for the thread.
            if smtp.sock is not None:
                with suppress(OSError):
                    socket.socket.shutdown(smtp.sock, socket.SHUT_RDWR)

    async def close(self) -> None:
        """Nothing is held."""

    def _client(self) -> smtplib.SMTP:
        if self._settings.security == "tls":
            return smtplib.SMTP_SSL(local_hostname=_NAME, timeout=self._timeout_s, context=self._trust)
        return smtplib.SMTP(local_hostname=_NAME, timeout=self._timeout_s)

    def _mail(self, message: Message) -> EmailMessage:
        settings = self._settings
        domain = parseaddr(settings.sender)[1].rpartition("@")[2]
        mail = EmailMessage()
        mail["Subject"] = title_of(message)
        mail["From"] = one_line(settings.sender)
        mail["To"] = ", ".join(map(one_line, settings.to))
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

    def _exchange(self, smtp: smtplib.SMTP, mail: EmailMessage) -> Result:
        """In a thread."""
        settings = self._settings
        try:
            # smtplib takes the name to check a certificate for from its constructor, which connects at once.
            smtp._host = settings.host  # type: ignore[attr-defined]
            code, words = smtp.connect(settings.host, settings.port)
            if code != 220:
                raise smtplib.SMTPConnectError(code, words)
            if settings.security == "starttls":
                smtp.starttls(context=self._trust)
            if settings.user:
                smtp.login(settings.user, self._password)
            refused = smtp.send_message(mail)
            smtp.putcmd("quit")
        except smtplib.SMTPRecipientsRefused as error:
            return self._refused(*max(error.recipients.values()))
        except smtplib.SMTPResponseException as error:
            of_the_mail = isinstance(error, smtplib.SMTPDataError)
            return self._refused(error.smtp_code, error.smtp_error, of_the_mail=of_the_mail)
        except smtplib.SMTPNotSupportedError:
            return SetUpWrong(Reason.of(Code.MAIL_NOT_OFFERED))
        except OSError as error:
            return _no_answer(error)
        finally:
            smtp.close()
        taken = len(settings.to) - len(refused)
        return Sent(f"{taken}/{len(settings.to)}" if refused else mail["Message-ID"])

    def _refused(self, code: int, words: bytes | str, *, of_the_mail: bool = False) -> Result:
        said = self._safe(words.decode("utf-8", "replace") if isinstance(words, bytes) else words)
        reason = Reason.of(Code.SERVICE_SAID, message=said, number=code) if said else None
        reason = reason or Reason.of(Code.SERVICE_REFUSED, number=code)
        if 400 <= code < 500:
            return RetryAt(0.0, reason)
        if 500 <= code < 600:
            return Failed(reason) if of_the_mail else SetUpWrong(reason)
        return RetryAt(0.0, Reason.of(Code.SERVICE_UNREADABLE))


def _trust() -> ssl.SSLContext:
    try:
        return system_trust()
    except OSError:
        file = os.environ["SSL_CERT_FILE"]
        raise SettingsError("security", Reason.of(Code.NO_CERTIFICATES, file=file)) from None


def _no_answer(error: OSError) -> Result:
    match error:
        case ssl.SSLCertVerificationError():
            return SetUpWrong(Reason.of(Code.SERVICE_NOT_TRUSTED))
        case smtplib.SMTPException() | ssl.SSLError() | ConnectionResetError() | BrokenPipeError():
            return RetryAt(0.0, Reason.of(Code.SERVICE_BROKE))
        case _:
            return RetryAt(0.0, Reason.of(Code.SERVICE_UNREACHABLE, why=system_words(error)))
