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


@dataclass(frozen=True, slots=True)
class Reason:
    """A code and its arguments, in the order they were given. An argument may be a reason itself."""

    code: Code
    args: tuple[tuple[str, Argument], ...] = ()

    @classmethod
    def of(cls, code: Code, **args: Argument) -> Reason:
        """A reason with named arguments."""
        return cls(code, tuple(args.items()))

    def __str__(self) -> str:
        """For the log: the code and its arguments."""
        return " ".join((self.code.value, *(f"{name}={value}" for name, value in self.args)))

    def to_json(self) -> str:
        """What the database keeps."""
        return json.dumps(_plain(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Reason:
        """Read what `to_json` wrote; a code of a newer version is kept as VERBATIM. Raises ValueError."""
        found = json.loads(text)
        if not isinstance(found, dict):
            raise ValueError(f"not a reason: {text!r}")  # noqa: TRY004 - the text is wrong, not its type
        return _reason(found)


def _plain(reason: Reason) -> dict[str, Any]:
    args = {name: _plain(value) if isinstance(value, Reason) else value for name, value in reason.args}
    return {"code": reason.code.value, **args}


def _reason(found: dict[str, Any]) -> Reason:
    args = {name: _reason(value) if isinstance(value, dict) else value for name, value in found.items()}
    code = str(args.pop("code", ""))
    if code not in set(Code):
        return Reason.of(Code.VERBATIM, text=code)
    return Reason.of(Code(code), **args)
