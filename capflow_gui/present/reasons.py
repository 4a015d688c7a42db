"""The words of every reason code."""

from __future__ import annotations

from capflow_gui.present.names import flag_list, source_title
from capflow_gui.present.numbers import duration
from capflow_gui.reason import Argument, Code, Reason

_WORDS: dict[Code, str] = {
    # Anywhere
    Code.VERBATIM: "{text}",  # text: the broker's or the system's own words, or a sentence kept by an earlier version
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
    Code.SHARE_TOO_LARGE: "a share of turnover is at most 100%",
    Code.NOT_A_MEASURE: "{found!r} is not understood here",
    Code.MEASURES: "after the metric: <=, >=, change, drawdown, crosses, /turnover",
    Code.COMPARISON_MISSING: "a comparison is missing here",
    Code.NOT_A_COMPARISON: "rules have no comparison {found!r}",
    Code.COMPARISONS: "use <= or >=",
    Code.DRAWDOWN_GROWS: "a drawdown grows as net falls",
    Code.DRAWDOWN_POSITIVE: "a drawdown must be more than zero",
    Code.PERCENT_WITHOUT_SHARE: "a percentage needs a share of turnover",
    Code.MINUTES_ARE_SMALL: "M is million; minutes are a small m",
    Code.TAKES_MINUTES: "{option} takes minutes",
    Code.MINUTES_RANGE: "{option} takes 1 to {most} minutes",
    Code.BAND_POSITIVE: "a band must be more than zero",
    Code.OPTION_TWICE: "{option!r} is given twice",
    Code.NOT_WITH_CROSSES: "a crossing has no {option!r}",
    Code.CROSSES_HAS_BAND: "its band already prevents repeated alerts",
    Code.NOT_AN_OPTION: "{found!r} is not understood",
    Code.OPTIONS: "options: for 2m, rearm 10%, again 100M, cooldown 15m, once",
    Code.REARM_IN_PERCENT: "rearm is in per cent",
    Code.REARM_RANGE: "rearm takes 0% to 100%",
    Code.STEP_POSITIVE: "a step must be more than zero",
    Code.STEP_IN_PERCENT: "a step of a share is in per cent",
    # Settings
    Code.SETTINGS_UNSAVED: "settings are not saved: {what}",  # what: the file and what is wrong with it
    # The feed
    # day: ISO date
    Code.CALENDAR_ENDS: "trading days of {market} are known to {day}: later ones are the broker's, or assumed",
    Code.CLOCK_AHEAD: "{source}'s clock is {difference_s} ahead of this computer's",
    Code.CLOCK_BEHIND: "{source}'s clock is {difference_s} behind this computer's",
    Code.LINES_ON_CLOSED_DAY: "{source} sends lines of today for {market}, though the calendar says closed",
    Code.MARKET_SAID_CLOSED: "{source} says {market} is closed, the calendar says open",
    Code.MARKET_SAID_OPEN: "{source} says {market} is open, the calendar says closed",
    Code.NOT_WATCHED: "not watching {start}–{end}",  # start, end: wall clock of the exchange
    # part of the program, error: the kind of its fault
    Code.PART_FAILED: "a part of Capflow itself has failed ({part}: {error}): start it again, details are in the log",
    Code.QUOTA_FILE_DAMAGED: "the shared quota file was damaged: the quota was taken as used up for one window",
    # error: the system's own words
    Code.QUOTA_FILE_UNUSABLE: "the shared quota file cannot be used ({error}): counting in memory only",
    Code.QUOTA_SHARED: "another program shares {source}'s quota: {allowed} instead of {budget} calls for 10 minutes",
    Code.SOURCE_DOWN: "{source} is not connected: its symbols are asked at another source",
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
    Code.FILE_DAMAGED: "{name} was damaged ({why}); it is kept as {kept}, and a new one was started",
    Code.FILE_NEWER: "{path} was written by a newer Capflow: update Capflow, or choose another --data-dir",
    Code.FILE_OF_REAL: "{path} belongs to real sources: nothing of a simulator may be saved there",
    Code.FILE_OF_SIMULATED: "{path} belongs to a simulator: nothing of a real source may be saved there",
    Code.FILE_UNREADABLE: "{path} cannot be opened: {why}",
    Code.FILE_UNWRITABLE: "{path} cannot be written: {why}",
    # The archive
    Code.DAY_RECOVERED: "what was recorded of {symbol} on {session} was damaged; states that could be read: {kept}",
    Code.RECORDED_BESIDE: "recording to {path} instead",
    Code.RECORDING_DAMAGED: "what was recorded is damaged",
    Code.RECORDING_NEWER: "it was recorded by a newer Capflow",
    Code.REPLY_TOO_LONG: "a reply of {lines} lines is too long to be recorded",
    Code.SIMULATOR_NOT_RECORDED: "{source} is a simulator, and this profile records real sources only",
    Code.STATES_LOST: "the lines are recorded, but not what every poll said; polls left out: {polls}",
    Code.STATES_MISSING: "state {number} is missing",
    # Playback
    Code.RECORDED_TOO_LATE: "it was recorded after the close only, so that no rule watched it",
    # Connecting to a broker
    Code.BROKER_SAID: "{message} ({number})",  # message: the broker's own text; number: its code
    Code.BROKER_REFUSED: "error {number}",
    Code.STILL_CONNECTING: "still connecting to {address}",
    Code.LINK_DOWN: "not connected",
    Code.CLOSED: "Capflow closed the connection",
    Code.RECONNECTING: "reconnecting as asked",
    Code.ADDRESS_SILENT: "{address} did not answer within {seconds:.0f} s",
    Code.NO_ANSWER_IN_TIME: "no answer within {seconds:.0f} s",
    Code.CONNECTED_BUT_SILENT: "{address} accepted the connection, but did not answer",
    Code.NOTHING_LISTENS: "nothing listens at {address}: is OpenD running, and is this its port?",
    Code.UNREACHABLE: "{address} cannot be reached: {why}",  # why: the system's own words
    Code.SILENT: "nothing was received for {seconds:.0f} s",
    Code.STREAM_BROKE: "the stream broke: {error}",
    Code.BROKE: "the connection broke: {why}",
    Code.CONNECTION_BROKE: "the connection to {host} broke: {why}",
    Code.NOT_ENCRYPTED: "it runs on another computer: give both sides the same RSA key",
    Code.SETTING_UNUSABLE: "{key}: {why}",
    Code.KEY_FILE_UNREADABLE: "{path} cannot be read: {why}",
    Code.ONE_SOURCE_ONLY: "only one source is connected: there is nothing to compare it with",
    Code.OTHER_SESSION: "the two sources do not give the same session now",
    Code.NO_TOTALS: "its lines look like amounts of single minutes: there is no total to compare",
    # OpenD
    Code.OPEND_CLOSED: "OpenD closed the connection",
    Code.CLOSED_BEFORE_INIT: "{address} closed the connection before it answered InitConnect",
    Code.INIT_UNREADABLE: "the answer to InitConnect cannot be read ({error})",
    Code.INIT_UNANSWERED: "{address} did not answer InitConnect within {seconds:.0f} s",
    Code.INIT_NOT_WHAT_CAME: "{address} did not answer InitConnect within {seconds:.0f} s, but sent something else",
    Code.KEYS_MAY_DIFFER: (
        "{why}; the encryption settings may differ: the RSA key must be set on both sides, and be the same, "
        "or this is not OpenD"
    ),
    Code.MAYBE_ANOTHER_PROGRAM: "{why}; another program may hold the port, or this is not OpenD",
    Code.WEB_SERVER_THERE: "{address} is not OpenD: a web server holds the port (it answered {shown!r})",
    Code.ANOTHER_PROGRAM_THERE: "{address} is not OpenD: another program holds the port (it answered {shown!r})",
    Code.OPEND_REFUSED: "OpenD refused: {why}",
    Code.OPEND_GOT_NO_ANSWER: "OpenD got no answer from its server ({said})",  # said: OpenD's own text or number
    Code.OPEND_LOST_ITS_SERVER: "OpenD lost the connection to its server ({said})",
    Code.OPEND_CALLS_IT_INVALID: "OpenD calls the request invalid ({said})",
    Code.OPEND_KNOWS_NO_RESULT: "OpenD does not know what became of the request ({said})",
    Code.SEARCH_UNANSWERED: "the symbol search was not answered: it needs OpenD 10.0 or later",
    Code.OPEND_NOT_LOGGED_IN: "OpenD is not logged in to its quote server",
    Code.OPEND_LOST_QUOTES: "OpenD lost its quote server",
    Code.OPEND_NOT_READY: "OpenD is not ready (status {status})",
    Code.OPEND_LOGGING_IN: "OpenD is logging in",
    Code.OPEND_WANTS_PICTURE_CODE: "OpenD wants a picture code",
    Code.OPEND_WANTS_PHONE_CODE: "OpenD wants a phone code",
    Code.OPEND_LOGIN_FAILED: "OpenD could not log in",
    Code.OPEND_MUST_BE_UPDATED: "OpenD must be updated",
    Code.OPEND_WANTS_DISCLAIMER: "OpenD asks you to accept its disclaimer",
    Code.OPEND_LOGGED_OUT: "OpenD was logged out",
    Code.LOG_IN_THERE: "log in to it on its own screen",
    Code.KICKED_OUT: "another login replaced this one",
    Code.RIGHTS_LOST: "{rights}",  # rights: each market with the right it had and the one it has
    Code.RSA_FILE_EMPTY: "the key file is empty",
    Code.RSA_PUBLIC_KEY: "this is a public key; OpenD and Capflow need the same private key",
    Code.RSA_PROTECTED: "the key is protected by a password, which OpenD cannot use",
    Code.RSA_NOT_A_KEY: "this is not an RSA private key in PEM form",
    Code.RSA_OTHER_KIND: "this is a private key of another kind than RSA",
    Code.RSA_TOO_SHORT: "the key has {bits} bits; OpenD uses {wanted}",
    Code.MAKE_RSA_KEY: "make one with: openssl genrsa -traditional -out opend.pem 1024, and give OpenD the same file",
    Code.REMOVE_RSA_PROTECTION: "remove it with: openssl rsa -traditional -in old.pem -out new.pem",
    Code.NAME_RSA_FILE: "name the PEM file OpenD is configured with",
    # Longport
    Code.LONGPORT_CLOSED: "Longport closed the connection",
    # number: with the server's own words behind it
    Code.LONGPORT_CLOSED_WITH: "Longport closed the connection (code {number})",
    Code.LONGPORT_CLOSED_BECAUSE: "Longport closed the connection: {why} ({number})",
    Code.LONGPORT_SAYS_NO_REASON: "it does not say why",
    Code.LONGPORT_HEARD_NO_HEARTBEAT: "it received no heartbeat from Capflow",
    Code.LONGPORT_SERVER_FAILED: "its server failed",
    Code.LONGPORT_SHUTS_DOWN: "its server shuts down",
    Code.LONGPORT_COULD_NOT_READ: "it could not read what Capflow sent",
    Code.LONGPORT_REFUSES_LOGIN: "it does not accept the login",
    Code.LONGPORT_SESSION_EXPIRED: "the session has expired",
    Code.LONGPORT_SESSION_DOUBLED: "this session was connected a second time",
    Code.MESSAGE_OF_OTHER_KIND: "Longport sent a message of kind {kind}",
    Code.SESSION_FORGOTTEN: "Longport no longer knows the session",
    Code.LOGIN_UNANSWERED: "the login was not answered within {seconds:.0f} s",
    Code.TRYING_WEBSOCKET: "trying the WebSocket again",
    Code.ALL_CONNECTIONS_USED: "all {limit} connections of this account are in use",
    Code.LONGPORT_SERVERS_LATE: "Longport's own servers did not answer in time",
    Code.NO_SUCH_GROUP: "there is no watchlist group “{name}”",
    Code.TOO_MANY_REQUESTS: "too many requests",
    Code.NOT_LONGPORT: "HTTP {status}: this is not an answer from Longport",
    Code.PROXY_NOT_HTTP: "the proxy that is set is not an HTTP proxy",
    Code.PROXY_UNREACHABLE: "the proxy {host} cannot be reached: {why}",
    Code.PROXY_REFUSED: "the proxy refused: {message} ({status})",
    Code.NO_CERTIFICATES: "the file {file} that SSL_CERT_FILE names holds no certificates that can be read",
    Code.NOT_TRUSTED: "the certificate of {host} is not trusted ({why})",
    Code.NO_ENCRYPTION: "no encrypted connection to {host} could be made ({why})",
    Code.WEBSOCKET_REFUSED: "{host} refused the WebSocket: {message} (HTTP {status})",
    Code.NOT_AN_ADDRESS: "{text} is not an address",
    Code.NOT_HOST_AND_PORT: "{text} is not HOST:PORT",
    # Signing in
    Code.NOT_REGISTERED: "the app could not be registered ({said})",  # said: the server's own words
    Code.SIGN_IN_SERVER_SAID: "the sign-in server answered {said}",
    Code.SIGN_IN_REFUSED: "the sign-in was refused (“{said}”)",
    Code.NO_BROWSER: "no browser could be opened",
    Code.NOBODY_SIGNED_IN: "nobody signed in within {minutes:.0f} minutes; the browser may have been closed",
    Code.CALLBACK_PORT_TAKEN: "port {port} is taken by another program, and the browser must come back to it",
    Code.USE_APP_KEY: "use an app key and token instead",
    Code.SIGN_IN_AGAIN: "start the sign-in again",
    Code.CLOSE_THAT_PROGRAM: "close that program, then sign in again",
    Code.AGREE_ON_PAGE: "sign in again, and agree on Longport's page",
    Code.PART_OF_KEY_MISSING: "{variable} is not set, though other parts of the app key are",
    Code.SET_ALL_THREE: "set all three",
    Code.NO_CREDENTIALS_SET: "the environment holds no credentials of Longport",
    Code.SET_VARIABLES: "set {variables}",
    Code.KEYRING_EMPTY: "this computer's keyring holds nothing for Longport",
    Code.NO_KEYRING: "this computer has no keyring to keep Longport's secrets in",
    Code.KEYRING_FAILED: "the keyring cannot be used ({kind})",
    Code.KEYRING_SILENT: "the keyring did not answer within {seconds:.0f} s and may be waiting for its password",
    Code.KEYRING_UNREADABLE: "the keyring holds something unreadable for Longport",
    Code.ENTER_OR_SET: "enter them when asked, or set {variables}",
    Code.SIGN_IN_OR_SET: "sign in under Connections, or set {variables}",
    Code.UNLOCK_KEYRING: "unlock it and reconnect, sign in under Connections, or set {variables}",
    Code.CONNECT_ANEW: "connect Longport anew",
    Code.REGION_WITHOUT_ADDRESS: "is empty though the region is custom",
    Code.SET_ADDRESS_OR_REGION: "set it, or another region",
    Code.UNKNOWN_TRANSPORT: "{name} is not known",
    Code.WS_OR_HTTP: "ws or http",
    # Answers that cannot be read
    Code.UNPARSABLE: "an answer cannot be parsed: {error}",  # error: the parser's own words
    Code.NO_RESULT: "an answer carries no result",
    Code.LACKS_FIELDS: "an answer lacks required fields",
    Code.NO_SESSION: "the answer to the login carries no session",
    Code.OTP_UNREADABLE: "the one-time password cannot be read",
    Code.NEW_ACCESS_UNREADABLE: "the new access token cannot be read",
    Code.WATCHLIST_UNREADABLE: "the watchlist cannot be read: {error}",
    Code.NO_DATE: "the answer carries no Date",
    Code.NOT_A_DATE: "not a date: {text!r}",
    Code.NOT_A_TIME: "not a time: {text!r}",
    Code.NOT_A_NUMBER: "not a number: {text!r}",
    Code.UNKNOWN_DAY_KIND: "{day} is a trading day of the unknown kind {kind}",
    Code.LINE_WITHOUT_TIME: "one of {lines} lines has no time",
    Code.NOT_A_FRAME: "not an OpenD frame: it starts with {start}",
    Code.NOT_A_PACKET: "not a Longport packet: it starts with {start}",
    Code.NOT_A_HANDSHAKE: "not a handshake: it starts with {start}",
    Code.BODY_FORMAT: "body format {format} instead of protobuf (command {command})",
    Code.BODY_TOO_LONG: "a body of {length} bytes is longer than {most} (command {command})",
    Code.SHA_MISMATCH: "the SHA-1 of the body does not match (command {command}, serial {serial})",
    Code.ENCRYPTED_LENGTH: "{length} bytes cannot be an encrypted body of blocks of {block}",
    Code.AES_TAIL: "an AES body cannot end in a tail of {tail}",
    Code.AES_PADDING: "the padding of an AES body is wrong",
    Code.AES_VECTOR_LENGTH: "an AES initialisation vector of {length} bytes instead of {block}",
    Code.AES_KEY_LENGTH: "an AES key of {length} bytes instead of {block}",
    Code.AES_KEY_NOT_ASCII: "the AES key is not ASCII",
    Code.RSA_OTHER_KEY: "an RSA block was not made for this key",
    Code.GZIP_UNREADABLE: "a compressed body cannot be read (command {command}): {error}",
    Code.GZIP_TOO_LONG: "a compressed body is longer than {most} bytes (command {command})",
    Code.GZIP_END: "a compressed body ends too soon or too late (command {command})",
    Code.MESSAGE_TOO_SHORT: "a message of {length} bytes is shorter than its packet",
    Code.MESSAGE_TOO_LONG: "a message of {length} bytes is longer than its packet of {packet}",
    Code.SERVER_ASKS: "the server sent command {command}, which only a client may send",
    Code.UNUSABLE_ANSWER: "unusable answer, {kind}: details are in the log",
    # Faults of ours
    Code.NOT_IN_THIS_STATE: "{what} in state {state}",
    Code.DOES_NOT_FIT: "{what} does not fit its field",
}


def reason_words(reason: Reason) -> str:
    """A clause without a full stop; the first letter is small where a sentence may begin with it.

    A reason out of a file may have arguments of another version: where they do not fit, its code and they are shown.
    """
    try:
        return _WORDS[reason.code].format(**{name: _argument(name, value) for name, value in reason.args})
    except (KeyError, ValueError, TypeError, OverflowError):
        return str(reason)


def _argument(name: str, value: Argument) -> Argument:
    """`flags` are those of a check, `source` is a source, what ends in `_s` are seconds; the rest stays as it is."""
    if isinstance(value, Reason):
        return reason_words(value)
    if name == "flags" and isinstance(value, int):
        return ", ".join(flag_list(value)).replace("_", " ")
    if name == "source":
        return source_title(str(value))
    return duration(value) if name.endswith("_s") and isinstance(value, int | float) else value
