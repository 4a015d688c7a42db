"""The configuration of the bus's server: what it keeps, how it encrypts, and what each user may do.

A window publishes its own interest and its own acknowledgements, and asks for what the streams keep. It can neither
publish flow, read what another user is answered, nor make a consumer: whoever may make one has the server deliver old
figures to a subject of their choice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from capflow_gui.wire.desk import subjects
from capflow_gui.wire.desk.coding import LONGEST_MESSAGE

DEFAULT_PORT = 4222
COLLECTOR = "collector"
USERS_FILE = "users.conf"
PID_FILE = "server.pid"
# A state of 20,000 publishes over 500 symbols takes 3.4 MB.
_MOST_STORED = "1GB"
_STREAMS = (subjects.FLOW_STREAM, subjects.ACK_STREAM, subjects.ALERT_STREAM)


@dataclass(frozen=True, slots=True)
class Certificate:
    """Files in PEM form: the server's certificate, and its key."""

    certificate: Path
    key: Path


def server_text(host: str, port: int, *, store: Path, certificate: Certificate | None) -> str:
    """What the server's own file says; the users are included from `USERS_FILE` beside it.

    port         0 = any that is free: the server's log says which
    store        the folder of the streams
    certificate  None = without encryption: for the loopback interface of a test alone
    """
    place = f"[{host}]" if ":" in host else host
    lines = [
        f"listen: {_quoted(f'{place}:{port or -1}')}",
        f"max_payload: {LONGEST_MESSAGE}",
        'write_deadline: "5s"',
        # Every acknowledged publish is on the disk: the default loses two minutes of them with the power.
        f"jetstream {{ store_dir: {_quoted(store)}, max_file_store: {_MOST_STORED}, sync_interval: always }}",
    ]
    if certificate is not None:
        files = f"cert_file: {_quoted(certificate.certificate)}, key_file: {_quoted(certificate.key)}"
        lines.append(f"tls {{ {files}, timeout: 5 }}")
    lines += [f"pid_file: {_quoted(store.with_name(PID_FILE))}", f'include "{USERS_FILE}"']
    return "".join(f"{line}\n" for line in lines)


def users_text(secrets: Mapping[str, str]) -> str:
    """What the file of users says: name, secret and rights of each. `COLLECTOR` collects, all others are windows."""
    users = ",\n".join(_user(name, secret) for name, secret in secrets.items())
    return f"authorization {{ timeout: 5, users: [\n{users}\n] }}\n"


def _user(name: str, secret: str) -> str:
    publish, subscribe = _collector_rights() if name == COLLECTOR else _window_rights(name)
    rights = f"publish: {{ allow: {_list(publish)} }}, subscribe: {{ allow: {_list(subscribe)} }}"
    return f"  {{ user: {_quoted(name)}, password: {_quoted(secret)}, permissions: {{ {rights} }} }}"


def _collector_rights() -> tuple[Sequence[str], Sequence[str]]:
    publish = (
        subjects.ALL_FLOW,
        subjects.ALL_ALERTS,
        subjects.LIVE_BEATS,
        subjects.LIVE_ASK,
        "$JS.API.>",
        f"$KV.{subjects.LEASE_BUCKET}.>",
    )
    return publish, (subjects.ALL_INTERESTS, subjects.ALL_LIVE, f"{subjects.inbox(COLLECTOR)}.>")


def _window_rights(name: str) -> tuple[Sequence[str], Sequence[str]]:
    publish = [subjects.interest(name), subjects.acks_of(name)]
    publish += [f"$JS.API.DIRECT.GET.{stream}" for stream in _STREAMS]
    publish += [f"$JS.API.STREAM.INFO.{stream}" for stream in _STREAMS]
    return publish, (subjects.ALL_LIVE, f"{subjects.inbox(name)}.>")


def _list(texts: Sequence[str]) -> str:
    return f"[{', '.join(map(_quoted, texts))}]"


def _quoted(text: object) -> str:
    """As JSON writes it, which the server reads too: a path of Windows has backslashes."""
    return json.dumps(str(text), ensure_ascii=False)
