"""What a comparison of two sources says, in sentences. Vendors differ: none of them calls a source wrong."""

from __future__ import annotations

from capflow_gui.domain.calibration import Calibration
from capflow_gui.feed.board import ComparedSources
from capflow_gui.present.language.texts import _, full_stop
from capflow_gui.present.numbers import percent
from capflow_gui.present.row_sentence import calibration_words
from capflow_gui.present.sentences import source_title

_ALIKE, _LOOSE = 0.8, 0.4


def comparison_words(compared: ComparedSources) -> list[str]:
    """Common minutes, sign, movement, lag, scale, and what each source's amounts were found to be; weightiest first."""
    first, second = map(source_title, compared.sources)
    found = compared.comparison
    if not found.common:
        return [_("{first} and {second} have no minute in common yet.").format(first=first, second=second)]
    said = [_sign(found.sign_agreement, found.common), _movement(found.correlation)]
    if found.correlation is not None and found.correlation >= _LOOSE:
        said.append(_lag(first, second, found.lag))
    said.append(_scale(first, second, found.scale))
    said += [
        full_stop(f"{name}: {calibration_words(verdict)}")
        for name, verdict in zip((first, second), compared.calibrations, strict=True)
        if isinstance(verdict, Calibration)
    ]
    said.append(_("Brokers sort trades by methods of their own: shapes and signs can agree, amounts need not."))
    return [sentence for sentence in said if sentence]


def _sign(agreement: float | None, common: int) -> str:
    if agreement is None:
        return _("Nothing has flowed yet.")
    return _("Same sign in {share} of the {common} minutes both have.").format(
        share=percent(agreement, 0, signed=False), common=common
    )


def _movement(correlation: float | None) -> str:
    if correlation is None:
        return _("Too few minutes in common to compare how they move.")
    if correlation >= _ALIKE:
        text = _("They move alike: correlation {correlation:.2f} of the flow of each minute.")
    elif correlation >= _LOOSE:
        text = _("They move loosely alike: correlation {correlation:.2f} of the flow of each minute.")
    else:
        text = _("They move each in its own way: correlation {correlation:.2f} of the flow of each minute.")
    return text.format(correlation=correlation)


def _lag(first: str, second: str, lag: int) -> str:
    if abs(lag) <= 1:
        return _("Neither is behind by more than a minute's label.") if lag else _("Neither is behind.")
    later = second if lag > 0 else first
    return _("{source} is {count} minutes behind.").format(source=later[:1].upper() + later[1:], count=abs(lag))


def _scale(first: str, second: str, scale: int | None) -> str:
    if scale is None:
        return _("The difference of their amounts is not one of units.")
    if scale == 0:
        return _("Their amounts are of the same unit.")
    larger, smaller = (first, second) if scale > 0 else (second, first)
    return _("Amounts of {larger} are about {times:,} times those of {smaller}: another unit.").format(
        larger=larger, times=10 ** (4 * abs(scale)), smaller=smaller
    )
