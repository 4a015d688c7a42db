"""The `capflow` command: reads the command line, runs one verb, turns what went wrong into a sentence and a status.

A verb is a module of its own with `run(arguments: argparse.Namespace) -> int`, imported only when it is asked for:
nothing but the desktop verbs loads Qt. Verbs raise InvalidInput for what only they can check (exit status 2).
Results go to stdout, everything else to stderr.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from itertools import pairwise
from typing import TYPE_CHECKING

from capflow_gui.app.children import restore_environment
from capflow_gui.cli.options import PROGRAM, build_parser
from capflow_gui.cli.output import say
from capflow_gui.cli.status import FAILED, INTERRUPTED, USAGE, status_of
from capflow_gui.diagnostics import configure_logging, log_crash
from capflow_gui.errors import CapflowError, InvalidInput
from capflow_gui.paths import Paths, policy_files, shown
from capflow_gui.present.language.catalogues import LANGUAGES, language_of, speak
from capflow_gui.present.language.texts import _
from capflow_gui.present.sentences import caret, error_sentence, log_words, reason_sentence
from capflow_gui.reason import Code, Reason

if TYPE_CHECKING:
    from capflow_gui.settings import Settings

_MODULES = {
    "desktop": "capflow_gui.cli.desktop",
    "demo": "capflow_gui.cli.desktop",
    "fetch": "capflow_gui.cli.fetch",
    "watch": "capflow_gui.cli.watch",
    "simulate": "capflow_gui.cli.simulate",
    "export": "capflow_gui.cli.export",
    "replay": "capflow_gui.cli.replay",
    "check-rule": "capflow_gui.cli.check_rule",
    "archive": "capflow_gui.cli.archive",
    "alerts": "capflow_gui.cli.alerts",
    "desk": "capflow_gui.cli.desk.command",
    "serve": "capflow_gui.cli.serve",
}
# They create no folder.
_READ_ONLY = frozenset({"export", "replay", "check-rule", "archive", "alerts"})
# The desktop verbs log through app, which knows their profile.
_LOGGED_HERE = frozenset({"desk", "fetch", "watch", "simulate", "serve", *_READ_ONLY})
# Their `run` also takes the settings, and what hides a secret from the log.
_WITH_SETTINGS = frozenset({"desk", "fetch", "watch", "replay", "check-rule", "archive", "alerts", "serve"})


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv` (None: the process' own) and return its exit status.

    A usage error leaves through SystemExit(2), as argparse has it.
    """
    _write_utf8()
    name = PROGRAM
    _speak(sys.argv[1:] if argv is None else argv)
    try:
        arguments = build_parser().parse_args(argv)
        name = PROGRAM if arguments.verb == "desktop" else f"{PROGRAM} {arguments.verb}"
        return _run(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
    except InvalidInput as error:
        say(_error_line(name, error_sentence(error)))
        if error.position is not None:
            say(f"{caret(error)}\n")
        return USAGE
    except CapflowError as error:
        say(_error_line(name, error_sentence(error, retrying=False)))
        return status_of(error)


def _error_line(program: str, message: str) -> str:
    return _("{program}: error: {message}").format(program=program, message=message) + "\n"


def _speak(argv: Sequence[str]) -> None:
    """Speak the language that is asked for, before anything is said; else that of the environment, on a terminal.

    What a file or another program reads stays English unless somebody asks.
    """
    asked = [each for option, each in pairwise([*argv, ""]) if option == "--lang"]
    asked += [each.removeprefix("--lang=") for each in argv if each.startswith("--lang=")]
    if asked and asked[-1] in LANGUAGES:
        speak(asked[-1])
    elif all(stream is not None and stream.isatty() for stream in (sys.stdout, sys.stderr)):
        names = filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG")))
        speak(language_of(list(names)[:1]))


def _run(arguments: argparse.Namespace) -> int:
    module = import_module(_MODULES[arguments.verb])
    for option, folder in (("--data-dir", arguments.data_dir), ("--config-dir", arguments.config_dir)):
        if folder is not None and folder.is_file():
            raise InvalidInput(f"{option} {shown(folder)}", Reason.of(Code.DATA_IN_FOLDER))
    _find_profile(arguments)
    if arguments.verb not in _LOGGED_HERE:
        return int(module.run(arguments))
    restore_environment()
    paths = Paths.resolve(config_dir=arguments.config_dir, data_dir=arguments.data_dir)
    reads_only = arguments.verb in _READ_ONLY
    settings = _settings(paths) if arguments.verb in _WITH_SETTINGS else None
    level = arguments.log_level or (settings.log_level if settings is not None else "info")
    # What fetch has to say it says itself, in a sentence.
    spoken = arguments.log_level or ("error" if arguments.verb == "fetch" else "warning")
    diagnostics = configure_logging(
        paths.log, level, spoken, name=f"{arguments.verb}.log", words=log_words, create=not reads_only
    )
    try:
        if settings is not None:
            return int(module.run(arguments, settings, diagnostics.redaction))
        return int(module.run(arguments))
    except CapflowError:
        raise
    except Exception as error:  # noqa: BLE001 - logged with its traceback, without secrets
        log_crash(error)
        return FAILED
    finally:
        diagnostics.close()


def _find_profile(arguments: argparse.Namespace) -> None:
    """Put a named profile's folders in the place of the main one's, which `main_folders` keeps."""
    arguments.main_folders = arguments.config_dir, arguments.data_dir
    if arguments.profile is not None:
        from capflow_gui.settings.profiles import Profiles  # only where one is named

        profiles = Profiles(arguments.main_folders)
        arguments.profile = profiles.find(arguments.profile).id
        arguments.config_dir, arguments.data_dir = profiles.folders(arguments.profile)


def _settings(paths: Paths) -> Settings:
    """What the policy and the user say; what of the user's file cannot be used is said on stderr."""
    from capflow_gui.settings import load, read_policy

    loaded = load(paths.settings_file, read_policy(policy_files()))
    for problem in loaded.problems:
        say(f"{reason_sentence(problem)}\n")
    return loaded.settings


def _write_utf8() -> None:
    """A Windows console, or a pipe under a C locale, may have another encoding; our output is always UTF-8."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
