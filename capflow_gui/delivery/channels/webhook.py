"""A generic webhook: JSON, signed by the convention *Standard Webhooks*."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from capflow_gui.delivery.http import Answer, Http, HttpChannel, Request
from capflow_gui.delivery.model import Limits, Message, Result
from capflow_gui.delivery.secrets import Secrets
from capflow_gui.delivery.text import as_json, cut, facts, moment
from capflow_gui.errors import SettingsError
from capflow_gui.reason import Code, Reason
from capflow_gui.settings.channels import WebhookSettings

_PREFIX = "whsec_"
_LARGEST = 19_999


class Webhook(HttpChannel):
    """Posts what happened to an address of the user's own. A receiver tells a second copy by `webhook-id`."""

    limits = Limits(rate=5.0, burst=20, per_minute=None, largest=_LARGEST)
    reads_body = False

    def __init__(self, settings: WebhookSettings, secrets: Secrets, http: Http) -> None:
        self._address = secrets.address("address")
        self._keys = _signing_keys(secrets.text("secret")) if settings.secret else []
        super().__init__(http, secrets)

    def request(self, message: Message) -> Request:
        """The event, and a signature by each key."""
        said = facts(message)

        def written(text: str) -> bytes:
            data = {**said, "text": text}
            return as_json({"type": f"alert.{message.kind}", "timestamp": moment(message.at), "data": data})

        body = written(cut(said["text"], lambda text: len(written(text)) <= _LARGEST))
        stamp = str(int(self.http.clock.wall()))
        headers = {"webhook-id": message.key, "webhook-timestamp": stamp}
        if self._keys:
            headers["webhook-signature"] = " ".join(signature(key, message.key, stamp, body) for key in self._keys)
        return Request(self._address, body, headers)

    def judge(self, answer: Answer) -> Result | None:
        """Any 2xx is a receipt, whatever follows it."""
        return self.sent() if answer.accepted else None


def signature(key: bytes, number: str, stamp: str, body: bytes) -> str:
    """What proves that a message is by who has the key. `stamp`: when it is sent, whole UTC epoch seconds."""
    mark = hmac.digest(key, f"{number}.{stamp}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(mark).decode()}"


def _signing_keys(text: str) -> list[bytes]:
    """The keys of one secret or several, with spaces between. Raises SettingsError."""
    keys = []
    for part in text.split():
        try:
            key = base64.b64decode(part.removeprefix(_PREFIX), validate=True) if part.startswith(_PREFIX) else b""
        except binascii.Error:
            key = b""
        if not key:
            raise SettingsError("secret", Reason.of(Code.NOT_A_SIGNING_SECRET))
        keys.append(key)
    return keys
