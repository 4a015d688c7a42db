"""What each figure in the window means: one text for the page of definitions and for what is said on hovering."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from capflow_gui.present.language.texts import _

_LINE, _WIDE_LINE = 68, 34  # characters in a line of a hover text: of Latin letters, of Chinese ones
_WIDE_FROM = "\u2e80"


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure's definition. Empty texts say that there is nothing to say.

    key    what the window calls it by: a column's own key, or a name
    what   its definition
    unit   of its amount
    sign   what plus and minus mean
    time   which stretch of time it is about, and when it changes
    source who gives it, or how it is worked out
    is_not what it is taken for, and is not
    """

    key: str
    name: str
    what: str
    unit: str = ""
    sign: str = ""
    time: str = ""
    source: str = ""
    is_not: str = ""

    def facts(self) -> Iterator[tuple[str, str]]:
        """The parts of the definition, each with its name."""
        named = (
            (_("Unit"), self.unit),
            (_("Sign"), self.sign),
            (_("Time"), self.time),
            (_("Source"), self.source),
            (_("Is not"), self.is_not),
        )
        return ((name, text) for name, text in named if text)


@dataclass(frozen=True, slots=True)
class State:
    """How true a figure is. `look`: `true` in its colour, `grey`, or `none` without figures; `age` is a sample.

    In `trouble` the age is amber.
    """

    name: str
    look: str
    age: str
    what: str
    trouble: bool = False


def figures() -> tuple[Figure, ...]:
    """Every figure, in the order of the page."""
    return (
        *_flow_figures(),
        *_class_figures(),
        *_row_figures(),
        *_alert_figures(),
        *_tape_figures(),
        *_quality_figures(),
        *_poll_figures(),
    )


def figure(key: str) -> Figure | None:
    """The figure of a key."""
    return next((each for each in figures() if each.key == key), None)


def hover_words(key: str) -> str:
    """What is said on hovering over a figure or its header: its whole definition; "" for an unknown key."""
    found = figure(key)
    if found is None:
        return ""
    lines = [found.what, *(f"{name}: {text}" for name, text in found.facts()), _("⇧F1: what do these numbers mean?")]
    return "\n".join([found.name, *(part for line in lines for part in _wrapped(line))])


def brief_words(key: str) -> str:
    """What is said of a figure beside its value: its name and definition alone; "" for an unknown key."""
    found = figure(key)
    return "" if found is None else "\n".join(_wrapped(f"{found.name}: {found.what}"))


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDE_LINE if any(letter >= _WIDE_FROM for letter in text) else _LINE)


def _flow_figures() -> tuple[Figure, ...]:
    money, plus = _("The listing's currency, as the header says."), _("Plus is net inflow, minus net outflow.")
    since = _("A running total since the open, one line a minute; the newest line moves until its minute is over.")
    return (
        Figure(
            "net",
            _("Net"),
            _("Money of buyers who took the ask, less money of sellers who hit the bid."),
            money,
            plus,
            since,
            _("The broker's capital flow. At OpenD it is the sum of the four order sizes."),
            _(
                "No money that enters or leaves the company, and no forecast: every trade has a buyer and a seller. "
                "Brokers compute it differently, so compare shape, sign and share, not amounts."
            ),
        ),
        Figure(
            "turnover",
            _("% of turnover"),
            _("Net as a share of all money traded in the session so far."),
            _("Per cent of the turnover."),
            plus,
            _("Since the open; the turnover is that of the newest quote."),
            _("Worked out here, of the flow and the quote."),
            _("No turnover rate, which is a share of the company's shares."),
        ),
        *_change_figures(money, plus),
        Figure(
            "today",
            _("Today"),
            _("The course of net; the line is as long as the session has gone, and zero is always inside."),
            "",
            _("Above zero net inflow, below it net outflow."),
            _("The whole session from left to right."),
            "",
            _("No common scale: each row has its own."),
        ),
        Figure(
            "period",
            _("Day, week, month"),
            _("Net of one finished period in the chart's history."),
            money,
            plus,
            _("One period a bar, no running total."),
            _("OpenD's history, and what was recorded here."),
        ),
    )


def _change_figures(money: str, plus: str) -> tuple[Figure, ...]:
    """What net does within the session; `money` and `plus` are the unit and the sign of all flow."""
    return (
        Figure(
            "per_minute",
            _("Per minute"),
            _("What one minute added: the difference of two neighbouring lines."),
            money,
            plus,
            _("One trading minute. Where lines are missing there is one step, with its length written at it."),
            _("Worked out here."),
            _("No running total. The steps of a gap or of the lunch break are no minutes."),
        ),
        Figure(
            "delta",
            _("Δ, last minutes"),
            _("What the last minutes added to net; the header says how many."),
            money,
            plus,
            _("Trading minutes; the lunch break does not count. Blank where the line to begin with is missing."),
            _("Worked out here."),
        ),
        Figure(
            "off_high",
            _("Off the high"),
            _("How far net has fallen from its highest line of the session."),
            money,
            _("Zero at the high, else minus."),
            _("Since the open."),
            _("Worked out here."),
            _("Nothing about the price and its high."),
        ),
        Figure(
            "anchored",
            _("Since the anchor"),
            _("What net, or main, has gathered since the minute that was clicked in the chart."),
            money,
            plus,
            _("From the end of that minute to the newest line."),
            _("Worked out here."),
        ),
    )


def _class_figures() -> tuple[Figure, ...]:
    money, plus = _("The listing's currency."), _("Plus is net inflow, minus net outflow.")
    since = _("A running total since the open, as net.")
    opend = _("OpenD alone gives order sizes minute by minute; the broker publishes no limits.")
    whose = _("The broker's own class, relative to each stock.")
    nobody = _("Nothing about who trades: a large buyer may send small orders.")

    def size(key: str, name: str) -> Figure:
        what = _("Net of the trades that the broker counts as {size} orders.").format(size=name.lower())
        return Figure(key, name, f"{what} {whose}", money, plus, since, opend, nobody)

    return (
        Figure(
            "main",
            _("Main"),
            _("Net of extra-large and large orders together."),
            money,
            plus,
            since,
            _("Worked out here of the broker's order sizes. A source without them has none."),
            nobody,
        ),
        size("extra_large", _("Extra-large")),
        size("large", _("Large")),
        size("medium", _("Medium")),
        size("small", _("Small")),
        Figure(
            "mix",
            _("Main | rest"),
            _("Two bars on one zero line: above main, below medium and small orders together."),
            _("Share of turnover, on one scale for the whole column; longer bars are cut."),
            _("To the right net inflow, to the left net outflow."),
            since,
            opend,
            _("No sum: main and rest together are net."),
        ),
    )


def _row_figures() -> tuple[Figure, ...]:
    quote = _("The broker's quote.")
    return (
        Figure("symbol", _("Symbol"), _("Code and market, and the name that the broker gives.")),
        Figure("source", _("Source"), _("The broker that this row's figures come from.")),
        Figure(
            "price",
            _("Last price"),
            _("The price of the last trade."),
            _("The listing's currency."),
            "",
            _("As of the newest quote."),
            quote,
        ),
        Figure(
            "change",
            _("Change"),
            _("The last price against the close of the session before."),
            _("Per cent."),
            _("Plus is up, minus is down."),
            _("As of the newest quote."),
            quote,
            _("Nothing about flow: a price may rise while money leaves. It has colour where it contradicts the flow."),
        ),
        Figure(
            "traded",
            _("Turnover"),
            _("All money traded in the session so far, bought and sold counted once."),
            _("The listing's currency."),
            "",
            _("As of the newest quote."),
            quote,
            _("No flow: it has no direction."),
        ),
        Figure(
            "age",
            _("Age"),
            _("How long ago the figures of the row were true, by the source's own clock."),
            _("Seconds, minutes."),
            "",
            _("Grows every second until the next reply. Amber: later than two of the row's cycles allow."),
            _("The time that the source gives with its lines."),
            _("Not when Capflow last asked: an answer may repeat old figures."),
        ),
        Figure(
            "breadth",
            _("Out, in"),
            _("How many symbols of the group have net outflow, and how many net inflow."),
            _("Symbols; the sums beside it in one currency alone."),
            "",
            "",
            _("Worked out here."),
            _("No sum over currencies: where there are several there is none."),
        ),
    )


def _alert_figures() -> tuple[Figure, ...]:
    rule = _("The rule's own measure: an amount, or a share of turnover.")
    return (
        Figure(
            "level",
            _("To the level"),
            _("How far net is from the level at which its alert is raised."),
            _("The listing's currency, or per cent of turnover, as the level."),
            _("Zero or less: the level is reached."),
            _("By the newest line; alerts are raised by confirmed lines alone."),
            _("Worked out here."),
        ),
        Figure(
            "alert",
            _("Alert"),
            _("The rule whose alert waits or stands. Filled: it waits for you. Outlined: seen, and still true."),
        ),
        Figure(
            "alert_state",
            _("State of an alert"),
            _("Whether it waits, was acknowledged, is snoozed or cleared."),
        ),
        Figure(
            "alert_time",
            _("Noted"),
            _("The minute whose line raised the alert."),
            _("The exchange's clock."),
            "",
            _("The end of the minute."),
            "",
            _("Not when it was told: it is told when that minute's reply has come."),
        ),
        Figure("alert_rule", _("Rule"), _("When the alert is raised, as it was written at the time.")),
        Figure("alert_fired", _("Raised at"), _("What the rule measured when the alert was raised."), rule),
        Figure(
            "alert_now",
            _("Now"),
            _("What the same rule measures by the newest line."),
            rule,
            "",
            _("Grey where it is not true now."),
        ),
        Figure("rule_scope", _("For"), _("The symbols that a rule judges.")),
        Figure("rule_state", _("State of a rule"), _("Whether a rule is on, stands, or cannot be judged, and why.")),
        Figure("rule_last", _("Last alert"), _("When the rule last raised an alert."), _("The exchange's clock.")),
    )


def _tape_figures() -> tuple[Figure, ...]:
    return (
        Figure("tape_time", _("Time"), _("The end of the minute in which it happened."), _("The exchange's clock.")),
        Figure(
            "tape_kind",
            _("Kind"),
            _("What kind of event it is: a burst, a reversal, a new low or high, main against rest, a revision."),
            "",
            "",
            "",
            _("Found here by fixed measures, without any rule of yours."),
            _("No alert: nobody is told of it."),
        ),
        Figure(
            "tape_size",
            _("Size"),
            _("How much net moved in the event."),
            _("The listing's currency, as written beside it."),
            _("Plus is net inflow, minus net outflow."),
        ),
        Figure("tape_words", _("What happened"), _("The event in words.")),
    )


def _quality_figures() -> tuple[Figure, ...]:
    clock = _("The exchange's clock.")
    return (
        Figure(
            "quality_what",
            _("What"),
            _("A figure that was revised, a time in which nothing was watched, or a line that failed a check."),
        ),
        Figure("quality_minute", _("Minute"), _("The minute that it is about, or in which it began."), clock),
        Figure("quality_from", _("From"), _("Net before the revision; of a gap, when it began.")),
        Figure("quality_to", _("To"), _("Net after the revision, or of the line; of a gap, when it ended.")),
        Figure(
            "quality_received",
            _("Received"),
            _("When the revision came; of a gap, when its minutes were filled afterwards."),
            clock,
        ),
    )


def _poll_figures() -> tuple[Figure, ...]:
    return (
        Figure(
            "quota",
            _("Used and limit"),
            _("How many requests for flow left in the broker's window of time, and how many Capflow may use in it."),
            _("Requests: in 30 seconds at OpenD, in one second at Longport."),
            "",
            _("Requests leave the count when they are older than the window."),
            _("Counted here, over all Capflow programs of this user."),
            _("Programs of others that share the account are not counted; a refusal tells of them."),
        ),
        Figure(
            "cycle",
            _("Cycle"),
            _("The time between two replies of the row that waits longest."),
            _("Seconds."),
            "",
            _("Planned at first, then measured."),
        ),
        Figure(
            "oldest",
            _("Oldest reply"),
            _("How long ago the row that has waited longest was answered."),
            _("Seconds, minutes."),
        ),
        Figure("next", _("Next"), _("The symbol that is asked for next.")),
        Figure("turn_reply", _("Last reply"), _("How long ago the symbol was last answered."), _("Seconds, minutes.")),
        Figure("turn_at", _("Asked"), _("When the symbol is asked for by the present plan.")),
        Figure("turn_why", _("Why"), _("What gives the symbol its turn.")),
        Figure("refused", _("Refused requests"), _("How many requests the broker refused.")),
        Figure(
            "clock",
            _("Clock"),
            _("The time at the exchange of the selected symbol, and how long until it opens, rests or closes."),
            _("The exchange's clock."),
            "",
            "",
            _("The source's own time; the computer's clock is not used."),
        ),
        Figure(
            "latency",
            _("Latency"),
            _("How long the source took to answer."),
            _("Milliseconds."),
            "",
            _("The newest answers."),
        ),
    )


def states() -> tuple[State, ...]:
    """How true a figure can be, as the head of the chart says it, the best first."""
    return (
        State(_("Live"), "true", "8s", _("True at the time the head says. The newest minute still moves.")),
        State(_("Lunch"), "true", _("lunch"), _("The exchange rests; so does Capflow.")),
        State(_("Closed"), "true", _("closed"), _("Final, or still settling just after the close.")),
        State(
            _("Stale"), "grey", "2m 14s", _("Nothing newer came: the source's own time is not moving."), trouble=True
        ),
        State(
            _("Previous session"),
            "grey",
            _("Fri 20"),
            _("Before the opening: the last session's figures, and rules rest."),
        ),
        State(_("Halted"), "grey", _("halted"), _("Suspended by the exchange, not by us.")),
        State(_("Check failed"), "grey", "5s", _("The reply contradicts itself or the turnover. Its alerts rest.")),
        State(_("No answer"), "grey", "14:31", _("No connection, or no answer in time. The last figures stay.")),
        State(_("No lines"), "grey", "14:31", _("The market trades, and the source answers without lines.")),
        State(_("Refused"), "grey", "14:31", _("The broker's own words, and when it is asked again.")),
        State(_("Never polled"), "none", "…", _("Waiting for the first answer.")),
        State(_("No quote right"), "none", _("no right"), _("The account may not see this market, or not now.")),
        State(_("Unknown symbol"), "none", _("unknown"), _("The broker does not know it. It is not asked again.")),
    )
