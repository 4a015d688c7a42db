"""Exit statuses, a contract of the command line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from capflow_gui.errors import (
    CapflowError,
    InvalidInput,
    NoLines,
    NotSignedIn,
    ProtocolError,
    ProviderError,
    RequestRejected,
    SettingsError,
    StorageError,
)
from capflow_gui.reason import Code

DONE = 0
FAILED = 1  # anything that has no status of its own: a bug, or a disk that cannot be written
USAGE = 2
NO_CONNECTION = 3
REJECTED = 4
PROTOCOL = 5
INTERRUPTED = 130


def status_of(error: CapflowError) -> int:
    """The status of a program that ends with this error."""
    match error:
        case InvalidInput() | SettingsError() | NotSignedIn():
            return USAGE
        case RequestRejected() | NoLines():
            return REJECTED
        case StorageError() if error.reason.code is Code.NOTHING_RECORDED:
            return REJECTED
        case ProviderError():
            return NO_CONNECTION
        case ProtocolError():
            return PROTOCOL
        case _:
            return FAILED


def status_of_fetch(errors: Sequence[CapflowError], asked: int) -> int:
    """The status when `errors` came of so many symbols asked.

    A symbol that the broker refused is an answer too; one whose question was never answered leaves the result
    incomplete.
    """
    if len(errors) == asked:
        return status_of_all(errors)
    return NO_CONNECTION if NO_CONNECTION in map(status_of, errors) else DONE


def status_of_all(errors: Iterable[CapflowError]) -> int:
    """The status when every symbol failed: the one that says most about what to repair."""
    found = {status_of(error) for error in errors}
    order = (PROTOCOL, NO_CONNECTION, REJECTED, USAGE, FAILED)
    return next((status for status in order if status in found), DONE)
