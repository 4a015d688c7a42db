"""The words of every reason code."""

from __future__ import annotations

from capflow_gui.present.desk.reasons import DESK
from capflow_gui.present.language.system_errors import SYSTEM_ERRORS
from capflow_gui.present.language.texts import N_, _, english, listed
from capflow_gui.present.names import channel_title, flag_words, source_title
from capflow_gui.present.numbers import duration
from capflow_gui.present.rules.typed_reasons import TYPED
from capflow_gui.present.settings.edited_reasons import EDITED
from capflow_gui.present.settings.served_reasons import SERVED
from capflow_gui.reason import Argument, Code, Reason

_ELSEWHERE = TYPED | DESK | SERVED | EDITED
_WORDS: dict[Code, str] = _ELSEWHERE | {
    # Anywhere
    Code.VERBATIM: "{text}",  # text: the broker's or the system's own words, or a sentence kept by an earlier version
    # Settings
    Code.SETTINGS_UNSAVED: N_("settings are not saved: {what}"),  # what: the setting or file, and what is wrong with it
    Code.SETTINGS_DAMAGED: N_("the settings file {name} is damaged ({error}), and the defaults are used"),
    Code.SETTINGS_NEWER: N_("the settings file {name} was written by a newer Capflow"),
    Code.KEPT_AS: N_("the file as it was is kept as {name}"),
    Code.NOT_SET_ASIDE: N_("{path} could not be set aside: {why}"),
    Code.NOTHING_SAVED_IN: N_("nothing can be saved in {places}: {why}"),
    Code.SETTING_REFUSED: N_("setting {name}: {shown} cannot be used: {why}; {instead}"),
    Code.SETTING_UNKNOWN: N_("setting {name} is not known; it is kept and has no effect"),
    Code.SETTING_MISSPELT: N_("setting {name} is not known: {guess} It is kept and has no effect"),
    Code.IMPORT_UNKNOWN: N_("setting {name} is not known, and is left out"),
    Code.IMPORT_KEEPS: N_("what you have stays"),
    Code.IMPORT_MISSPELT: N_("setting {name} is not known, and is left out: {guess}"),
    Code.DEFAULT_USED: N_("the default ({value}) is used"),
    Code.DEFAULTS_USED: N_("the defaults are used"),
    Code.NOTHING_USED: N_("none is used"),
    Code.ENTRY_LEFT_OUT: N_("this entry is left out"),
    Code.WITH_ADVICE: N_("{why} ({advice})"),
    Code.DID_YOU_MEAN: N_("did you mean {name}?"),
    Code.ONE_OF: N_("one of: {names}"),
    Code.NEAREST_OF: N_("did you mean {near!r}? It is one of {names}"),
    Code.WRITE_AS: N_("write it as {form}"),
    Code.WRITE_TABLE: N_("write a [{name}] table"),
    Code.NOT_A_TEXT: N_("this is not a text"),
    Code.PUT_IN_QUOTES: N_("put it in quotes"),
    Code.OUTFLOW_BELOW_ZERO: N_("a net-outflow level is below zero"),
    Code.ZERO_IS_NO_OUTFLOW: N_("zero is no outflow"),
    Code.NOT_A_HOST: N_("this is not a host"),
    Code.HOST_FORM: N_("a name or an address, without the port"),
    Code.NOT_A_PAGE: N_("this is not the address of a page"),
    Code.CANNOT_BE_READ: N_("it cannot be read: {why}"),
    Code.CANNOT_BE_WRITTEN: N_("it cannot be written: {why}"),
    Code.MAKE_ROOM: N_("make room there"),
    Code.FOLDER_IN_ITS_PLACE: N_("a folder is in the place of the file: move it elsewhere"),
    Code.LINK_LOOPS: N_("it is a link that leads to itself: remove it, or let it lead to a file"),
    Code.GIVE_ACCESS: N_("give your user access to it, or choose other folders with --config-dir and --data-dir"),
    Code.HOME_NOT_SET: N_("it is not set"),
    Code.SET_HOME: N_("set it, or give both --config-dir and --data-dir"),
    Code.LET_READ: N_("let every user read it"),
    Code.NOT_UTF8: N_("this is not UTF-8"),
    Code.SAVE_AS_UTF8: N_("save it as UTF-8 text"),
    Code.NOT_TOML: N_("this is not TOML: {error}"),
    Code.POLICY_SECTIONS: N_("a policy has [defaults], [locked], [why] and by, and nothing beside them"),
    Code.POLICY_SECRETS: N_("a policy is readable by everybody, and takes no secrets"),
    Code.KEEP_SECRETS: N_("keep them in each user's keyring, or in the environment"),
    Code.VALUE_UNUSABLE: N_("{shown} cannot be used: {why}"),
    Code.NO_SUCH_SETTING: N_("this setting is not known"),
    Code.USERS_OWN: N_("this is each user's own, and no policy's"),
    Code.DEFAULT_ALONE: N_("this can be given a default, and not be locked"),
    Code.MOVE_TO_DEFAULTS: N_("move it to [defaults]"),
    Code.NOT_LOCKED: N_("this is not under [locked], and needs no reason"),
    Code.WRITE_PROTECTED: N_("it is write-protected, and is not replaced"),
    # Profiles
    Code.NO_SUCH_PROFILE: N_("there is no such profile"),
    Code.MAKE_A_PROFILE: N_("the window makes one (Profiles…); other folders are named by --config-dir and --data-dir"),
    Code.PROFILE_NAME: N_("a name has 1 to {most} letters"),
    Code.PROFILE_NAME_TAKEN: N_("another profile is called so"),
    Code.MAIN_PROFILE_STAYS: N_("the main profile cannot be deleted: the others lie in its folders"),
    Code.PROFILE_OPEN: N_("this profile is open: close its window first"),
    Code.NOT_AN_EXPORT: N_("it has no settings that Capflow wrote"),
    # Layouts
    Code.BUILT_IN_LAYOUT: N_("this layout is built in: save your own under another name"),
    Code.LAYOUT_DAMAGED: N_("layout {number} of {name} cannot be read, and is left out"),
    Code.LAYOUT_NOT_TAKEN: N_("layout {number} of it cannot be read, and none is imported: export them once more"),
    Code.LAYOUT_NAME: N_("a layout's name has 1 to {most} letters"),
    Code.LAYOUT_NAME_TAKEN: N_("another layout is called so"),
    Code.LAYOUTS_BUSY: N_("another Capflow is saving layouts just now: try again"),
    Code.LAYOUTS_DAMAGED: N_("the layouts of {name} cannot be read ({error})"),  # error: the parser's own words
    Code.LAYOUTS_NEWER: N_("{name} was written by a newer Capflow, and is left as it is: update Capflow to use it"),
    Code.LAYOUTS_TOO_LARGE: N_("layouts take at most {most} MiB"),
    Code.NOT_LAYOUTS: N_("it has no layouts that Capflow wrote ({error})"),  # error: the parser's own words
    Code.NO_SUCH_LAYOUT: N_("there is no such layout"),
    Code.TOO_MANY_LAYOUTS: N_("there are {most} layouts already: delete one first"),
    # Channels
    Code.ALERTS_EXPIRED: N_("older than 15 minutes, and not sent: {count}"),
    Code.CHANNEL_BROKE: N_("a fault of Capflow stopped it ({kind})"),
    Code.CHANNEL_OFF: N_("this channel is off"),
    Code.ENABLE_CHANNEL: N_("set enabled = true in its table of the settings"),
    Code.LIST_ALERTS: N_("`capflow alerts` lists them"),
    Code.NAME_AN_ALERT: N_("name an alert by its id"),
    Code.NAME_A_CHANNEL: N_("name one channel"),
    Code.NO_SUCH_ALERT: N_("there is no such alert"),
    Code.CHANNELS_IN_SETTINGS: N_("the settings name {count} channels, each in a table [channels.NAME]"),
    Code.NO_SUCH_CHANNEL: N_("the settings have no such channel"),
    Code.SET_UP_A_CHANNEL: N_("set one up in the window (Channels…), or as a table [channels.NAME] in the settings"),
    Code.CHANNEL_NAME: N_("a channel's name is of letters, digits, - and _, at most 40"),
    Code.CHANNEL_REFUSED: N_("setting {name} cannot be used: {why}; this channel is left out"),
    Code.NOT_DELIVERED: N_("alerts do not reach {channel}: {why}"),
    Code.SECRET_ELSEWHERE: N_("no secret stands in the settings; write keyring, or env:VARIABLE"),
    Code.SECRET_NOT_KEPT: N_(
        "this computer's keyring holds nothing for capflow under the name {name}: enter it in the window (Channels…)"
    ),
    Code.SETTING_MISSING: N_("it is missing"),
    Code.NAME_A_VARIABLE: N_("name an environment variable that holds the secret"),
    Code.NAME_TAKEN: N_("another channel has this name"),
    Code.WHOLE_NUMBER: N_("write a whole number"),
    Code.WHOLE_NUMBER_BETWEEN: N_("write a whole number from {low} to {high}"),
    Code.NUMBER_BETWEEN: N_("write a number from {low} to {high}"),
    Code.VARIABLE_NOT_SET: N_("the environment variable {variable} is not set"),
    # Sources
    Code.NO_SOURCE_YET: N_("no source is configured yet"),
    Code.NOT_A_SOURCE: N_("this is not a source"),
    Code.NOTHING_AFTER_DEMO: N_("demo: takes nothing after the colon"),
    Code.DEMO_OFF: N_("the demo is switched off on this computer (allow_demo)"),
    Code.NAME_ANOTHER_SOURCE: N_("name another source"),
    Code.LONGPORT_OPTIONS_ALONE: N_("longport: takes options alone"),
    Code.ADDRESSES_IN_SETTINGS: N_("addresses and keys come from settings"),
    Code.NOT_OF_LONGPORT: N_("{option} is not an option of Longport"),
    Code.ADDRESS_UNREADABLE: N_("the address cannot be read ({error})"),
    Code.NOT_AN_OPEND: N_("this is not an OpenD address"),
    Code.NOT_OF_A_SOURCE: N_("{name!r} is not an option of a source"),
    Code.RSA_KEY_ALONE: N_("the only one is ?rsa-key=FILE"),
    # Commands and files
    Code.RULE_UNWATCHED: N_("{symbol} is not watched, so that this rule would never alert"),
    Code.ADD_SYMBOL: N_("add {symbol} to the symbols"),
    Code.SWAP_THEM: N_("swap them"),
    Code.ADD_PERIOD: N_("add --period day, week or month"),
    Code.NO_KEY_FILE: N_("there is no such key file"),
    Code.NO_STATS_FOLDER: N_("there is no such folder for --stats"),
    Code.PORT_UNUSABLE: N_("cannot listen on this port: {why}"),
    Code.NO_SUCH_FAULT: N_("no such fault {name!r}"),
    Code.UNKNOWN_ARGUMENT: N_("unknown argument {key!r}"),
    Code.SEE_FAULTS: N_("see --list-faults"),
    Code.NO_SUCH_SCENARIO: N_("no such scenario"),
    Code.NOT_AN_INSTANT: N_("not an ISO 8601 instant"),
    Code.NEEDS_OFFSET: N_("an instant needs its UTC offset"),
    Code.LOG_MISSING: N_("there is no log at {file}"),
    Code.LOG_UNREADABLE: N_("the log {file} cannot be read: {why}"),
    Code.REPORT_UNSAVED: N_("the report cannot be saved in {place}: {why}; {advice}"),
    Code.CHOOSE_FOLDER: N_("choose another folder"),
    Code.ROOM_OR_FOLDER: N_("make room there, or choose another folder"),
    # The feed
    # day: ISO date
    Code.CALENDAR_ENDS: N_("trading days of {market} are known to {day}: later ones are the broker's, or assumed"),
    Code.CLOCK_AHEAD: N_("{source}'s clock is {difference_s} ahead of this computer's"),
    Code.CLOCK_BEHIND: N_("{source}'s clock is {difference_s} behind this computer's"),
    Code.LINES_ON_CLOSED_DAY: N_("{source} sends lines of today for {market}, though the calendar says closed"),
    Code.MARKET_SAID_CLOSED: N_("{source} says {market} is closed, the calendar says open"),
    Code.MARKET_SAID_OPEN: N_("{source} says {market} is open, the calendar says closed"),
    Code.NOT_WATCHED: N_("not watching {start}–{end}"),  # as `since` below: wall clock of the exchange
    Code.PART_FAILED: N_(
        "a part of Capflow itself has failed ({part}: {error}): start it again, details are in the log"
    ),
    Code.PART_FAILS: N_("a part of Capflow itself fails ({part}: {error}) and is tried again: details are in the log"),
    Code.QUOTA_FILE_DAMAGED: N_("the shared quota file was damaged: the quota was taken as used up for one window"),
    # error: the system's own words; above it is the kind of the fault
    Code.QUOTA_FILE_UNUSABLE: N_("the shared quota file cannot be used ({error}): counting in memory only"),
    Code.QUOTA_SHARED: N_(
        "another program shares {source}'s quota: {allowed} instead of {budget} calls for 10 minutes"
    ),
    Code.SOURCE_AGAIN: N_("{source} answers again"),
    Code.SOURCE_LOGGED_OUT: N_("{source} is logged out, so that no rule is judged on it: {why}"),
    Code.SOURCE_LOST: N_("{source} is lost, and no rule is judged on it: {why}"),
    Code.SOURCE_REFUSED: N_("{source} refuses, so that no rule is judged on it: {why}"),
    Code.SOURCE_RIGHT_LOST: N_("the quote right at {source} was taken: {why}"),
    Code.SOURCE_SILENT: N_("{source} is connected, and has answered nothing since {since}"),
    Code.SOURCE_STALLED: N_("{source} answers, and none of its figures has moved since {since}"),
    Code.SOURCE_WANTS_LOGIN: N_("{source} wants a new sign-in, and no rule is judged on it before: {why}"),
    Code.SOURCE_DOWN: N_("{source} is not connected: its symbols are asked at another source"),
    # Alerts
    Code.GOES_ON_AT: N_("continued at {source}"),
    Code.JUDGED_AGAIN: N_("judged again"),
    Code.LEFT_LIST: N_("no longer watched"),
    Code.NEWEST_FLAGGED: N_("the newest lines failed their checks ({flags})"),
    Code.NEWEST_MISSING: N_("the newest lines have no {metric} figure"),
    Code.NEWEST_OUTSIDE: N_("the newest lines are outside the session"),
    Code.EARLY_WITHDRAWN: N_("the minute ended short of the level"),
    Code.NEEDS_SESSIONS: N_("needs {needs} recorded sessions, has {has}"),
    Code.NO_PRICE: N_("the price now, or {minutes} minutes before the newest line, is not known"),
    Code.NO_ANCHOR: N_("there is no line {minutes} minutes before the newest one"),
    Code.NO_ANSWER: N_("the source did not answer"),
    Code.NO_ANSWER_YET: N_("no answer yet"),
    Code.NO_LINES: N_("the source sent no lines"),
    Code.NO_METRIC: N_("{source} gives no {metric} figures for {symbol}"),
    Code.NOT_CONNECTED: N_("not connected"),
    Code.NOT_CONNECTED_BECAUSE: N_("not connected: {why}"),
    Code.PREVIOUS_SESSION: N_("the source still gives the previous session"),
    Code.REPLY_FLAGGED: N_("the reply failed its checks ({flags})"),
    Code.RULE_CHANGED: N_("the rule was changed"),
    Code.SESSION_ENDED: N_("session ended"),
    Code.STILL_READING: N_("what was recorded is still being read"),
    Code.TIME_STANDS: N_("nothing newer comes from the source"),
    Code.TURNOVER_OLD: N_("the turnover is older than the newest lines"),
    Code.TURNOVER_UNKNOWN: N_("the turnover is not known"),
    # Storage
    Code.ALERTS_NOT_SAVED: N_("alerts are not being saved: {why}"),
    Code.ALERTS_NOT_SENT: N_("alerts are not being saved, nor sent to channels: {why}"),
    Code.ALERTS_SAVED_AGAIN: N_("alerts are saved again"),
    Code.ALERTS_SENT_AGAIN: N_("alerts are saved and sent again, those of the last 15 minutes too"),
    Code.FILE_BROKEN: (
        N_(
            "{path} is damaged ({why}): recording keeps it under another name when it meets this, "
            "and begins a new one; or put a copy from before in its place"
        )
    ),
    Code.FILE_DAMAGED: N_("{name} was damaged ({why}); it is kept as {kept}, and a new one was started"),
    Code.FILE_NEWER: N_("{path} was written by a newer Capflow: update Capflow, or choose another --data-dir"),
    Code.FILE_OF_REAL: N_("{path} belongs to real sources: nothing of a simulator may be saved there"),
    Code.FILE_OF_SIMULATED: N_("{path} belongs to a simulator: nothing of a real source may be saved there"),
    Code.FILE_UNREADABLE: N_("{path} cannot be opened: {why}"),
    Code.FILE_UNWRITABLE: N_("{path} cannot be written: {why}"),
    # The archive
    Code.DAYS_LOST: N_("the oldest sessions could not be recorded; days of a symbol left out: {days}"),
    Code.DAY_DAMAGED: N_("{symbol} at {source}, session {session}: {what}"),
    Code.DAY_RECOVERED: N_("what was recorded of {symbol} on {session} was damaged; states that could be read: {kept}"),
    Code.ENTRY_DAMAGED: N_("its entry is damaged"),
    Code.LINES_DAMAGED: N_("its lines cannot be read ({why})"),
    Code.LINES_DIFFER: N_("its lines are not those its states end with"),
    Code.LINES_MISSING: N_("its lines are missing"),
    Code.LINES_OUTSIDE: N_("lines outside its trading periods: {lines}"),
    Code.LOG_UNUSABLE: (
        N_(
            "the newest changes of {path} are in the log beside it, which cannot be used in this "
            "folder: copy both files to one you can write to"
        )
    ),
    Code.NOTHING_RECORDED: N_("nothing is recorded in {path}"),
    Code.PAGES_DAMAGED: N_("a damaged page of the file holds a part of it"),
    Code.RECORDED_BESIDE: N_("recording to {path} instead"),
    Code.RECORDING_DAMAGED: N_("what was recorded is damaged"),
    Code.RECORDING_NEWER: N_("it was recorded by a newer Capflow"),
    Code.REPLY_TOO_LONG: N_("a reply of {lines} lines is too long to be recorded"),
    Code.SIMULATOR_NOT_RECORDED: (
        N_(
            "{source} gives simulated figures, and this profile records real sources only: to record "
            "it, start Capflow with a --data-dir of its own"
        )
    ),
    Code.STATES_DAMAGED: N_("its states cannot be read ({why})"),
    Code.STATES_LOST: N_("the lines are recorded, but not what every poll said; polls left out: {polls}"),
    Code.STATES_MISSING: N_("state {number} is missing"),
    # Exporting and looking after it
    Code.INSTALL_PYARROW: N_("install it: pip install 'capflow-gui[parquet]'"),
    Code.DATA_IN_FOLDER: N_("it is a file, and a profile is a folder"),
    Code.IS_A_FOLDER: N_("it is a folder"),
    Code.LEAVE_OUT: N_("leave {option} out"),
    Code.NAME_A_FILE: N_("name a file in it"),
    Code.NAME_A_FOLDER: N_("name a folder: --out DIR"),
    Code.NO_PYARROW: N_("pyarrow is not installed"),
    Code.ONLY_CSV_HAS_MARK: N_("only a CSV has such a mark"),
    Code.ONLY_PRUNE_KEEPS_DAYS: N_("prune needs it, and nothing else takes it"),
    Code.SOURCE_NOT_RECORDED: N_("nothing is recorded of a source of this name"),
    Code.STATES_ARE_JSON: N_("states are rows of JSON"),
    Code.WRITES_FILES: N_("it writes files"),
    # Playback
    Code.GROUP_NOT_KNOWN: N_("{group} is no group of your own, and the broker is not asked"),
    Code.ONLY_FINAL_LINES: N_("only its final lines are kept, which cannot be played"),
    Code.NAME_ITS_SYMBOLS: N_("name its symbols"),
    Code.SYMBOL_NOT_NAMED: N_("{symbol} is not among the symbols, so that this rule would never alert"),
    Code.RECORDED_TOO_LATE: N_("it was recorded after the close only, so that no rule watched it"),
    # Channels
    Code.SERVICE_BROKE: N_("the connection broke before there was an answer"),
    Code.SERVICE_FAULT: N_("the service has a fault of its own ({status})"),
    Code.SERVICE_GONE: N_("the service says that this address is no longer in use"),
    Code.SERVICE_NOT_TRUSTED: N_("the certificate of the service is not trusted"),
    Code.SERVICE_PROXY_REFUSED: N_("the proxy refused ({status})"),
    Code.SERVICE_REDIRECTS: N_("the address leads to another one: enter that one"),
    Code.SERVICE_REFUSED: N_("the service refused it ({number})"),
    Code.SERVICE_SAID: N_(
        "the service says: {message} ({number})"
    ),  # message: the service's own words; number: its code
    Code.SERVICE_TOO_FAST: N_("the service asks to wait: too many messages"),
    Code.SERVICE_UNREACHABLE: N_("the service cannot be reached: {why}"),  # why: the system's own words
    Code.SERVICE_UNREADABLE: N_("the answer of the service cannot be read"),
    Code.COMMAND_ENDED: N_("the command ended with status {status}"),
    Code.COMMAND_NOT_STARTED: N_("the command cannot be started: {why}"),
    Code.COMMAND_SILENT: N_("the command did not end within {seconds:g} s, and was ended"),
    Code.COMMAND_UNUSABLE: N_("this is not a command"),
    Code.MAIL_NOT_OFFERED: N_("the mail server does not offer this way of signing in or of encryption"),
    Code.MAIL_UNENCRYPTED: N_(
        "without encryption, mail goes to a server of your own network alone, and through no proxy"
    ),
    Code.NO_NOTIFICATIONS: N_("this desktop has no service that shows notifications, and no tray with Capflow's icon"),
    Code.NOT_A_SIGNING_SECRET: N_("a signing secret is whsec_ and base64"),
    Code.NOT_A_WEB_ADDRESS: N_("this is not a web address: it begins with https://"),
    Code.SECRET_EMPTY: N_("the secret is empty"),
    Code.SECRET_UNUSABLE: N_("the secret has characters that it cannot have"),
    # Connecting to a broker
    Code.BROKER_SAID: N_("{message} ({number})"),  # message: the broker's own text; number: its code
    Code.BROKER_REFUSED: N_("error {number}"),
    Code.STILL_CONNECTING: N_("still connecting to {address}"),
    Code.LINK_DOWN: N_("not connected"),
    Code.CLOSED: N_("Capflow closed the connection"),
    Code.RECONNECTING: N_("reconnecting as asked"),
    Code.ADDRESS_SILENT: N_("{address} did not answer within {seconds:.0f} s"),
    Code.NO_ANSWER_IN_TIME: N_("no answer within {seconds:.0f} s"),
    Code.CONNECTED_BUT_SILENT: N_("{address} accepted the connection, but did not answer"),
    Code.NOTHING_LISTENS: N_("nothing listens at {address}: is OpenD running, and is this its port?"),
    Code.UNREACHABLE: N_("{address} cannot be reached: {why}"),  # why: the system's own words
    Code.SILENT: N_("nothing was received for {seconds:.0f} s"),
    Code.STREAM_BROKE: N_("the stream broke: {error}"),
    Code.BROKE: N_("the connection broke: {why}"),
    Code.CONNECTION_BROKE: N_("the connection to {host} broke: {why}"),
    Code.NOT_ENCRYPTED: N_("it runs on another computer: give both sides the same RSA key"),
    Code.SETTING_UNUSABLE: N_("{key}: {why}"),
    Code.KEY_FILE_UNREADABLE: N_("{path} cannot be read: {why}"),
    Code.ONE_SOURCE_ONLY: N_("only one source is connected: there is nothing to compare it with"),
    Code.OTHER_SESSION: N_("the two sources do not give the same session now"),
    Code.NO_TOTALS: N_("its lines look like amounts of single minutes: there is no total to compare"),
    # OpenD
    Code.OPEND_CLOSED: N_("OpenD closed the connection"),
    Code.CLOSED_BEFORE_INIT: N_("{address} closed the connection before it answered InitConnect"),
    Code.INIT_UNREADABLE: N_("the answer to InitConnect cannot be read ({error})"),
    Code.INIT_UNANSWERED: N_("{address} did not answer InitConnect within {seconds:.0f} s"),
    Code.INIT_NOT_WHAT_CAME: N_("{address} did not answer InitConnect within {seconds:.0f} s, but sent something else"),
    Code.KEYS_MAY_DIFFER: N_(
        "{why}; encryption settings may differ (both sides need one RSA key), or this is not OpenD"
    ),
    Code.MAYBE_ANOTHER_PROGRAM: N_("{why}; another program may hold the port, or this is not OpenD"),
    Code.WEB_SERVER_THERE: N_("{address} is not OpenD: a web server holds the port (it answered {shown!r})"),
    Code.ANOTHER_PROGRAM_THERE: N_("{address} is not OpenD: another program holds the port (it answered {shown!r})"),
    Code.OPEND_REFUSED: N_("OpenD refused: {why}"),
    Code.OPEND_GOT_NO_ANSWER: N_("OpenD got no answer from its server ({said})"),  # said: OpenD's own text or number
    Code.OPEND_LOST_ITS_SERVER: N_("OpenD lost the connection to its server ({said})"),
    Code.OPEND_CALLS_IT_INVALID: N_("OpenD calls the request invalid ({said})"),
    Code.OPEND_KNOWS_NO_RESULT: N_("OpenD does not know what became of the request ({said})"),
    Code.SEARCH_UNANSWERED: N_("the symbol search was not answered: it needs OpenD 10.0 or later"),
    Code.OPEND_NOT_LOGGED_IN: N_("OpenD is not logged in to its quote server"),
    Code.OPEND_LOST_QUOTES: N_("OpenD lost its quote server"),
    Code.OPEND_NOT_READY: N_("OpenD is not ready (status {status})"),
    Code.OPEND_LOGGING_IN: N_("OpenD is logging in"),
    Code.OPEND_WANTS_PICTURE_CODE: N_("OpenD wants a picture code"),
    Code.OPEND_WANTS_PHONE_CODE: N_("OpenD wants a phone code"),
    Code.OPEND_LOGIN_FAILED: N_("OpenD could not log in"),
    Code.OPEND_MUST_BE_UPDATED: N_("OpenD must be updated"),
    Code.OPEND_WANTS_DISCLAIMER: N_("OpenD asks you to accept its disclaimer"),
    Code.OPEND_LOGGED_OUT: N_("OpenD was logged out"),
    Code.LOG_IN_THERE: N_("log in to it on its own screen"),
    Code.KICKED_OUT: N_("another login replaced this one"),
    Code.RIGHTS_LOST: N_("{rights}"),  # rights: each market with the right it had and the one it has
    Code.RSA_FILE_EMPTY: N_("the key file is empty"),
    Code.RSA_PUBLIC_KEY: N_("this is a public key; OpenD and Capflow need the same private key"),
    Code.RSA_PROTECTED: N_("the key is protected by a password, which OpenD cannot use"),
    Code.RSA_NOT_A_KEY: N_("this is not an RSA private key in PEM form"),
    Code.RSA_OTHER_KIND: N_("this is a private key of another kind than RSA"),
    Code.RSA_TOO_SHORT: N_("the key has {bits} bits; OpenD uses {wanted}"),
    Code.MAKE_RSA_KEY: N_(
        "make one with: openssl genrsa -traditional -out opend.pem 1024, and give OpenD the same file"
    ),
    Code.REMOVE_RSA_PROTECTION: N_("remove it with: openssl rsa -traditional -in old.pem -out new.pem"),
    Code.NAME_RSA_FILE: N_("name the PEM file OpenD is configured with"),
    # Longport
    Code.LONGPORT_CLOSED: N_("Longport closed the connection"),
    # number: with the server's own words behind it
    Code.LONGPORT_CLOSED_WITH: N_("Longport closed the connection (code {number})"),
    Code.LONGPORT_CLOSED_BECAUSE: N_("Longport closed the connection: {why} ({number})"),
    Code.LONGPORT_SAYS_NO_REASON: N_("it does not say why"),
    Code.LONGPORT_HEARD_NO_HEARTBEAT: N_("it received no heartbeat from Capflow"),
    Code.LONGPORT_SERVER_FAILED: N_("its server failed"),
    Code.LONGPORT_SHUTS_DOWN: N_("its server shuts down"),
    Code.LONGPORT_COULD_NOT_READ: N_("it could not read what Capflow sent"),
    Code.LONGPORT_REFUSES_LOGIN: N_("it does not accept the login"),
    Code.LONGPORT_SESSION_EXPIRED: N_("the session has expired"),
    Code.LONGPORT_SESSION_DOUBLED: N_("this session was connected a second time"),
    Code.MESSAGE_OF_OTHER_KIND: N_("Longport sent a message of kind {kind}"),
    Code.SESSION_FORGOTTEN: N_("Longport no longer knows the session"),
    Code.LOGIN_UNANSWERED: N_("the login was not answered within {seconds:.0f} s"),
    Code.TRYING_WEBSOCKET: N_("trying the WebSocket again"),
    Code.ALL_CONNECTIONS_USED: N_("all {limit} connections of this account are in use"),
    Code.LONGPORT_SERVERS_LATE: N_("Longport's own servers did not answer in time"),
    Code.NO_SUCH_GROUP: N_("there is no watchlist group “{name}”"),
    Code.TOO_MANY_REQUESTS: N_("too many requests"),
    Code.NOT_LONGPORT: N_("HTTP {status}: this is not an answer from Longport"),
    Code.PROXY_NOT_HTTP: N_("the proxy that is set is not an HTTP proxy"),
    Code.PROXY_UNREACHABLE: N_("the proxy {host} cannot be reached: {why}"),
    Code.PROXY_REFUSED: N_("the proxy refused: {message} ({status})"),
    Code.NO_CERTIFICATES: N_("the file {file} that SSL_CERT_FILE names holds no certificates that can be read"),
    Code.NOT_TRUSTED: N_("the certificate of {host} is not trusted ({why})"),
    Code.NO_ENCRYPTION: N_("no encrypted connection to {host} could be made ({why})"),
    Code.WEBSOCKET_REFUSED: N_("{host} refused the WebSocket: {message} (HTTP {status})"),
    Code.NOT_AN_ADDRESS: N_("{text} is not an address"),
    Code.NOT_HOST_AND_PORT: N_("{text} is not HOST:PORT"),
    Code.REFUSED_AHEAD: N_("this computer's clock is {difference_s} ahead, and for that it was refused: {why}"),
    Code.REFUSED_BEHIND: N_("this computer's clock is {difference_s} behind, and for that it was refused: {why}"),
    # Signing in
    Code.NOT_REGISTERED: N_("the app could not be registered ({said})"),  # said: the server's own words
    Code.SIGN_IN_SERVER_SAID: N_("the sign-in server answered {said}"),
    Code.SIGN_IN_REFUSED: N_("the sign-in was refused (“{said}”)"),
    Code.NO_BROWSER: N_("no browser could be opened"),
    Code.NOBODY_SIGNED_IN: N_("nobody signed in within {minutes:.0f} minutes; the browser may have been closed"),
    Code.CALLBACK_PORT_TAKEN: N_("port {port} is taken by another program, and the browser must come back to it"),
    Code.USE_APP_KEY: N_("use an app key and token instead"),
    Code.SIGN_IN_AGAIN: N_("start the sign-in again"),
    Code.CLOSE_THAT_PROGRAM: N_("close that program, then sign in again"),
    Code.AGREE_ON_PAGE: N_("sign in again, and agree on Longport's page"),
    Code.PART_OF_KEY_MISSING: N_("{variable} is not set, though other parts of the app key are"),
    Code.SET_ALL_THREE: N_("set all three"),
    Code.NO_CREDENTIALS_SET: N_("the environment holds no credentials of Longport"),
    Code.SET_VARIABLES: N_("set {variables}"),
    Code.KEYRING_EMPTY: N_("this computer's keyring holds nothing for Longport"),
    Code.NO_KEYRING: N_("this computer has no keyring to keep secrets in"),
    Code.KEYRING_FAILED: N_("the keyring cannot be used ({kind})"),
    Code.KEYRING_SILENT: N_("the keyring did not answer within {seconds:.0f} s and may be waiting for its password"),
    Code.KEYRING_UNREADABLE: N_("the keyring holds something unreadable for Longport"),
    Code.ENTER_OR_SET: N_("enter them when asked, or set {variables}"),
    Code.SIGN_IN_OR_SET: N_("sign in under Connections, or set {variables}"),
    Code.UNLOCK_KEYRING: N_("unlock it and reconnect, sign in under Connections, or set {variables}"),
    Code.CONNECT_ANEW: N_("connect Longport anew"),
    Code.REGION_WITHOUT_ADDRESS: N_("is empty though the region is custom"),
    Code.SET_ADDRESS_OR_REGION: N_("set it, or another region"),
    Code.UNKNOWN_TRANSPORT: N_("{name} is not known"),
    Code.WS_OR_HTTP: N_("ws or http"),
    # Answers that cannot be read
    Code.ANSWER_TOO_LONG: N_("an answer has more than {most} MiB, and was read no further"),
    Code.UNPARSABLE: N_("an answer cannot be parsed: {error}"),  # error: the parser's own words
    Code.NO_RESULT: N_("an answer carries no result"),
    Code.LACKS_FIELDS: N_("an answer lacks required fields"),
    Code.NO_SESSION: N_("the answer to the login carries no session"),
    Code.OTP_UNREADABLE: N_("the one-time password cannot be read"),
    Code.NEW_ACCESS_UNREADABLE: N_("the new access token cannot be read"),
    Code.WATCHLIST_UNREADABLE: N_("the watchlist cannot be read: {error}"),
    Code.NO_DATE: N_("the answer carries no Date"),
    Code.NOT_A_DATE: N_("not a date: {text!r}"),
    Code.NOT_A_TIME: N_("not a time: {text!r}"),
    Code.NOT_A_NUMBER: N_("not a number: {text!r}"),
    Code.UNKNOWN_DAY_KIND: N_("{day} is a trading day of the unknown kind {kind}"),
    Code.LINE_WITHOUT_TIME: N_("one of {lines} lines has no time"),
    Code.NOT_A_FRAME: N_("not an OpenD frame: it starts with {start}"),
    Code.NOT_A_PACKET: N_("not a Longport packet: it starts with {start}"),
    Code.NOT_A_HANDSHAKE: N_("not a handshake: it starts with {start}"),
    Code.BODY_FORMAT: N_("body format {format} instead of protobuf (command {command})"),
    Code.BODY_TOO_LONG: N_("a body of {length} bytes is longer than {most} (command {command})"),
    Code.SHA_MISMATCH: N_("the SHA-1 of the body does not match (command {command}, serial {serial})"),
    Code.ENCRYPTED_LENGTH: N_("{length} bytes cannot be an encrypted body of blocks of {block}"),
    Code.AES_TAIL: N_("an AES body cannot end in a tail of {tail}"),
    Code.AES_PADDING: N_("the padding of an AES body is wrong"),
    Code.AES_VECTOR_LENGTH: N_("an AES initialisation vector of {length} bytes instead of {block}"),
    Code.AES_KEY_LENGTH: N_("an AES key of {length} bytes instead of {block}"),
    Code.AES_KEY_NOT_ASCII: N_("the AES key is not ASCII"),
    Code.RSA_OTHER_KEY: N_("an RSA block was not made for this key"),
    Code.GZIP_UNREADABLE: N_("a compressed body cannot be read (command {command}): {error}"),
    Code.GZIP_TOO_LONG: N_("a compressed body is longer than {most} bytes (command {command})"),
    Code.GZIP_END: N_("a compressed body ends too soon or too late (command {command})"),
    Code.MESSAGE_TOO_SHORT: N_("a message of {length} bytes is shorter than its packet"),
    Code.MESSAGE_TOO_LONG: N_("a message of {length} bytes is longer than its packet of {packet}"),
    Code.SERVER_ASKS: N_("the server sent command {command}, which only a client may send"),
    Code.UNUSABLE_ANSWER: N_("unusable answer, {kind}: details are in the log"),
    # Faults of ours
    Code.NOT_IN_THIS_STATE: N_("{what} in state {state}"),
    Code.DOES_NOT_FIT: N_("{what} does not fit its field"),
}


def reason_words(reason: Reason) -> str:
    """A clause without a full stop; the first letter is small where a sentence may begin with it.

    A reason out of a file may have arguments of another version: where they do not fit, its code and they are shown.
    """
    try:
        return _(_WORDS[reason.code]).format(**{name: _argument(name, value) for name, value in reason.args})
    except (KeyError, ValueError, TypeError, OverflowError):
        return str(reason)


def reason_in_english(reason: Reason | None) -> str:
    """The same for programs and log files, whatever the reader's language; empty for None."""
    if reason is None:
        return ""
    with english():
        return reason_words(reason)


_TITLES = {"source": source_title, "channel": channel_title}


def _argument(name: str, value: Argument) -> Argument:
    """`flags` are those of a check, `source` and `channel` get their titles, what ends in `_s` are seconds.

    What the operating system says of an error has words here, where it is one that is met often.
    """
    if isinstance(value, Reason):
        return reason_words(value)
    if name == "flags" and isinstance(value, int):
        return flag_words(value)
    if name in _TITLES:
        return _TITLES[name](str(value))
    if isinstance(value, str) and value in SYSTEM_ERRORS:
        return _(value)
    if name in ("examples", "markets"):
        return listed(str(value).split(", "))
    return duration(value) if name.endswith("_s") and isinstance(value, int | float) else value
