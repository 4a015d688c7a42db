"""The words of every reason code."""

from __future__ import annotations

from capflow_gui.present.names import source_title
from capflow_gui.present.numbers import duration
from capflow_gui.reason import Argument, Code, Reason

_WORDS: dict[Code, str] = {
    # Anywhere
    Code.VERBATIM: "{text}",
    # Typed symbols
    Code.NO_MARKET: "no market in this symbol",
    Code.WRITE_SYMBOL: "write it as {examples}; markets: {markets}",
    Code.UNKNOWN_MARKET: "unknown market {market!r}",
    Code.MARKETS: "markets: {markets}",
    Code.BEIJING_NOT_COVERED: "Beijing's exchange is not covered",
    Code.AN_INDEX: "{symbol} is an index, and indexes have no capital flow",
    Code.STOCKS_ALONE: "give a stock, a fund or a warrant",
    Code.NOT_A_CODE: "{found!r} is not a stock code",
    Code.CODE_FORM: "letters, digits, dot and dash, at most 20",
    Code.NOT_A_HK_CODE: "{found!r} is not a Hong Kong code",
    Code.HK_CODE_FORM: "up to five digits, for example 700.HK",
    Code.CODE_ZERO: "code zero does not exist",
    Code.NOT_AN_A_SHARE_CODE: "{found!r} is not an A-share code",
    Code.A_SHARE_FORM: "six digits, for example 600519.SH",
    # Typed amounts and dates
    Code.AMOUNT_MISSING: "an amount is missing here",
    Code.AMOUNT_EXAMPLES: "write it as -200M, 1.5B, -1500万 or -80000",
    Code.AFTER_AMOUNT: "nothing may follow the amount, found {found!r}",
    Code.AMOUNT_TOO_LARGE: "this amount is too large",
    Code.TWO_READINGS: "this amount can be read in two ways",
    Code.WRITE_ONE_OF: "write {first} or {second}",
    Code.FOREIGN_GROUPING: "only commas group thousands, and the decimal mark is a point",
    Code.WRITE_AMOUNT: "write {amount}, if that is meant",
    Code.SUFFIX_MINUTES: "m is minutes; million is a capital M",
    Code.SUFFIX_SMALL: "{suffix!r} is not a suffix; suffixes are capital letters",
    Code.SUFFIX_UNKNOWN: "{suffix!r} is not a suffix; there are K, M, B, T, 万, 亿, 萬 and 億",
    Code.DATES_NEED_A_PERIOD: "intraday flow has no dates",
    Code.ASK_FOR_A_PERIOD: "ask for day, week or month",
    Code.RUNNING_SESSION_ONLY: "Longport gives the running session only",
    Code.ASK_OPEND: "ask OpenD for history",
    Code.START_AFTER_END: "the start comes after the end",
    # Typed rules
    Code.FOR_EXAMPLE: "for example {example}",
    Code.SCOPE_MISSING: "a rule begins with its scope and a colon",
    Code.SCOPES: "a scope is *, a symbol such as 700.HK, or @group",
    Code.GROUP_WITHOUT_NAME: "the group has no name",
    Code.METRIC_MISSING: "a metric is missing here",
    Code.UNKNOWN_METRIC: "unknown metric {name!r}",
    Code.METRICS: "metrics: {names}",
    Code.ONLY_TURNOVER: "only /turnover may stand here",
    Code.SHARE_IN_PERCENT: "a share of turnover is in per cent",
    Code.NOT_A_MEASURE: "{found!r} is not understood here",
    Code.MEASURES: "after the metric: <=, >=, change, drawdown, crosses, /turnover",
    Code.COMPARISON_MISSING: "a comparison is missing here",
    Code.NOT_A_COMPARISON: "{found!r} is not a comparison of rules",
    Code.COMPARISONS: "use <= or >=",
    Code.DRAWDOWN_GROWS: "a drawdown is how far below the high: it grows",
    Code.DRAWDOWN_POSITIVE: "a drawdown must be more than zero",
    Code.PERCENT_WITHOUT_SHARE: "a percentage needs a share of turnover",
    Code.MINUTES_ARE_SMALL: "M is million; minutes are a small m",
    Code.TAKES_MINUTES: "{option} takes minutes",
    Code.MINUTES_RANGE: "{option} takes 1 to {most} minutes",
    Code.BAND_POSITIVE: "a band must be more than zero",
    Code.OPTION_TWICE: "{option!r} is there twice",
    Code.NOT_WITH_CROSSES: "a crossing has no {option!r}",
    Code.CROSSES_HAS_BAND: "its band keeps it from firing back and forth",
    Code.NOT_AN_OPTION: "{found!r} is not understood",
    Code.OPTIONS: "options: for 2m, rearm 10%, again 100M, cooldown 15m, once",
    Code.REARM_IN_PERCENT: "rearm is in per cent",
    Code.REARM_RANGE: "rearm takes 0% to 100%",
    Code.STEP_POSITIVE: "a step must be more than zero",
    Code.STEP_IN_PERCENT: "a step of a share is in per cent",
    # Settings
    Code.SETTINGS_UNSAVED: "settings are not saved: {what}",
    # The feed
    Code.CLOCK_AHEAD: "{source}'s clock is {difference_s} ahead of this computer's",
    Code.CLOCK_BEHIND: "{source}'s clock is {difference_s} behind this computer's",
    Code.LINES_ON_CLOSED_DAY: "{source} sends lines of today for {market}, which the calendar had as closed",
    Code.MARKET_SAID_CLOSED: "{source} says {market} is closed, the calendar says open",
    Code.MARKET_SAID_OPEN: "{source} says {market} is open, the calendar says closed",
    Code.NOT_WATCHED: "not watching {start}–{end}",
    Code.PART_FAILED: "a part of Capflow itself has failed ({part}: {error}): start it again, details are in the log",
    Code.QUOTA_FILE_DAMAGED: "the shared quota file was damaged: the quota was taken as used up for one window",
    Code.QUOTA_FILE_UNUSABLE: "the shared quota file cannot be used ({error}): counting in memory only",
    Code.QUOTA_SHARED: "another program shares {source}'s quota: {allowed} instead of {budget} calls for 10 minutes",
    Code.SOURCE_DOWN: "{source} is not connected: its symbols are asked elsewhere",
    # Alerts
    Code.ALL_LINES_FLAGGED: "every line failed its checks",
    Code.GOES_ON_AT: "continued at {source}",
    Code.JUDGED_AGAIN: "judged again",
    Code.LEFT_LIST: "no longer watched",
    Code.NEWEST_FLAGGED: "the newest lines failed their checks ({flags})",
    Code.NEWEST_MISSING: "the newest lines have no {metric} figure",
    Code.NEWEST_OUTSIDE: "the newest lines are outside the session",
    Code.NO_ANCHOR: "there is no line {minutes} minutes before the newest one",
    Code.NO_ANSWER: "the source did not answer",
    Code.NO_ANSWER_YET: "no answer yet",
    Code.NO_LINES: "the source sent no lines",
    Code.NO_METRIC: "{source} gives no {metric} figures for {symbol}",
    Code.NOT_CONNECTED: "not connected",
    Code.NOT_CONNECTED_BECAUSE: "not connected: {why}",
    Code.PREVIOUS_SESSION: "the source still gives the previous session",
    Code.REPLY_FLAGGED: "the reply failed its checks ({flags})",
    Code.RULE_CHANGED: "the rule was changed",
    Code.SESSION_ENDED: "session ended",
    Code.TIME_STANDS: "the source's time is not moving",
    Code.TURNOVER_OLD: "the turnover is older than the newest lines",
    Code.TURNOVER_UNKNOWN: "the turnover is not known",
    # Storage
    Code.ALERTS_NOT_SAVED: "alerts are not being saved: {why}",
    Code.FILE_DAMAGED: "{name} was damaged ({why}); it is kept as {kept}, and a new one begun",
    Code.FILE_NEWER: "{path} was written by a newer Capflow: update Capflow, or choose another --data-dir",
    Code.FILE_OF_REAL: "{path} belongs to a real profile and takes nothing from a simulated one",
    Code.FILE_OF_SIMULATED: "{path} belongs to a simulated profile and takes nothing from a real one",
    Code.FILE_UNREADABLE: "{path} cannot be opened: {why}",
    Code.FILE_UNWRITABLE: "{path} cannot be written: {why}",
}


def reason_words(reason: Reason) -> str:
    """A clause without a full stop; the first letter is small where a sentence may begin with it."""
    return _WORDS[reason.code].format(**{name: _argument(name, value) for name, value in reason.args})


def clock_words(source: str, ahead_s: float) -> str:
    """By how much a source's clock is ahead of this computer's, or behind it (negative)."""
    code = Code.CLOCK_AHEAD if ahead_s > 0 else Code.CLOCK_BEHIND
    return reason_words(Reason.of(code, source=source, difference_s=abs(ahead_s)))


def _argument(name: str, value: Argument) -> Argument:
    """`source` is a source's name, and what ends in `_s` are seconds; everything else is written as it is."""
    if isinstance(value, Reason):
        return reason_words(value)
    if name == "source":
        return source_title(str(value))
    return duration(value) if name.endswith("_s") and isinstance(value, int | float) else value
