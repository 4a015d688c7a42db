"""What `capflow desk` prints: how a desk is, and what to type in a window."""

from __future__ import annotations

import json
from typing import Any, Protocol

from capflow_gui.present.language.texts import _
from capflow_gui.present.numbers import duration
from capflow_gui.present.reasons import reason_in_english, reason_words
from capflow_gui.reason import Reason
from capflow_gui.wire.desk.messages import Beat, SourceBeat


class Status(Protocol):
    """See desk.status.DeskStatus."""

    @property
    def beats(self) -> tuple[Beat, ...]:
        """The newest of everybody."""

    @property
    def states(self) -> int:
        """How many symbols the bus holds."""

    @property
    def missing(self) -> tuple[str, ...] | None:
        """Shards without a holder; None: there is no collector."""

    @property
    def update(self) -> Reason | None:
        """That a newer Capflow collects, whose beats cannot be read."""

    @property
    def lag(self) -> dict[str, float]:
        """Market seconds, by shard."""


class Folder(Protocol):
    """See desk.folder.DeskFolder."""

    @property
    def windows(self) -> tuple[str, ...]:
        """The users."""

    def address(self, user: str, host: str, port: int) -> str:
        """What is typed."""


def addresses(host: str, port: int, desk: Folder) -> str:
    """What to type in each window, and what is to be copied to another computer. No secret is in it."""
    lines = [_("The desk listens on {host}:{port}. In a window, connect to one of:").format(host=host, port=port)]
    lines += [f"  {desk.address(user, host, port)}" for user in desk.windows]
    lines.append(
        _("Each address is for one window. On another computer, copy both files there first, and write their paths.")
    )
    return "".join(f"{line}\n" for line in lines)


def to_json(status: Status, expires: Reason | None = None) -> str:
    """One object, in English. `expires`: that the server's certificate ends soon."""
    found = {
        "shards": [_shard(beat, status.lag.get(beat.shard)) for beat in status.beats if beat.epoch],
        "standby": [beat.holder for beat in status.beats if not beat.epoch],
        "without_holder": None if status.missing is None else list(status.missing),
        "symbols_on_bus": status.states,
        "update": None if status.update is None else reason_in_english(status.update),
        "certificate": None if expires is None else reason_in_english(expires),
        "windows": max((beat.windows for beat in status.beats), default=0),
    }
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def _shard(beat: Beat, lag_s: float | None) -> dict[str, Any]:
    return {
        "shard": beat.shard,
        "holder": beat.holder,
        "epoch": beat.epoch,
        "symbols": beat.symbols,
        "windows": beat.windows,
        "sequence": beat.sequence,
        "lag_s": None if lag_s is None else round(lag_s, 1),
        "sources": [_source(source) for source in beat.sources],
        "troubles": [reason_in_english(Reason.from_json(text)) for text in beat.troubles],
    }


def _source(source: SourceBeat) -> dict[str, Any]:
    return {
        "source": source.name,
        "simulated": source.simulated,
        "link": source.phase,
        "why": None if source.reason is None else reason_in_english(Reason.from_json(source.reason)),
        "used": source.used,
        "limit": source.limit,
        "window_s": source.window_s,
        "cycle_s": source.cycle_s,
        "next_symbol": source.next_symbol or None,
        "refused": source.refused,
        "requests": source.requests,
    }


def to_table(status: Status, expires: Reason | None = None) -> str:
    """For a person. `expires`: that the server's certificate ends soon."""
    lines = []
    for beat in status.beats:
        if not beat.epoch:
            waits = _("{holder} waits: every shard has a holder")
            if status.missing is None or status.missing:
                waits = _("{holder} waits for a shard")
            lines.append(waits.format(holder=beat.holder))
            lines += [f"  {reason_words(Reason.from_json(text))}" for text in beat.troubles]
            continue
        lag = status.lag.get(beat.shard)
        said = _("{shard}: {holder}, symbols {symbols}, windows {windows}, newest reply {lag} ago")
        if lag is None:
            said = _("{shard}: {holder}, symbols {symbols}, windows {windows}, no reply yet")
        facts = {"shard": beat.shard, "holder": beat.holder, "symbols": beat.symbols, "windows": beat.windows}
        lines.append(said.format(lag=None if lag is None else duration(lag), **facts))
        for source in beat.sources:
            quota = _("  {source}{simulated}: {link}, quota {used} of {limit} in {window:.0f} s, cycle {cycle}")
            cycle = "–" if source.cycle_s is None else duration(source.cycle_s)
            simulated = " SIMULATED" if source.simulated else ""
            lines.append(
                quota.format(
                    source=source.name,
                    simulated=simulated,
                    link=source.phase,
                    used=source.used,
                    limit=source.limit,
                    window=source.window_s,
                    cycle=cycle,
                )
            )
            if source.reason is not None:
                lines.append(f"  {source.name}: {reason_words(Reason.from_json(source.reason))}")
        lines += [f"  {reason_words(Reason.from_json(text))}" for text in beat.troubles]
    if status.update is not None:
        lines.append(reason_words(status.update))
    elif status.missing is None:
        lines.append(_("The desk's server answers, and no collector is heard."))
    elif status.missing:
        lines.append(_("Without a holder: {shards}").format(shards=", ".join(status.missing)))
    lines.append(_("Symbols on the bus: {count}").format(count=status.states))
    told = {Reason.from_json(text).code for beat in status.beats for text in beat.troubles}
    if expires is not None and expires.code not in told:
        lines.append(reason_words(expires))
    if (
        not status.states
        and any(beat.epoch for beat in status.beats)
        and not any(beat.symbols for beat in status.beats)
    ):
        lines.append(_("Nothing is polled: name symbols behind the command, in its watchlist, or in a window."))
    return "".join(f"{line}\n" for line in lines)
