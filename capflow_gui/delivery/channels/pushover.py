"""Pushover: notifications on a phone or a desktop."""

from __future__ import annotations

from typing import Any

from capflow_gui.delivery.http import Answer, Http, HttpChannel, Request, number
from capflow_gui.delivery.model import Failed, Limits, Message, Result, SetUpWrong, Urgency
from capflow_gui.delivery.secrets import Secrets
from capflow_gui.delivery.text import as_json, cut, link_of, most, plain, title_of
from capflow_gui.settings.channels import PushoverSettings

_LONGEST = 1024
_LONGEST_LINK = 512
# 2 is repeated on the phone until somebody acknowledges it: the user's choice alone.
_NORMAL, _HIGH, _EMERGENCY = 0, 1, 2


class Pushover(HttpChannel):
    """Posts a message, which shows the time at which it happened."""

    limits = Limits(rate=1.0, burst=5, per_minute=None, largest=_LONGEST)

    def __init__(self, settings: PushoverSettings, secrets: Secrets, http: Http) -> None:
        self._address = f"{settings.server.rstrip('/')}/1/messages.json"
        self._options: dict[str, Any] = {"token": secrets.token("token"), "user": secrets.token("user")}
        if settings.device:
            self._options["device"] = settings.device
        self._urgent: dict[str, int] = {"priority": _HIGH}
        if settings.retry is not None:
            self._urgent = {"priority": _EMERGENCY, "retry": settings.retry, "expire": settings.expire}
        super().__init__(http, secrets)

    def request(self, message: Message) -> Request:
        """The message; it may not be empty."""
        title = title_of(message)
        body = {
            **self._options,
            "title": title,
            "message": cut(plain(message.text).strip(), most(_LONGEST)) or title or "…",
            "timestamp": int(message.at),
            **(self._urgent if message.urgency is Urgency.URGENT else {"priority": _NORMAL}),
        }
        if link := link_of(message, _LONGEST_LINK):
            body["url"] = link
        return Request(self._address, as_json(body))

    def judge(self, answer: Answer) -> Result | None:
        """`status` 1 in the body is sent; in a refusal the field that is wrong has a word of its own.

        One that is repeated has a receipt besides the number of its request.
        """
        body = answer.json()
        if answer.accepted and body.get("status") == 1:
            return self.sent(body.get("receipt") or body.get("request"))
        if answer.status == 429:
            # The messages of a month are used up: until when is in epoch seconds.
            reset = number(answer.headers.get("X-Limit-App-Reset"))
            return self.later(answer, None if reset is None else reset - self.http.clock.wall())
        if "status" not in body or not (answer.accepted or answer.refused):
            return None
        errors = body.get("errors")
        reason = self.said("; ".join(map(str, errors)) if isinstance(errors, list) else "", answer.status)
        wrong = any(name in body for name in ("token", "user", "device"))
        return SetUpWrong(reason) if wrong or answer.status != 400 else Failed(reason)
