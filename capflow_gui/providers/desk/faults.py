"""What went wrong on the bus, as errors of ours: one reason each."""

from __future__ import annotations

import errno
import ssl

from capflow_gui.errors import AuthFailed, ConnectFailed, ConnectFault, ConnectionLost, ProviderError
from capflow_gui.providers.channel import os_words
from capflow_gui.reason import Code, Reason

_EXPIRED = 10  # X509_V_ERR_CERT_HAS_EXPIRED
_NOT_YET = 9  # X509_V_ERR_CERT_NOT_YET_VALID
_OTHER_HOST = (62, 64)  # X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH
_CUT_OFF = ("authentication revoked", "authentication expired", "authorization violation")
# The secret did not come in time, be it right or wrong: one of the two computers is busy.
_TOO_LATE = "authentication timeout"
_ENDED = "unexpected eof"
_NO_RIGHT = "permissions violation for "


class Unencrypted(OSError):
    """The server does not encrypt, and the secret was not sent to it."""


def connect_fault(source: str, address: str, user: str, error: BaseException, *, known: bool) -> ProviderError:
    """Why there is no connection. `known`: the user was let in with this secret before."""
    text = str(error).lower()
    if any(words in text for words in _CUT_OFF):
        return refused(source, user, known=known)
    if isinstance(error, ssl.SSLCertVerificationError):
        return ConnectFailed(source, _certificate_fault(address, error), ConnectFault.UNTRUSTED)
    fault = ConnectFault.UNREACHABLE
    match error:
        case _ if _ENDED in text:
            reason = Reason.of(Code.BUS_LOST, address=address)
        case Unencrypted():
            reason, fault = Reason.of(Code.DESK_UNENCRYPTED, address=address), ConnectFault.FOREIGN
        case _ if isinstance(error, TimeoutError) or _TOO_LATE in text:
            reason = Reason.of(Code.CONNECTED_BUT_SILENT, address=address)
        case OSError() if isinstance(error, ConnectionRefusedError) or f"[errno {errno.ECONNREFUSED}]" in text:
            reason = Reason.of(Code.BUS_ABSENT, address=address)
        case OSError():
            reason = Reason.of(Code.UNREACHABLE, address=address, why=os_words(error))
        case _:
            reason, fault = Reason.of(Code.NOT_A_BUS, address=address, why=str(error)), ConnectFault.FOREIGN
    return ConnectFailed(source, reason, fault)


def refused(source: str, user: str, *, known: bool) -> ProviderError:
    """The bus refuses the user. One that it let in before had access, and may have it again."""
    if known:
        return ConnectFailed(source, Reason.of(Code.DESK_WITHDRAWN, user=user))
    return AuthFailed(source, 0, reason=Reason.of(Code.DESK_REFUSED, user=user))


def end_fault(source: str, address: str, user: str, error: BaseException | None) -> ProviderError:
    """Why a connection that was ready has ended."""
    if error is not None and any(words in str(error).lower() for words in _CUT_OFF):
        return refused(source, user, known=True)
    return ConnectionLost(source, Reason.of(Code.BUS_LOST, address=address))


def missing_right(error: BaseException) -> str | None:
    """The subject that the user has no right to, in small letters as the server's words are read; None: another fault.

    In full: `nats: permissions violation for publish to "capflow.v1.interest.ws01"`.
    """
    _, found, rest = str(error).lower().partition(_NO_RIGHT)
    return rest.partition('"')[2].partition('"')[0] if found else None


def _certificate_fault(address: str, error: ssl.SSLCertVerificationError) -> Reason:
    if error.verify_code == _EXPIRED:
        code = Code.DESK_EXPIRED
    elif error.verify_code == _NOT_YET:
        code = Code.DESK_NOT_YET_VALID
    elif error.verify_code in _OTHER_HOST:
        code = Code.DESK_OTHER_HOST
    else:
        code = Code.DESK_NOT_TRUSTED
    return Reason.of(code, address=address)
