"""Telegram: a bot's message to a chat."""

from __future__ import annotations

from typing import Any

from capflow_gui.delivery.http import Answer, Http, HttpChannel, Request
from capflow_gui.delivery.model import Failed, Limits, Message, Result, SetUpWrong
from capflow_gui.delivery.secrets import Secrets
from capflow_gui.delivery.text import as_json, most, whole
from capflow_gui.settings.channels import TelegramSettings

_LONGEST = 4096
# What a 400 says of the message; else it is about the chat.
_OF_THE_MESSAGE = ("message is too long", "message text is empty", "can't parse entities")


class Telegram(HttpChannel):
    """Posts to sendMessage, as plain text: nothing of a message is read as markup."""

    def __init__(self, settings: TelegramSettings, secrets: Secrets, http: Http) -> None:
        self._address = f"{settings.server.rstrip('/')}/bot{secrets.token('token')}/sendMessage"
        self._options: dict[str, Any] = {"chat_id": settings.chat, "link_preview_options": {"is_disabled": True}}
        if settings.thread is not None:
            self._options["message_thread_id"] = settings.thread
        if settings.silent:
            self._options["disable_notification"] = True
        # The number of a group is below zero, the name of one begins with @.
        group = settings.chat.startswith(("-", "@"))
        self.limits = Limits(rate=1.0, burst=3, per_minute=20 if group else None, largest=_LONGEST)
        super().__init__(http, secrets)

    def request(self, message: Message) -> Request:
        """The message as text."""
        return Request(self._address, as_json({**self._options, "text": whole(message, most(_LONGEST))}))

    def judge(self, answer: Answer) -> Result | None:
        """`ok` in the body decides."""
        body = answer.json()
        if body.get("ok") is True and isinstance(body.get("result"), dict):
            return self.sent(body["result"].get("message_id"))
        if body.get("ok") is not False or answer.status >= 500:
            return None
        said = body.get("description")
        match body.get("error_code"):
            case 429:
                extra = body.get("parameters")
                return self.later(answer, extra.get("retry_after") if isinstance(extra, dict) else None)
            case 400 if any(words in str(said) for words in _OF_THE_MESSAGE):
                return Failed(self.said(said, 400))
            case int(code) if 400 <= code < 500:
                return SetUpWrong(self.said(said, code))
            case code:
                return Failed(self.said(said, code))
