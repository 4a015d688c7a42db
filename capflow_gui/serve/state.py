"""How things stand: health.get, quota.get and the watchlist."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from msgspec import to_builtins

from capflow_gui import __version__
from capflow_gui.domain.link import LinkState
from capflow_gui.errors import SettingsError
from capflow_gui.feed.source_feed import SourceFeed
from capflow_gui.present.export import moment
from capflow_gui.present.language.texts import english
from capflow_gui.present.reasons import reason_in_english
from capflow_gui.present.sentences import error_sentence, link_reason, reason_sentence
from capflow_gui.serve.arguments import Arguments, WatchlistArguments, read_symbols
from capflow_gui.serve.notices import notice_facts, standing_flow
from capflow_gui.serve.service import Refused, Service

Facts = dict[str, Any]


async def get_health(service: Service, _asked: Arguments) -> Facts:
    """Whether the sources answer, how fresh each symbol is, and what is wrong."""
    monitor = service.monitor
    with english():
        return {
            "version": __version__,
            "simulated": monitor.simulated,
            "sources": [_link(feed, service.clock.monotonic()) for feed in monitor.feeds],
            "symbols": [
                {
                    "symbol": str(symbol),
                    "source": feed.name,
                    "state": feed.freshness(symbol).value,
                    "age_s": _rounded(feed.age(symbol)),
                }
                for symbol in monitor.symbols
                for feed in monitor.feeds
            ],
            "troubles": [reason_sentence(trouble) for trouble in monitor.troubles],
            "alerts_waiting": sum(record.waiting for record in monitor.alerts),
        }


def _link(feed: SourceFeed, now: float) -> Facts:
    link: LinkState = feed.link
    retry = None if link.retry_at is None else max(0.0, link.retry_at - now)
    return {
        "source": feed.name,
        "state": link.phase.value,
        "simulated": feed.simulated,
        "reason": link_reason(link),
        "retry_in_s": _rounded(retry),
        "latency_s": _rounded(link.latency_s),
        "clock_off_s": _rounded(link.skew_s),
        "market_now": moment(feed.market.now(), UTC) if feed.market.known else None,
        "reconnects": feed.reconnects,
        "facts": [{"fact": fact.value, "message": reason_in_english(reason)} for fact, reason in link.facts],
    }


async def get_quota(service: Service, _asked: Arguments) -> Facts:
    """What is used of each source's limit, by this program and by others."""
    monitor = service.monitor
    return {
        "simulated": monitor.simulated,
        "sources": [
            {
                "source": budget.source,
                "simulated": feed.simulated,
                "used": budget.used,
                "limit": budget.limit,
                "budget": budget.budget,
                "full": budget.full,
                "window_s": budget.window_s,
                "requests": budget.requests,
                "refused": budget.refused,
                "cycle_s": _rounded(feed.budget().cycle_s),
                "resting_symbols": budget.resting,
                "neighbours": [
                    {"pid": each.pid, "command": each.command, "calls": each.calls} for each in budget.neighbours
                ],
                "others": [to_builtins(each) for each in budget.others],
            }
            for feed, budget in zip(monitor.feeds, monitor.poll_budgets, strict=True)
        ],
    }


async def get_watchlist(service: Service, _asked: Arguments) -> Facts:
    """The symbols and groups of the list, and the newest flow object of each."""
    monitor = service.monitor
    return {
        "simulated": monitor.simulated,
        "symbols": [*map(str, monitor.symbols)],
        "groups": [
            {"name": group.name, "color": group.color, "symbols": [*map(str, group.symbols)]}
            for group in monitor.groups
        ],
        "flows": [
            notice_facts(monitor, standing_flow(feed, symbol))
            for symbol in monitor.symbols
            for feed in monitor.feeds
            if feed.store.get(symbol).series is not None
        ],
        "saved": service.profile.keeps,
    }


async def set_watchlist(service: Service, asked: WatchlistArguments) -> Facts:
    """Replace the watchlist; symbols that leave it leave their groups. Raises Refused where it cannot be saved."""
    symbols = read_symbols(asked.symbols)
    if service.profile.is_locked:
        raise Refused("SettingsError", "The administrator of this computer decides on the watchlist.")
    try:
        await service.profile.set_watchlist(symbols, service.monitor)
    except SettingsError as error:
        with english():
            raise Refused("SettingsError", error_sentence(error)) from error
    return await get_watchlist(service, Arguments())


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
