"""The streams of a desk: what the server keeps, and for how long.

No stream has a limit in bytes: the server drops the oldest messages then, and with them states nobody fetched yet.
"""

from __future__ import annotations

import json
from typing import NamedTuple

from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy, RePublish, StorageType, StreamConfig
from nats.js.errors import APIError, BadRequestError, NotFoundError, ServiceUnavailableError

from capflow_gui.wire.desk import subjects
from capflow_gui.wire.desk.known_alerts import KEPT_S

_INSUFFICIENT = 10023
LEASE_STREAM = f"KV_{subjects.LEASE_BUCKET}"
_NAME_IN_USE = 10058
_HOUR_S = 3600.0
_DUPLICATES_S = 120.0
_BATCH = 1024
_ANSWER_S = 5.0
_LONGEST_ACK = 512  # bytes
_MOST_ACKS = 100_000  # the oldest go first


class Stored(NamedTuple):
    """A message that a stream keeps."""

    subject: str
    sequence: int
    headers: dict[str, str]
    payload: bytes

    @property
    def time(self) -> tuple[str, str]:
        """When the server stored it, by its clock: of two messages, of two streams too, the later has the greater."""
        return subjects.stored_at(self.headers.get(subjects.TIME, ""))


class Held(NamedTuple):
    """When a stream was made, and the sequence of its newest message.

    Another time means that what it held is lost; a lower sequence, that it was set back to an older state.
    """

    created: str
    last: int


def stream_configs(lease_s: float) -> tuple[StreamConfig, ...]:
    """What each stream is to be. The lease of a shard ends so many seconds after it was renewed last."""
    flow = _kept(subjects.FLOW_STREAM, subjects.ALL_FLOW, 36 * _HOUR_S)
    flow.republish = RePublish(src=subjects.ALL_FLOW, dest=subjects.LIVE_FLOW, headers_only=True)
    alerts = _kept(subjects.ALERT_STREAM, subjects.ALL_ALERTS, KEPT_S)
    alerts.republish = RePublish(src=subjects.ALL_ALERTS, dest=subjects.LIVE_ALERTS)
    acks = _kept(subjects.ACK_STREAM, subjects.ALL_ACKS, KEPT_S)
    acks.republish = RePublish(src=subjects.ALL_ACKS, dest=subjects.LIVE_ACKS)
    # Windows write it, and of whatever alerts they name: they take neither the disk from the figures nor a collector's
    # memory, which reads all of it when it starts.
    # By number, not by bytes, of which the server would keep the room free.
    acks.max_msg_size, acks.max_msgs = _LONGEST_ACK, _MOST_ACKS
    # As the server's own clients make a bucket. No marker stays where a lease ended: it would stand in the way.
    leases = _kept(LEASE_STREAM, f"$KV.{subjects.LEASE_BUCKET}.>", lease_s)
    leases.discard, leases.allow_rollup_hdrs = DiscardPolicy.NEW, True
    return flow, alerts, acks, leases


def _kept(name: str, matching: str, max_age_s: float) -> StreamConfig:
    """A stream that keeps the last message of each subject in a file."""
    return StreamConfig(
        name=name,
        subjects=[matching],
        max_age=max_age_s,
        duplicate_window=min(max_age_s, _DUPLICATES_S),
        max_msgs_per_subject=1,
        allow_direct=True,
        deny_delete=True,
        storage=StorageType.FILE,
    )


async def set_up(js: JetStreamContext, lease_s: float) -> None:
    """Make the streams that are missing, and change those that differ. Raises what the client of NATS raises."""
    for config in stream_configs(lease_s):
        try:
            await js.add_stream(config)
        except BadRequestError as error:
            if error.err_code != _NAME_IN_USE:
                raise
            await js.update_stream(config)


async def flow_stream(js: JetStreamContext) -> Held | None:
    """The stream of flow as it is; None where there is none."""
    try:
        info = await js.stream_info(subjects.FLOW_STREAM)
    except NotFoundError:
        return None
    return Held(str(info.created), info.state.last_seq)


async def last_stored(js: JetStreamContext, stream: str, subject: str) -> Stored | None:
    """The message that a stream keeps of a subject; None where it keeps none."""
    try:
        found = await js.get_last_msg(stream, subject)
    except NotFoundError:
        return None
    return Stored(subject, int(found.seq or 0), dict(found.headers or {}), found.data or b"")


async def all_stored(client: Client, stream: str, matching: str) -> list[Stored]:
    """Every message that a stream keeps of matching subjects. Raises TimeoutError where it stops answering."""
    inbox = client.new_inbox()
    subscription = await client.subscribe(inbox)
    found: list[Stored] = []
    try:
        start, pending = 1, 1
        while pending:
            body = {"seq": start, "next_by_subj": matching, "batch": _BATCH}
            await client.publish(f"$JS.API.DIRECT.GET.{stream}", json.dumps(body).encode(), reply=inbox)
            pending = 0
            while True:
                message = await subscription.next_msg(_ANSWER_S)
                headers = dict(message.headers or {})
                if "Status" in headers:
                    pending = int(headers.get("Nats-Num-Pending", "0"))
                    break
                sequence = int(headers[subjects.SEQUENCE])
                found.append(Stored(headers[subjects.SUBJECT], sequence, headers, message.data))
                start = sequence + 1
    finally:
        await subscription.unsubscribe()
    return found


def is_full(error: APIError) -> bool:
    """Whether the server has no room to store anything."""
    return isinstance(error, ServiceUnavailableError) or error.err_code == _INSUFFICIENT
