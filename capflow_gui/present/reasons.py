"""The words of every reason code."""

from __future__ import annotations

from capflow_gui.reason import Argument, Code, Reason

_WORDS: dict[Code, str] = {
    # Anywhere
    Code.VERBATIM: "{text}",
}


def reason_words(reason: Reason) -> str:
    """A clause without a full stop; the first letter is small where a sentence may begin with it."""
    return _WORDS[reason.code].format(**{name: _argument(value) for name, value in reason.args})


def _argument(value: Argument) -> Argument:
    return reason_words(value) if isinstance(value, Reason) else value
