"""What connecting, disconnecting and signing out do to a watchlist, in words."""

from __future__ import annotations

from dataclasses import dataclass

from capflow_gui.present.sentences import source_title

_TOTALS_ONLY = "longport"
_STAYS = "Your list, thresholds and alerts stay."


@dataclass(frozen=True, slots=True)
class Leaving:
    """A source that may be disconnected. `symbols` it is asked about, `named` of them by the user's own choice.

    `other` is the source that stays, None where it is the last one.
    """

    source: str
    symbols: int
    named: int
    other: str | None


def answered_in(seconds: float) -> str:
    """How long a source took to answer a test."""
    return f"answered in {max(round(seconds * 1000), 1)} ms" if seconds < 1 else f"answered in {seconds:.1f} s"


def disconnect_words(leaving: Leaving, *, sign_out: bool) -> tuple[str, str]:
    """The question before a source is disconnected, and what will happen."""
    name = source_title(leaving.source)
    said = [_where_to(leaving), _STAYS]
    if sign_out:
        said.append(f"The sign-in ends at {name}, and leaves this computer's keyring.")
    elif leaving.source == "longport":
        said.append("The sign-in is kept; Sign out ends it.")
    return f"Sign out of {name}?" if sign_out else f"Disconnect {name}?", " ".join(said)


def _where_to(leaving: Leaving) -> str:
    if leaving.other is None:
        return "Nothing else is connected: Capflow goes back to its first page, where the demo is, too."
    other = source_title(leaving.other)
    if not leaving.symbols:
        return f"{other} is asked about everything already."
    totals = ", with totals and no order sizes" if leaving.other == _TOTALS_ONLY else ""
    moved = "its one symbol" if leaving.symbols == 1 else f"its {leaving.symbols} symbols"
    if not leaving.named:
        return f"{other} takes over {moved}{totals}."
    own = "the one you put there yourself goes" if leaving.named == 1 else f"the {leaving.named} you put there go"
    return f"{other} takes over {moved}{totals}; {own} back when {source_title(leaving.source)} does."


def disconnected_words(source: str, *, last: bool, left: str = "") -> str:
    """What the next window says first; `left` is what the user still has to do."""
    next_ = " Connect a broker again, or look around the demo." if last else ""
    kept = "Your list, thresholds and alerts are as they were."
    return " ".join(filter(None, (f"{source_title(source)} is disconnected. {kept}{next_}", left)))
