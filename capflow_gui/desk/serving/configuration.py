"""The configuration of the bus's server: what it keeps, how it encrypts, and what each user may do.

A window publishes its own interest and its own acknowledgements, and asks for what the streams keep. It can neither
publish flow, read what another user is answered, nor make a consumer: whoever may make one has the server deliver old
figures to a subject of their choice. What the server answers stays in the window's own account.
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
# What a window may ask the server.
_QUESTIONS = tuple(f"$JS.API.{question}.{stream}" for question in ("DIRECT.GET", "STREAM.INFO") for stream in _STREAMS)
_DESK = "desk"


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
    """What the file of users says: name, secret and rights of each. `COLLECTOR` collects, all others are windows.

    Each window has an account of its own. The server sends an answer to whatever subject the question names, and asks
    for no right to it: in the collector's account that would be figures, leases, or the deletion of a stream.
    """
    accounts = [_desk_account(secrets.get(COLLECTOR))]
    accounts += [_window_account(name, secret) for name, secret in secrets.items() if name != COLLECTOR]
    return f"authorization {{ timeout: 5 }}\naccounts {{\n{''.join(accounts)}}}\n"


def _desk_account(secret: str | None) -> str:
    """The account of the streams, and what others may ask and hear of it. Of one question a batch is answered."""
    users = "" if secret is None else _user(COLLECTOR, secret, *_collector_rights())
    exports = [f'{{ service: {_quoted(subject)}, response_type: "stream" }}' for subject in _QUESTIONS]
    exports += [f"{{ service: {_quoted(subject)} }}" for subject in (subjects.ALL_INTERESTS, subjects.ALL_ACKS)]
    exports.append(f"{{ stream: {_quoted(subjects.ALL_LIVE)} }}")
    return _account(_DESK, "jetstream: enabled", users, "exports", exports)


def _window_account(name: str, secret: str) -> str:
    services = (*_QUESTIONS, subjects.interest(name), subjects.acks_of(name))
    shared = [("service", subject) for subject in services] + [("stream", subjects.ALL_LIVE)]
    imports = [f"{{ {kind}: {{ account: {_DESK}, subject: {_quoted(subject)} }} }}" for kind, subject in shared]
    return _account(f"window-{name}", "", _user(name, secret, *_window_rights(name)), "imports", imports)


def _account(name: str, more: str, users: str, direction: str, shared: Sequence[str]) -> str:
    lines = [
        f"{_quoted(name)} {{ {more}",
        f"  users: [{users}]",
        f"  {direction}: [",
        *(f"    {each}" for each in shared),
    ]
    return "".join(f"{line}\n" for line in (*lines, "  ]", "}"))


def _user(name: str, secret: str, publish: Sequence[str], subscribe: Sequence[str]) -> str:
    rights = f"publish: {{ allow: {_list(publish)} }}, subscribe: {{ allow: {_list(subscribe)} }}"
    return f"{{ user: {_quoted(name)}, password: {_quoted(secret)}, permissions: {{ {rights} }} }}"


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
    publish = (subjects.interest(name), subjects.acks_of(name), *_QUESTIONS)
    return publish, (subjects.ALL_LIVE, f"{subjects.inbox(name)}.>")


def _list(texts: Sequence[str]) -> str:
    return f"[{', '.join(map(_quoted, texts))}]"


def _quoted(text: object) -> str:
    """As JSON writes it, which the server reads too: a path of Windows has backslashes."""
    return json.dumps(str(text), ensure_ascii=False)
