"""Discord: a webhook of a channel."""

from __future__ import annotations

from yarl import URL

from capflow_gui.delivery.http import Answer, Http, HttpChannel, Request, number, wait_s
from capflow_gui.delivery.model import Failed, Limits, Message, Result, RetryAt, SetUpWrong
from capflow_gui.delivery.secrets import Secrets
from capflow_gui.delivery.text import as_json, most, whole, without_markdown
from capflow_gui.reason import Code, Reason
from capflow_gui.settings.channels import DiscordSettings

_LONGEST = 2000


class Discord(HttpChannel):
    """Posts text, and waits for the answer that it is saved. Nobody is mentioned by what a text happens to hold.

    How fast it may be is what the answers say. Nothing is sent before the time they name: too many refusals, and
    Discord bars this computer's address.
    """

    limits = Limits(rate=0.5, burst=5, per_minute=30, largest=_LONGEST)

    def __init__(self, _settings: DiscordSettings, secrets: Secrets, http: Http) -> None:
        # What the address asks for beside it, a thread for one, stays.
        self._address = str(URL(secrets.address("address")).update_query(wait="true"))
        self._free_at = 0.0
        super().__init__(http, secrets)

    async def send(self, message: Message) -> Result:
        """Send a message, unless Discord has asked to wait."""
        wait = self._free_at - self.http.clock.monotonic()
        if wait > 0:
            return RetryAt(wait, Reason.of(Code.SERVICE_TOO_FAST))
        return await super().send(message)

    def request(self, message: Message) -> Request:
        """The message as text."""
        text = whole(message, most(_LONGEST), without_markdown)
        return Request(self._address, as_json({"content": text, "allowed_mentions": {"parse": []}}))

    def judge(self, answer: Answer) -> Result | None:
        """A saved message has an id."""
        if answer.headers.get("X-RateLimit-Remaining") == "0":
            self._wait(wait_s(answer.headers.get("X-RateLimit-Reset-After", ""), self.http.clock.wall()))
        body = answer.json()
        if answer.status == 200 and isinstance(body.get("id"), str):
            return self.sent(body["id"])
        if answer.status == 204:
            return self.sent()
        if answer.status == 429:
            later = self.later(answer, number(body.get("retry_after")))
            self._wait(later.seconds)
            return later
        if not answer.refused:
            return None
        reason = self.said(body.get("message"), body.get("code", answer.status))
        return Failed(reason) if answer.status == 400 else SetUpWrong(reason)

    def _wait(self, seconds: float) -> None:
        self._free_at = max(self._free_at, self.http.clock.monotonic() + seconds)
