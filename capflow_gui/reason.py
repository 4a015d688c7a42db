"""Why something is as it is: a code with arguments. Nothing below `present` writes a sentence.

A reason travels from where a fact is found to where somebody reads it, and into the database on the way.
`present.reasons` words it, in the reader's language. A broker's own text is an argument, verbatim.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Union

Argument = Union[str, int, float, None, "Reason"]


# Every reason there is, by name; the value is the name in small letters. Words and fields: `present.reasons`.
Code = StrEnum(
    "Code",
    # Anywhere
    "VERBATIM "
    # Typed symbols
    "NO_MARKET WRITE_SYMBOL UNKNOWN_MARKET MARKETS BEIJING_NOT_COVERED AN_INDEX STOCKS_ALONE NOT_A_CODE CODE_FORM "
    "NOT_A_HK_CODE HK_CODE_FORM CODE_ZERO NOT_AN_A_SHARE_CODE A_SHARE_FORM "
    # Typed amounts and dates
    "AMOUNT_MISSING AMOUNT_EXAMPLES AFTER_AMOUNT AMOUNT_TOO_LARGE TWO_READINGS WRITE_ONE_OF FOREIGN_GROUPING "
    "WRITE_AMOUNT SUFFIX_MINUTES SUFFIX_SMALL SUFFIX_UNKNOWN DATES_NEED_A_PERIOD ASK_FOR_A_PERIOD "
    "RUNNING_SESSION_ONLY ASK_OPEND START_AFTER_END "
    # Typed rules
    "FOR_EXAMPLE SCOPE_MISSING SCOPES GROUP_WITHOUT_NAME METRIC_MISSING UNKNOWN_METRIC METRICS ONLY_TURNOVER "
    "SHARE_IN_PERCENT SHARE_TOO_LARGE NOT_A_MEASURE MEASURES COMPARISON_MISSING NOT_A_COMPARISON COMPARISONS "
    "DRAWDOWN_GROWS DRAWDOWN_POSITIVE PERCENT_WITHOUT_SHARE MINUTES_ARE_SMALL TAKES_MINUTES MINUTES_RANGE "
    "BAND_POSITIVE OPTION_TWICE NOT_WITH_CROSSES CROSSES_HAS_BAND NOT_AN_OPTION OPTIONS REARM_IN_PERCENT "
    "REARM_RANGE STEP_POSITIVE STEP_IN_PERCENT "
    # Settings
    "SETTINGS_UNSAVED "
    # The feed
    "CALENDAR_ENDS CLOCK_AHEAD CLOCK_BEHIND LINES_ON_CLOSED_DAY MARKET_SAID_CLOSED MARKET_SAID_OPEN NOT_WATCHED "
    "PART_FAILED QUOTA_FILE_DAMAGED QUOTA_FILE_UNUSABLE QUOTA_SHARED SOURCE_DOWN "
    # Alerts
    "ALL_LINES_FLAGGED GOES_ON_AT JUDGED_AGAIN LEFT_LIST NEWEST_FLAGGED NEWEST_MISSING NEWEST_OUTSIDE NO_ANCHOR "
    "NO_ANSWER NO_ANSWER_YET NO_LINES NO_METRIC NOT_CONNECTED NOT_CONNECTED_BECAUSE PREVIOUS_SESSION "
    "REPLY_FLAGGED RULE_CHANGED SESSION_ENDED TIME_STANDS TURNOVER_OLD TURNOVER_UNKNOWN "
    # Storage
    "ALERTS_NOT_SAVED FILE_DAMAGED FILE_NEWER FILE_OF_REAL FILE_OF_SIMULATED FILE_UNREADABLE FILE_UNWRITABLE "
    # The archive
    "DAY_RECOVERED RECORDED_BESIDE RECORDING_DAMAGED RECORDING_NEWER REPLY_TOO_LONG SIMULATOR_NOT_RECORDED "
    "STATES_LOST STATES_MISSING "
    # Playback
    "RECORDED_TOO_LATE "
    # Connecting to a broker
    "BROKER_SAID BROKER_REFUSED STILL_CONNECTING LINK_DOWN CLOSED RECONNECTING ADDRESS_SILENT NO_ANSWER_IN_TIME "
    "CONNECTED_BUT_SILENT NOTHING_LISTENS UNREACHABLE SILENT STREAM_BROKE BROKE CONNECTION_BROKE NOT_ENCRYPTED "
    "SETTING_UNUSABLE KEY_FILE_UNREADABLE ONE_SOURCE_ONLY OTHER_SESSION NO_TOTALS "
    # OpenD
    "OPEND_CLOSED CLOSED_BEFORE_INIT INIT_UNREADABLE INIT_UNANSWERED INIT_NOT_WHAT_CAME KEYS_MAY_DIFFER "
    "MAYBE_ANOTHER_PROGRAM WEB_SERVER_THERE ANOTHER_PROGRAM_THERE OPEND_REFUSED OPEND_GOT_NO_ANSWER "
    "OPEND_LOST_ITS_SERVER OPEND_CALLS_IT_INVALID OPEND_KNOWS_NO_RESULT SEARCH_UNANSWERED OPEND_NOT_LOGGED_IN "
    "OPEND_LOST_QUOTES OPEND_NOT_READY OPEND_LOGGING_IN OPEND_WANTS_PICTURE_CODE OPEND_WANTS_PHONE_CODE "
    "OPEND_LOGIN_FAILED OPEND_MUST_BE_UPDATED OPEND_WANTS_DISCLAIMER OPEND_LOGGED_OUT LOG_IN_THERE KICKED_OUT "
    "RIGHTS_LOST RSA_FILE_EMPTY RSA_PUBLIC_KEY RSA_PROTECTED RSA_NOT_A_KEY RSA_OTHER_KIND RSA_TOO_SHORT "
    "MAKE_RSA_KEY REMOVE_RSA_PROTECTION NAME_RSA_FILE "
    # Longport
    "LONGPORT_CLOSED LONGPORT_CLOSED_WITH LONGPORT_CLOSED_BECAUSE LONGPORT_SAYS_NO_REASON "
    "LONGPORT_HEARD_NO_HEARTBEAT LONGPORT_SERVER_FAILED LONGPORT_SHUTS_DOWN LONGPORT_COULD_NOT_READ "
    "LONGPORT_REFUSES_LOGIN LONGPORT_SESSION_EXPIRED LONGPORT_SESSION_DOUBLED MESSAGE_OF_OTHER_KIND "
    "SESSION_FORGOTTEN LOGIN_UNANSWERED TRYING_WEBSOCKET ALL_CONNECTIONS_USED LONGPORT_SERVERS_LATE NO_SUCH_GROUP "
    "TOO_MANY_REQUESTS NOT_LONGPORT PROXY_NOT_HTTP PROXY_UNREACHABLE PROXY_REFUSED NO_CERTIFICATES NOT_TRUSTED "
    "NO_ENCRYPTION WEBSOCKET_REFUSED NOT_AN_ADDRESS NOT_HOST_AND_PORT "
    # Signing in
    "NOT_REGISTERED SIGN_IN_SERVER_SAID SIGN_IN_REFUSED NO_BROWSER NOBODY_SIGNED_IN CALLBACK_PORT_TAKEN "
    "USE_APP_KEY SIGN_IN_AGAIN CLOSE_THAT_PROGRAM AGREE_ON_PAGE PART_OF_KEY_MISSING SET_ALL_THREE "
    "NO_CREDENTIALS_SET SET_VARIABLES KEYRING_EMPTY NO_KEYRING KEYRING_FAILED KEYRING_SILENT KEYRING_UNREADABLE "
    "ENTER_OR_SET SIGN_IN_OR_SET UNLOCK_KEYRING CONNECT_ANEW REGION_WITHOUT_ADDRESS SET_ADDRESS_OR_REGION "
    "UNKNOWN_TRANSPORT WS_OR_HTTP "
    # Answers that cannot be read
    "UNPARSABLE NO_RESULT LACKS_FIELDS NO_SESSION OTP_UNREADABLE NEW_ACCESS_UNREADABLE WATCHLIST_UNREADABLE "
    "NO_DATE NOT_A_DATE NOT_A_TIME NOT_A_NUMBER UNKNOWN_DAY_KIND LINE_WITHOUT_TIME NOT_A_FRAME NOT_A_PACKET "
    "NOT_A_HANDSHAKE BODY_FORMAT BODY_TOO_LONG SHA_MISMATCH ENCRYPTED_LENGTH AES_TAIL AES_PADDING "
    "AES_VECTOR_LENGTH AES_KEY_LENGTH AES_KEY_NOT_ASCII RSA_OTHER_KEY GZIP_UNREADABLE GZIP_TOO_LONG GZIP_END "
    "MESSAGE_TOO_SHORT MESSAGE_TOO_LONG SERVER_ASKS UNUSABLE_ANSWER "
    # Faults of ours
    "NOT_IN_THIS_STATE DOES_NOT_FIT ",
)


@dataclass(frozen=True, slots=True)
class Reason:
    """A code and its arguments, in the order they were given. An argument may be a reason itself."""

    code: Code
    args: tuple[tuple[str, Argument], ...] = ()

    @classmethod
    def of(cls, code: Code, **args: Argument) -> Reason:
        """A reason with named arguments."""
        return cls(code, tuple(args.items()))

    def get(self, name: str) -> Argument:
        """The argument of that name; None where there is none."""
        return dict(self.args).get(name)

    def __str__(self) -> str:
        """For the log: the code and its arguments."""
        return " ".join((self.code.value, *(f"{name}={value}" for name, value in self.args)))

    def to_json(self) -> str:
        """What the database keeps."""
        return json.dumps(_plain(self))

    @classmethod
    def from_json(cls, text: str) -> Reason:
        """Read what `to_json` wrote; a code of a newer version is kept as VERBATIM. Raises ValueError."""
        try:
            found = json.loads(text)
            if isinstance(found, dict):
                return _reason(found)
        except (TypeError, RecursionError) as error:
            # A cell of another type, or braces without end: a damaged file.
            raise ValueError(f"not a reason: {error}") from error
        raise ValueError(f"not a reason: {text!r}")


def _plain(reason: Reason) -> dict[str, Any]:
    args = {name: _plain(value) if isinstance(value, Reason) else value for name, value in reason.args}
    return {"code": reason.code.value, **args}


def _reason(found: dict[str, Any]) -> Reason:
    args = {name: _argument(value) for name, value in found.items()}
    code = str(args.pop("code", ""))
    if code not in set(Code):
        return Reason.of(Code.VERBATIM, text=code)
    # Not as keywords: what a file holds may have any name.
    return Reason(Code(code), tuple(args.items()))


def _argument(value: Any) -> Argument:
    if isinstance(value, dict):
        return _reason(value)
    return value if value is None or isinstance(value, str | int | float) else str(value)
