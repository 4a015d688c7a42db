"""What went wrong with a desk, in sentences: its reasons say by themselves what to do."""

from __future__ import annotations

from capflow_gui.errors import (
    CapflowError,
    ConnectFailed,
    ConnectionLost,
    NotSignedIn,
    ProviderError,
    RequestRejected,
    UpdateNeeded,
)
from capflow_gui.present.language.texts import _, full_stop, one_after_other
from capflow_gui.present.reasons import reason_words
from capflow_gui.reason import Code, Reason

# What only waiting helps with.
_BY_ITSELF = frozenset(
    {Code.BUS_LOST, Code.BUS_SILENT, Code.COLLECTOR_LOST, Code.COLLECTOR_STOPPED, Code.COLLECTOR_WAITS}
)
# What a desk says itself; all else is the broker's that its collector asks.
_OWN = frozenset(
    {Code.DESK_HAS_NOT, Code.NOT_ON_A_DESK, Code.DESK_REFUSED, Code.NOT_A_SUBJECT, Code.DESK_LIST_TOO_LONG}
)


def is_desks(source: str) -> bool:
    """Whether a source is a desk, by its name: desk, desk-2 …"""
    return source == "desk" or source.startswith("desk-")


def desk_sentence(error: Exception, *, retrying: bool) -> str | None:
    """The sentence of an error of a desk's own; None for any other. `retrying`: it is tried again by itself."""
    match error:
        case UpdateNeeded():
            return _sentence(error.reason)
        case ProviderError(source=source) if is_desks(source):
            return _of_desk(error, retrying=retrying)
    return None


def _of_desk(error: ProviderError, *, retrying: bool) -> str | None:
    match error:
        case NotSignedIn():
            return one_after_other((_sentence(error.reason), _sentence(error.suggestion)))
        case ConnectFailed() | ConnectionLost():
            again = _("It is tried again by itself.")
            said = _sentence(error.reason)
            return one_after_other((said, again)) if retrying and _may_wait(error) else said
        case RequestRejected() if error.reason.code in _OWN:
            return _sentence(error.reason)
    return None


def _may_wait(error: CapflowError) -> bool:
    return isinstance(error, ConnectFailed | ConnectionLost) and error.reason.code in _BY_ITSELF


def _sentence(reason: Reason) -> str:
    """A reason with a capital and a full stop; an address at its beginning stays as it is."""
    text = reason_words(reason)
    return full_stop(text if ":" in text.partition(" ")[0] else text[:1].upper() + text[1:])
