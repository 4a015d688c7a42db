"""`capflow` and `capflow demo`: the desktop program. Whether it can be shown is asked before Qt is loaded."""

from __future__ import annotations

import argparse
import os

from capflow_gui.app.request import DEMO, Request
from capflow_gui.app.system.packages import display_problem, library_problem, parse
from capflow_gui.cli.output import say
from capflow_gui.paths import Paths, resource

_NO_DISPLAY = 1


def run(arguments: argparse.Namespace) -> int:
    """Show the window until it is closed. 1 where it cannot be shown, with the reason on stderr."""
    demo = arguments.verb == "demo"
    request = Request(
        demo=demo,
        scenario=arguments.scenario if demo else None,
        speed=arguments.speed if demo else None,
        symbols=arguments.symbols if demo else None,
        sources=tuple(arguments.sources.split(",")) if demo else ("opend",),
        screenshot=arguments.screenshot,
        after=arguments.after,
        self_test=arguments.self_test,
        folders=(arguments.config_dir, arguments.data_dir),
        log_level=arguments.log_level,
        language=arguments.lang,
        profile=arguments.profile or "",
        above=arguments.main_folders,
        layout=_layout(arguments, demo=demo),
    )
    # Qt aborts the whole process for either of these, without an exception.
    packages = parse(resource("system-packages.txt").read_text(encoding="utf-8"))
    problem = display_problem(os.environ) or library_problem(packages)
    if problem:
        say(f"capflow: {problem}\n")
        return _NO_DISPLAY
    from capflow_gui.app.run import main

    return main(request)


def _layout(arguments: argparse.Namespace, *, demo: bool) -> str:
    """The layout that is named, as it is written. Raises InvalidInput where the profile has none of that name."""
    if arguments.layout is None:
        return ""
    from capflow_gui.settings.layouts import LayoutsFile

    paths = Paths.resolve(DEMO if demo else None, arguments.config_dir, arguments.data_dir)
    return LayoutsFile(paths).load().layouts.known(arguments.layout)
