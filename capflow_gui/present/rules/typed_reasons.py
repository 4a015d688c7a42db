"""The words of reason codes for what somebody typed: symbols, amounts, dates, rules."""

from __future__ import annotations

from capflow_gui.present.language.texts import N_
from capflow_gui.reason import Code

TYPED: dict[Code, str] = {
    # Typed symbols
    Code.NO_MARKET: N_("no market in this symbol"),
    Code.WRITE_SYMBOL: N_("write it as {examples}; markets: {markets}"),
    Code.UNKNOWN_MARKET: N_("unknown market {market!r}"),
    Code.MARKETS: N_("markets: {markets}"),
    Code.BEIJING_NOT_COVERED: N_("Beijing's exchange is not covered"),
    Code.AN_INDEX: N_("{symbol} is an index, and indexes have no capital flow"),
    Code.STOCKS_ALONE: N_("give a stock, a fund or a warrant"),
    Code.NOT_A_CODE: N_("{found!r} is not a stock code"),
    Code.CODE_FORM: N_("letters, digits, dot and dash, at most 20"),
    Code.NOT_A_HK_CODE: N_("{found!r} is not a Hong Kong code"),
    Code.HK_CODE_FORM: N_("up to five digits, for example 700.HK"),
    Code.CODE_ZERO: N_("code zero does not exist"),
    Code.NOT_AN_A_SHARE_CODE: N_("{found!r} is not an A-share code"),
    Code.A_SHARE_FORM: N_("six digits, for example 600519.SH"),
    # Typed amounts and dates
    Code.AMOUNT_MISSING: N_("an amount is missing here"),
    Code.AMOUNT_EXAMPLES: N_("write it as -200M, 1.5B, -1500万 or -80000"),
    Code.AFTER_AMOUNT: N_("nothing may follow the amount, found {found!r}"),
    Code.AMOUNT_TOO_LARGE: N_("this amount is too large"),
    Code.TWO_READINGS: N_("this amount can be read in two ways"),
    Code.WRITE_ONE_OF: N_("write {first} or {second}"),
    Code.FOREIGN_GROUPING: N_("only commas group thousands, and the decimal mark is a point"),
    Code.WRITE_AMOUNT: N_("write {amount}, if that is meant"),
    Code.SUFFIX_MINUTES: N_("m is minutes; million is a capital M"),
    Code.SUFFIX_SMALL: N_("{suffix!r} is not a suffix; suffixes are capital letters"),
    Code.SUFFIX_UNKNOWN: N_("{suffix!r} is not a suffix; there are K, M, B, T, 万, 亿, 萬 and 億"),
    Code.DATES_NEED_A_PERIOD: N_("intraday flow has no dates"),
    Code.ASK_FOR_A_PERIOD: N_("ask for day, week or month"),
    Code.RUNNING_SESSION_ONLY: N_("Longport gives the running session only"),
    Code.ASK_OPEND: N_("ask OpenD for history"),
    Code.START_AFTER_END: N_("the start comes after the end"),
    # The user's own groups
    Code.GROUP_NAME_LONG: N_("a group's name has at most {most} characters"),
    Code.GROUP_NAME_TAKEN: N_("there is a group of this name already"),
    # The rules file
    Code.IN_PLACE: N_("line {line}, column {column}, “{text}”: {why}"),
    Code.NOT_RULE_TABLES: N_("its rules are not tables; write [[rule]] above each"),
    Code.RULES_DAMAGED: N_("the rules file {name} cannot be read ({why}): none is judged; import the good ones of it"),
    Code.RULE_ID_RESERVED: N_("the id {id!r} belongs to a threshold; give this rule another, or none"),
    Code.RULE_ID_TWICE: N_("two rules have the id {id!r}; give this one another, or none"),
    Code.RULE_UNREADABLE: N_("{name}, line {line}, column {column}: “{text}” cannot be read and is not judged: {why}"),
    # Typed rules
    Code.FOR_EXAMPLE: N_("for example {example}"),
    Code.SCOPE_MISSING: N_("a rule begins with its scope and a colon"),
    Code.SCOPES: N_("a scope is *, a symbol such as 700.HK, or @group"),
    Code.GROUP_WITHOUT_NAME: N_("the group has no name"),
    Code.METRIC_MISSING: N_("a metric is missing here"),
    Code.UNKNOWN_METRIC: N_("unknown metric {name!r}"),
    Code.METRICS: N_("metrics: {names}"),
    Code.ONLY_TURNOVER: N_("only /turnover may stand here"),
    Code.SHARE_IN_PERCENT: N_("a share of turnover is in per cent"),
    Code.SHARE_TOO_LARGE: N_("a share of turnover is at most 100%"),
    Code.NOT_A_MEASURE: N_("{found!r} is not understood here"),
    Code.MEASURES: N_("after the metric: <=, >=, change, drawdown, crosses, divergence, /turnover"),
    Code.COMPARISON_MISSING: N_("a comparison is missing here"),
    Code.NOT_A_COMPARISON: N_("rules have no comparison {found!r}"),
    Code.COMPARISONS: N_("use <= or >="),
    Code.DRAWDOWN_GROWS: N_("a drawdown grows as net falls"),
    Code.DRAWDOWN_POSITIVE: N_("a drawdown must be more than zero"),
    Code.PERCENT_WITHOUT_SHARE: N_("a percentage needs a share of turnover"),
    Code.MINUTES_ARE_SMALL: N_("M is million; minutes are a small m"),
    Code.TAKES_MINUTES: N_("{option!r} takes minutes"),
    Code.MINUTES_RANGE: N_("{option!r} takes 1 to {most} minutes"),
    Code.BAND_POSITIVE: N_("a band must be more than zero"),
    Code.OPTION_TWICE: N_("{option!r} is given twice"),
    Code.NOT_WITH_CROSSES: N_("a crossing has no {option!r}"),
    Code.CROSSES_HAS_BAND: N_("its band already prevents repeated alerts"),
    Code.NOT_AN_OPTION: N_("{found!r} is not understood"),
    Code.OPTIONS: (
        N_(
            "options: for 2m, rearm 10%, again 100M, cooldown 15m, once, from 10:00 to 15:30, skip "
            "first 15m last 5m, until 2026-12-31, early"
        )
    ),
    Code.REARM_IN_PERCENT: N_("rearm is in per cent"),
    Code.REARM_RANGE: N_("rearm takes 0% to 100%"),
    Code.STEP_POSITIVE: N_("a step must be more than zero"),
    Code.STEP_IN_PERCENT: N_("a step of a share is in per cent"),
    Code.TIME_MISSING: N_("a time of day at the exchange is missing here"),
    Code.PART_EMPTY: N_("the time after `to` must be later than the one after `from`"),
    Code.SKIPS_WHAT: N_("skip takes the first or the last minutes of a session"),
    Code.DATE_MISSING: N_("a date is missing here"),
    Code.DEVIATIONS_RANGE: N_("unusual takes how many deviations from the median, up to {most}"),
    Code.FLOOR_MISSING: N_("a floor is missing here: the least change that is unusual"),
    Code.FLOOR_POSITIVE: N_("a floor must be more than zero"),
    Code.DIVERGENCE_OF: N_("a divergence is of a price and a flow"),
    Code.DIVERGENCE_IN_PERCENT: N_("a divergence is in per cent of the price, and of the turnover so far"),
    Code.DIVERGENCE_RANGE: N_("a divergence takes more than 0% and at most 100%"),
}
