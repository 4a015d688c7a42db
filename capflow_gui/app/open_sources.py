"""Opens the sources of a profile: one or two brokers, or the simulated ones of the demo."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import msgspec

from capflow_gui.app.profile import Profile
from capflow_gui.app.request import DEMO, Request
from capflow_gui.clock import Clock
from capflow_gui.credentials import Conceal, FindCredentials
from capflow_gui.errors import SettingsError
from capflow_gui.feed.source import Source
from capflow_gui.present.sentences import error_sentence
from capflow_gui.sources import open_demo, open_demo_pair, open_source


@dataclass(slots=True)
class Opened:
    """`closed` are the sources that could not be opened, with the sentence that says why."""

    sources: list[Source] = field(default_factory=list)
    closed: dict[str, str] = field(default_factory=dict)


@asynccontextmanager
async def open_sources(
    profile: Profile, request: Request, clock: Clock, find: FindCredentials, conceal: Conceal
) -> AsyncIterator[Opened]:
    """What the profile has; a source that cannot be opened leaves the other one alone.

    `find` looks for Longport's credentials while the sources run already.
    """
    opened = Opened()
    async with AsyncExitStack() as stack:
        if profile.demo:
            opened.sources = await stack.enter_async_context(_demo(request, clock))
            yield opened
            return
        settings = profile.settings
        for name in profile.source_names(request):
            only = msgspec.structs.replace(settings, source=name)
            opening = open_source(
                None,
                clock=clock,
                paths=profile.paths,
                settings=only,
                name=name,
                find=find,
                conceal=conceal,
            )
            try:
                opened.sources.append(await stack.enter_async_context(opening))
            except SettingsError as error:
                opened.closed[name] = error_sentence(error)
        yield opened


@asynccontextmanager
async def _demo(request: Request, clock: Clock) -> AsyncIterator[list[Source]]:
    from capflow_gui.simulator.opend.server import SimulatorConfig  # noqa: PLC0415 - only a demo needs a market

    default = SimulatorConfig()
    config = SimulatorConfig(
        scenario=request.scenario or default.scenario,
        symbols=request.symbols,
        speed=default.speed if request.speed is None else request.speed,
        clock=request.clock,
    )
    if "longport" in request.sources:
        async with open_demo_pair(clock, config) as pair:
            yield pair
    else:
        async with open_demo(DEMO, clock, config) as source:
            yield [source]
