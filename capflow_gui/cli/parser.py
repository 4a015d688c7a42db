"""argparse in the reader's language: its help, and its faults with what may have been meant."""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NoReturn

from capflow_gui.cli.output import say, write_out
from capflow_gui.present.language.columns import wrapped
from capflow_gui.present.language.texts import N_, _, ngettext

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

# The texts of argparse itself that a person may meet here; it looks them up by its own `_`.
_OF_ARGPARSE = (
    *(N_("usage: "), N_("positional arguments"), N_("options"), N_("show this help message and exit")),
    N_("argument %(argument_name)s: %(message)s"),
    *(
        N_("the following arguments are required: %s"),
        N_("expected one argument"),
        N_("expected at least one argument"),
    ),
    *(N_("invalid choice: %(value)r (choose from %(choices)s)"), N_("ignored explicit argument %r")),
)


class _Help(argparse.HelpFormatter):
    """Breaks lines by the room that characters take."""

    def _split_lines(self, text: str, width: int) -> list[str]:
        return wrapped(text, width)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(f"{indent}{line}" for line in wrapped(text, width - len(indent)))


class Parser(argparse.ArgumentParser):
    """Prints the fault first, then one line of usage."""

    def __init__(self, **given: Any) -> None:
        """Takes what an ArgumentParser takes."""
        argparse._, argparse.ngettext = _, ngettext  # type: ignore[attr-defined]
        super().__init__(formatter_class=_Help, **given)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        """As its base; but options may stand between a verb's arguments, and what is unknown is the verb's fault."""
        if args is not None and self._subparsers is None:
            args = self._options_first(list(args))
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            said = _("unrecognized arguments: %s") % " ".join(unknown)
            self.error(said + _guess(unknown[0], self._option_string_actions))
        return found, unknown

    def _options_first(self, args: list[str]) -> list[str]:
        """The same arguments, options and their values before all others: argparse ends a list of them at an option."""
        options: list[str] = []
        others: list[str] = []
        left = iter(args)
        for each in left:
            name, sign, __ = each.partition("=")
            action = self._option_string_actions.get(name)
            if each == "--":
                others += [each, *left]
            elif action is None:
                others.append(each)
            else:
                options.append(each)
                if action.nargs is None and not sign:
                    value = next(left, None)
                    if value is None or value in self._option_string_actions:
                        return args  # the fault is then said of this option
                    options.append(value)
        return options + others

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        try:
            super()._check_value(action, value)
        except argparse.ArgumentError as error:
            error.message += _guess(str(value), map(str, action.choices or ()))
            raise

    def error(self, message: str) -> NoReturn:
        """Exit with status 2."""
        positional = " ".join(_positional(action) for action in self._get_positional_actions())
        usage = _("usage: {program} {arguments} [option …]").format(program=self.prog, arguments=positional)
        said = _("{program}: error: {message}").format(program=self.prog, message=message)
        more = _("({program} --help lists the options)").format(program=self.prog)
        self.exit(2, f"{said}\n{usage.replace('  ', ' ')}   {more}\n")

    def _print_message(self, message: str, file: SupportsWrite[str] | None = None) -> None:
        if message:
            (write_out if file is sys.stdout else say)(message)


def _guess(typed: str, known: Iterable[str]) -> str:
    """What may have been meant; the dashes, which all options have, make none alike."""
    names = {each.lstrip("-"): each for each in known}
    close = difflib.get_close_matches(typed.partition("=")[0].lstrip("-"), names, 1)
    return _("; did you mean {name}?").format(name=names[close[0]]) if close else ""


def _positional(action: argparse.Action) -> str:
    name = str(action.metavar or "|".join(map(str, action.choices or ())))
    if action.nargs in ("*", "?"):
        return f"[{name}{' …' if action.nargs == '*' else ''}]"
    return name if action.nargs is None else f"{name} …"
