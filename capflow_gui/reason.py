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


class Code(StrEnum):
    """Every reason there is. The arguments of each are the fields of its words in `present.reasons`."""

    # Anywhere
    VERBATIM = "verbatim"  # text: the broker's or the system's own words, or a sentence kept by an earlier version

    # Typed symbols
    NO_MARKET = "no_market"
    WRITE_SYMBOL = "write_symbol"
    UNKNOWN_MARKET = "unknown_market"
    MARKETS = "markets"
    BEIJING_NOT_COVERED = "beijing_not_covered"
    AN_INDEX = "an_index"
    STOCKS_ALONE = "stocks_alone"
    NOT_A_CODE = "not_a_code"
    CODE_FORM = "code_form"
    NOT_A_HK_CODE = "not_a_hk_code"
    HK_CODE_FORM = "hk_code_form"
    CODE_ZERO = "code_zero"
    NOT_AN_A_SHARE_CODE = "not_an_a_share_code"
    A_SHARE_FORM = "a_share_form"

    # Typed amounts and dates
    AMOUNT_MISSING = "amount_missing"
    AMOUNT_EXAMPLES = "amount_examples"
    AFTER_AMOUNT = "after_amount"
    AMOUNT_TOO_LARGE = "amount_too_large"
    TWO_READINGS = "two_readings"
    WRITE_ONE_OF = "write_one_of"
    FOREIGN_GROUPING = "foreign_grouping"
    WRITE_AMOUNT = "write_amount"
    SUFFIX_MINUTES = "suffix_minutes"
    SUFFIX_SMALL = "suffix_small"
    SUFFIX_UNKNOWN = "suffix_unknown"
    DATES_NEED_A_PERIOD = "dates_need_a_period"
    ASK_FOR_A_PERIOD = "ask_for_a_period"
    RUNNING_SESSION_ONLY = "running_session_only"
    ASK_OPEND = "ask_opend"
    START_AFTER_END = "start_after_end"

    # Typed rules
    FOR_EXAMPLE = "for_example"
    SCOPE_MISSING = "scope_missing"
    SCOPES = "scopes"
    GROUP_WITHOUT_NAME = "group_without_name"
    METRIC_MISSING = "metric_missing"
    UNKNOWN_METRIC = "unknown_metric"
    METRICS = "metrics"
    ONLY_TURNOVER = "only_turnover"
    SHARE_IN_PERCENT = "share_in_percent"
    SHARE_TOO_LARGE = "share_too_large"
    NOT_A_MEASURE = "not_a_measure"
    MEASURES = "measures"
    COMPARISON_MISSING = "comparison_missing"
    NOT_A_COMPARISON = "not_a_comparison"
    COMPARISONS = "comparisons"
    DRAWDOWN_GROWS = "drawdown_grows"
    DRAWDOWN_POSITIVE = "drawdown_positive"
    PERCENT_WITHOUT_SHARE = "percent_without_share"
    MINUTES_ARE_SMALL = "minutes_are_small"
    TAKES_MINUTES = "takes_minutes"
    MINUTES_RANGE = "minutes_range"
    BAND_POSITIVE = "band_positive"
    OPTION_TWICE = "option_twice"
    NOT_WITH_CROSSES = "not_with_crosses"
    CROSSES_HAS_BAND = "crosses_has_band"
    NOT_AN_OPTION = "not_an_option"
    OPTIONS = "options"
    REARM_IN_PERCENT = "rearm_in_percent"
    REARM_RANGE = "rearm_range"
    STEP_POSITIVE = "step_positive"
    STEP_IN_PERCENT = "step_in_percent"

    # Settings
    SETTINGS_UNSAVED = "settings_unsaved"  # what: the file and what is wrong with it

    # The feed
    CALENDAR_ENDS = "calendar_ends"  # day: ISO date
    CLOCK_AHEAD = "clock_ahead"
    CLOCK_BEHIND = "clock_behind"
    LINES_ON_CLOSED_DAY = "lines_on_closed_day"
    MARKET_SAID_CLOSED = "market_said_closed"
    MARKET_SAID_OPEN = "market_said_open"
    NOT_WATCHED = "not_watched"  # start, end: wall clock of the exchange
    PART_FAILED = "part_failed"  # part of the program, error: the kind of its fault
    QUOTA_FILE_DAMAGED = "quota_file_damaged"
    QUOTA_FILE_UNUSABLE = "quota_file_unusable"  # error: the system's own words
    QUOTA_SHARED = "quota_shared"
    SOURCE_DOWN = "source_down"

    # Alerts
    ALL_LINES_FLAGGED = "alerts.all_lines_flagged"
    GOES_ON_AT = "alerts.goes_on_at"
    JUDGED_AGAIN = "alerts.judged_again"
    LEFT_LIST = "alerts.left_list"
    NEWEST_FLAGGED = "alerts.newest_flagged"
    NEWEST_MISSING = "alerts.newest_missing"
    NEWEST_OUTSIDE = "alerts.newest_outside"
    NO_ANCHOR = "alerts.no_anchor"
    NO_ANSWER = "alerts.no_answer"
    NO_ANSWER_YET = "alerts.no_answer_yet"
    NO_LINES = "alerts.no_lines"
    NO_METRIC = "alerts.no_metric"
    NOT_CONNECTED = "alerts.not_connected"
    NOT_CONNECTED_BECAUSE = "alerts.not_connected_because"
    PREVIOUS_SESSION = "alerts.previous_session"
    REPLY_FLAGGED = "alerts.reply_flagged"
    RULE_CHANGED = "alerts.rule_changed"
    SESSION_ENDED = "alerts.session_ended"
    TIME_STANDS = "alerts.time_stands"
    TURNOVER_OLD = "alerts.turnover_old"
    TURNOVER_UNKNOWN = "alerts.turnover_unknown"

    # Storage
    ALERTS_NOT_SAVED = "storage.alerts_not_saved"
    FILE_DAMAGED = "storage.file_damaged"
    FILE_NEWER = "storage.file_newer"
    FILE_OF_REAL = "storage.file_of_real"
    FILE_OF_SIMULATED = "storage.file_of_simulated"
    FILE_UNREADABLE = "storage.file_unreadable"
    FILE_UNWRITABLE = "storage.file_unwritable"

    # The archive
    DAY_RECOVERED = "archive.day_recovered"
    RECORDED_BESIDE = "archive.recorded_beside"
    RECORDING_DAMAGED = "archive.recording_damaged"
    RECORDING_NEWER = "archive.recording_newer"
    REPLY_TOO_LONG = "archive.reply_too_long"
    SIMULATOR_NOT_RECORDED = "archive.simulator_not_recorded"
    STATES_LOST = "archive.states_lost"
    STATES_MISSING = "archive.states_missing"

    # Playback
    RECORDED_TOO_LATE = "playback.recorded_too_late"

    # Connecting to a broker
    BROKER_SAID = "broker_said"  # message: the broker's own text; number: its code
    BROKER_REFUSED = "broker_refused"
    STILL_CONNECTING = "still_connecting"
    LINK_DOWN = "link_down"
    CLOSED = "closed"
    RECONNECTING = "reconnecting"
    ADDRESS_SILENT = "address_silent"
    NO_ANSWER_IN_TIME = "no_answer_in_time"
    CONNECTED_BUT_SILENT = "connected_but_silent"
    NOTHING_LISTENS = "nothing_listens"
    UNREACHABLE = "unreachable"  # why: the system's own words
    SILENT = "silent"
    STREAM_BROKE = "stream_broke"
    BROKE = "broke"
    CONNECTION_BROKE = "connection_broke"
    NOT_ENCRYPTED = "not_encrypted"
    SETTING_UNUSABLE = "setting_unusable"
    KEY_FILE_UNREADABLE = "key_file_unreadable"
    ONE_SOURCE_ONLY = "one_source_only"
    OTHER_SESSION = "other_session"
    NO_TOTALS = "no_totals"

    # OpenD
    OPEND_CLOSED = "opend_closed"
    CLOSED_BEFORE_INIT = "closed_before_init"
    INIT_UNREADABLE = "init_unreadable"
    INIT_UNANSWERED = "init_unanswered"
    INIT_NOT_WHAT_CAME = "init_not_what_came"
    KEYS_MAY_DIFFER = "keys_may_differ"
    MAYBE_ANOTHER_PROGRAM = "maybe_another_program"
    WEB_SERVER_THERE = "web_server_there"
    ANOTHER_PROGRAM_THERE = "another_program_there"
    OPEND_REFUSED = "opend_refused"
    OPEND_GOT_NO_ANSWER = "opend_got_no_answer"  # said: OpenD's own text or number
    OPEND_LOST_ITS_SERVER = "opend_lost_its_server"
    OPEND_CALLS_IT_INVALID = "opend_calls_it_invalid"
    OPEND_KNOWS_NO_RESULT = "opend_knows_no_result"
    SEARCH_UNANSWERED = "search_unanswered"
    OPEND_NOT_LOGGED_IN = "opend_not_logged_in"
    OPEND_LOST_QUOTES = "opend_lost_quotes"
    OPEND_NOT_READY = "opend_not_ready"
    OPEND_LOGGING_IN = "opend_logging_in"
    OPEND_WANTS_PICTURE_CODE = "opend_wants_picture_code"
    OPEND_WANTS_PHONE_CODE = "opend_wants_phone_code"
    OPEND_LOGIN_FAILED = "opend_login_failed"
    OPEND_MUST_BE_UPDATED = "opend_must_be_updated"
    OPEND_WANTS_DISCLAIMER = "opend_wants_disclaimer"
    OPEND_LOGGED_OUT = "opend_logged_out"
    LOG_IN_THERE = "log_in_there"
    KICKED_OUT = "kicked_out"
    RIGHTS_LOST = "rights_lost"  # rights: each market with the right it had and the one it has
    RSA_FILE_EMPTY = "rsa_file_empty"
    RSA_PUBLIC_KEY = "rsa_public_key"
    RSA_PROTECTED = "rsa_protected"
    RSA_NOT_A_KEY = "rsa_not_a_key"
    RSA_OTHER_KIND = "rsa_other_kind"
    RSA_TOO_SHORT = "rsa_too_short"
    MAKE_RSA_KEY = "make_rsa_key"
    REMOVE_RSA_PROTECTION = "remove_rsa_protection"
    NAME_RSA_FILE = "name_rsa_file"

    # Longport
    LONGPORT_CLOSED = "longport_closed"
    LONGPORT_CLOSED_WITH = "longport_closed_with"  # number: with the server's own words behind it
    LONGPORT_CLOSED_BECAUSE = "longport_closed_because"
    LONGPORT_SAYS_NO_REASON = "longport_says_no_reason"
    LONGPORT_HEARD_NO_HEARTBEAT = "longport_heard_no_heartbeat"
    LONGPORT_SERVER_FAILED = "longport_server_failed"
    LONGPORT_SHUTS_DOWN = "longport_shuts_down"
    LONGPORT_COULD_NOT_READ = "longport_could_not_read"
    LONGPORT_REFUSES_LOGIN = "longport_refuses_login"
    LONGPORT_SESSION_EXPIRED = "longport_session_expired"
    LONGPORT_SESSION_DOUBLED = "longport_session_doubled"
    MESSAGE_OF_OTHER_KIND = "message_of_other_kind"
    SESSION_FORGOTTEN = "session_forgotten"
    LOGIN_UNANSWERED = "login_unanswered"
    TRYING_WEBSOCKET = "trying_websocket"
    ALL_CONNECTIONS_USED = "all_connections_used"
    LONGPORT_SERVERS_LATE = "longport_servers_late"
    NO_SUCH_GROUP = "no_such_group"
    TOO_MANY_REQUESTS = "too_many_requests"
    NOT_LONGPORT = "not_longport"
    PROXY_NOT_HTTP = "proxy_not_http"
    PROXY_UNREACHABLE = "proxy_unreachable"
    PROXY_REFUSED = "proxy_refused"
    NO_CERTIFICATES = "no_certificates"
    NOT_TRUSTED = "not_trusted"
    NO_ENCRYPTION = "no_encryption"
    WEBSOCKET_REFUSED = "websocket_refused"
    NOT_AN_ADDRESS = "not_an_address"
    NOT_HOST_AND_PORT = "not_host_and_port"

    # Signing in
    NOT_REGISTERED = "not_registered"  # said: the server's own words
    SIGN_IN_SERVER_SAID = "sign_in_server_said"
    SIGN_IN_REFUSED = "sign_in_refused"
    NO_BROWSER = "no_browser"
    NOBODY_SIGNED_IN = "nobody_signed_in"
    CALLBACK_PORT_TAKEN = "callback_port_taken"
    USE_APP_KEY = "use_app_key"
    SIGN_IN_AGAIN = "sign_in_again"
    CLOSE_THAT_PROGRAM = "close_that_program"
    AGREE_ON_PAGE = "agree_on_page"
    PART_OF_KEY_MISSING = "part_of_key_missing"
    SET_ALL_THREE = "set_all_three"
    NO_CREDENTIALS_SET = "no_credentials_set"
    SET_VARIABLES = "set_variables"
    KEYRING_EMPTY = "keyring_empty"
    NO_KEYRING = "no_keyring"
    KEYRING_FAILED = "keyring_failed"
    KEYRING_SILENT = "keyring_silent"
    KEYRING_UNREADABLE = "keyring_unreadable"
    ENTER_OR_SET = "enter_or_set"
    SIGN_IN_OR_SET = "sign_in_or_set"
    UNLOCK_KEYRING = "unlock_keyring"
    CONNECT_ANEW = "connect_anew"
    REGION_WITHOUT_ADDRESS = "region_without_address"
    SET_ADDRESS_OR_REGION = "set_address_or_region"
    UNKNOWN_TRANSPORT = "unknown_transport"
    WS_OR_HTTP = "ws_or_http"

    # Answers that cannot be read
    UNPARSABLE = "unparsable"  # error: the parser's own words
    NO_RESULT = "no_result"
    LACKS_FIELDS = "lacks_fields"
    NO_SESSION = "no_session"
    OTP_UNREADABLE = "otp_unreadable"
    NEW_ACCESS_UNREADABLE = "new_access_unreadable"
    WATCHLIST_UNREADABLE = "watchlist_unreadable"
    NO_DATE = "no_date"
    NOT_A_DATE = "not_a_date"
    NOT_A_TIME = "not_a_time"
    NOT_A_NUMBER = "not_a_number"
    UNKNOWN_DAY_KIND = "unknown_day_kind"
    LINE_WITHOUT_TIME = "line_without_time"
    NOT_A_FRAME = "not_a_frame"
    NOT_A_PACKET = "not_a_packet"
    NOT_A_HANDSHAKE = "not_a_handshake"
    BODY_FORMAT = "body_format"
    BODY_TOO_LONG = "body_too_long"
    SHA_MISMATCH = "sha_mismatch"
    ENCRYPTED_LENGTH = "encrypted_length"
    AES_TAIL = "aes_tail"
    AES_PADDING = "aes_padding"
    AES_VECTOR_LENGTH = "aes_vector_length"
    AES_KEY_LENGTH = "aes_key_length"
    AES_KEY_NOT_ASCII = "aes_key_not_ascii"
    RSA_OTHER_KEY = "rsa_other_key"
    GZIP_UNREADABLE = "gzip_unreadable"
    GZIP_TOO_LONG = "gzip_too_long"
    GZIP_END = "gzip_end"
    MESSAGE_TOO_SHORT = "message_too_short"
    MESSAGE_TOO_LONG = "message_too_long"
    SERVER_ASKS = "server_asks"
    UNUSABLE_ANSWER = "unusable_answer"

    # Faults of ours
    NOT_IN_THIS_STATE = "not_in_this_state"
    DOES_NOT_FIT = "does_not_fit"


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
