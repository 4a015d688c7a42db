"""PagerDuty: one incident an alert, by Events API v2."""

from __future__ import annotations

from typing import Any

from capflow_gui.delivery.http import Answer, Http, HttpChannel, Request
from capflow_gui.delivery.model import Change, Failed, Limits, Message, Result, SetUpWrong, Urgency
from capflow_gui.delivery.secrets import Secrets
from capflow_gui.delivery.text import as_json, cut, facts, link_of, moment
from capflow_gui.settings.channels import PagerdutySettings

_LONGEST_KEY = 255
_LARGEST = 512_000
_ACTIONS = {
    Change.ACKNOWLEDGED: "acknowledge",
    Change.CLEARED: "resolve",
    Change.JUDGED_AGAIN: "resolve",
}
_SEVERITY = {Change.TEST: "info", Change.CANNOT_JUDGE: "warning"}


class Pagerduty(HttpChannel):
    """Triggers, acknowledges and resolves by one key, so that a second copy changes nothing."""

    limits = Limits(rate=1.0, burst=10, per_minute=None, largest=_LARGEST)

    def __init__(self, settings: PagerdutySettings, secrets: Secrets, http: Http) -> None:
        self._address = f"{settings.server.rstrip('/')}/v2/enqueue"
        self._key = secrets.token("key")
        super().__init__(http, secrets)

    def request(self, message: Message) -> Request:
        """The event; only one that triggers says more than its key."""
        action = _ACTIONS.get(message.kind, "trigger")
        event: dict[str, Any] = {
            "routing_key": self._key,
            "event_action": action,
            "dedup_key": message.incident[:_LONGEST_KEY],
        }
        if action == "trigger":
            event["payload"] = self._payload(message)
            if link := link_of(message):
                event["links"] = [{"href": link, "text": "Capflow"}]
        return Request(self._address, as_json(event))

    def _payload(self, message: Message) -> dict[str, Any]:
        said = facts(message)
        loud = "critical" if message.urgency is Urgency.URGENT else "error"
        payload = {
            "summary": said["title"] or "Capflow",
            "source": str(said.get("source") or "Capflow"),
            "severity": _SEVERITY.get(message.kind, loud),
            "timestamp": moment(message.at),
            "class": message.kind,
            "custom_details": said,
        }
        if said.get("symbol"):
            payload["component"] = said["symbol"]
        said["text"] = cut(said["text"], lambda text: len(as_json({**payload, "text": text})) < _LARGEST // 4)
        return payload

    def judge(self, answer: Answer) -> Result | None:
        """202 is taken; a refusal names the fields that are wrong."""
        body = answer.json()
        if answer.status == 202:
            return self.sent(body.get("dedup_key", ""))
        if not answer.refused:
            return None
        errors = body.get("errors")
        words = "; ".join(map(str, errors)) if isinstance(errors, list) else ""
        reason = self.said(words or body.get("message"), answer.status)
        of_the_message = answer.status == 413 or (answer.status == 400 and "routing_key" not in words)
        return Failed(reason) if of_the_message else SetUpWrong(reason)
