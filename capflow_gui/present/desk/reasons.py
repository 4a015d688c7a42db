"""Words for why something about a desk is as it is: its bus, its collectors, and a desk as a source."""

from __future__ import annotations

from capflow_gui.present.language.texts import N_
from capflow_gui.reason import Code

DESK: dict[Code, str] = {
    # The collector of a desk
    Code.BUS_FULL: N_("the desk's server has no room to store anything ({why}): the archive goes on"),
    Code.BUS_REFUSES: N_("the desk's server refuses what a collector needs: {why}"),  # why: its own words
    Code.BUS_STORES_NOTHING: N_(
        "the desk's server does not say that it stored anything; its disk may be full. The archive goes on"
    ),
    Code.BUS_NOT_STARTED: N_("the desk's server did not start: {why}"),  # why: its own words
    Code.LISTEN_ELSEWHERE: N_("give --listen an address of this computer and a free port"),
    Code.DESK_NOT_RENEWED: N_("the certificate of the desk's server ends within a month and cannot be renewed: {why}"),
    Code.AUTHORITY_UNUSABLE: N_("this is not the certificate of the desk's authority and the key that belongs to it"),
    Code.RESTORE_AUTHORITY: N_(
        "put authority.pem and authority.key back from a copy; or remove both, start again, and give every window the "
        "new authority.pem"
    ),
    Code.DESK_SECRET_UNUSABLE: N_("this is no secret: one line of text, of {most} letters at most"),
    Code.REMOVE_SECRET: N_("remove the file and start again: a new secret is made, which its user has to be given"),
    Code.REMOVE_STORE: N_("make room, or remove {folder} and start again: it is filled again from what is polled"),
    Code.HANDED_OVER: N_("another of the desk's collectors judges it now"),
    Code.DESK_SERVED: N_("another Capflow serves a desk from this folder"),
    Code.NO_BUS_SERVER: N_("the program of the desk's server is not there"),
    Code.GET_BUS_SERVER: N_(
        "install it: pip install 'capflow-gui[desk-server]', or name a nats-server: --server FILE, or program under "
        "[desk_server] in the settings"
    ),
    Code.NOT_A_BUS_ADDRESS: N_("this is not the address of a desk's server"),
    Code.NOT_ENTITLED: N_(
        "nothing declares that figures of {source} may be shown on several terminals, and its terms may forbid it"
    ),
    Code.DECLARE_ENTITLEMENT: N_(
        "ask {source}, in writing, whether its figures may be shown on several terminals of your firm; "
        "then set desk, who and when under [{table}]"
    ),
    # The bus of a desk
    Code.DESK_TOO_LONG: N_("{length} is more than the {most} that a message of the desk holds"),
    Code.DESK_NEWER: N_(
        "a newer Capflow speaks on the bus of the desk (version {found}, this one knows {known}): update Capflow"
    ),
    Code.DESK_UNREADABLE: N_("a message of the desk cannot be read ({what})"),
    Code.NOT_A_SUBJECT: N_("{text!r} cannot be named on the bus of a desk"),
    Code.DESK_LIST_TOO_LONG: N_("a desk polls {most} symbols of a list, and those on screen: divide it into profiles"),
    Code.DESK_LEFT_OUT: N_("{count} names are those of no symbol that a desk can have"),
    Code.DESK_MOST_POLLED: N_("the windows want {count} symbols, and {most} of them are polled: the last are left out"),
    Code.DESK_UNREAD: N_("{count} messages of {user} within an hour could not be used: {why}"),
    # A desk as a source
    Code.BUS_ABSENT: N_("nothing listens at {address}: is the desk's server running, and is this its port?"),
    Code.BUS_LOST: N_("the connection to the desk's server at {address} ended"),
    Code.BUS_SILENT: N_("the desk's server at {address} does not answer"),
    Code.COLLECTOR_LOST: N_("the desk's server answers, but no collector has been heard for {seconds:.0f} s"),
    Code.COLLECTOR_STOPPED: N_("the desk's collector was stopped, and no other took over"),
    Code.COLLECTOR_WAITS: N_("the desk's collector is there, and can say nothing new: {why}"),
    Code.DESK_EXPIRED: N_("the certificate of {address} has expired: the desk's administrator has to renew it"),
    Code.DESK_EXPIRES: N_("the certificate of {address} ends on {day}: the desk's administrator has to renew it"),
    Code.DESK_HAS_NOT: N_("no collector of the desk has {symbol} yet"),
    Code.DESK_NOT_TRUSTED: N_(
        "this computer does not know the authority that signed the certificate of {address}: name its file (?ca=FILE)"
    ),
    Code.DESK_NO_RIGHT: N_("the desk's server refuses {subject} to this user: its administrator has to allow it"),
    Code.DESK_NOT_YET_VALID: N_(
        "the certificate of {address} is not valid yet: look at the clock of this computer and of the desk's server"
    ),
    Code.DESK_OTHER_HOST: N_("the certificate at {address} is made out to another name"),
    Code.DESK_REFUSED: N_("the desk does not let {user} in: the name or the secret is wrong"),
    Code.DESK_SECRET_MISSING: N_("there is no secret for {user} at {address}"),
    Code.DESK_SIMULATED: N_("a simulator, and not a broker, is polled at the desk"),
    Code.DESK_SOURCE_DOWN: N_("the desk's collector cannot ask {source}: {why}"),
    Code.DESK_UNENCRYPTED: N_("{address} does not encrypt: the secret was not sent to it"),
    Code.DESK_WITHDRAWN: N_("the access of {user} was withdrawn: ask the desk's administrator"),
    Code.DESK_SECRET_BY_VARIABLE: N_("start Capflow with the secret in {variable}, and leave the field empty"),
    Code.ENTER_DESK_SECRET: N_("enter it in the connections, or set {variable}"),
    Code.NAME_CA_FILE: N_("name a file of certificates in PEM form"),
    Code.NOT_A_BUS: N_("{address} is not the server of a desk ({why})"),  # why: the client's own words
    Code.NOT_A_DESK: N_("a desk has a user, a host and a port"),
    Code.NOT_OF_A_DESK: N_("{name} is no option of a desk"),
    Code.NOT_ON_A_DESK: N_("a desk has nothing but the running session"),
    Code.SECRET_FILE_OPEN: N_("others can read {path}: allow it to yourself alone (chmod 600)"),
    Code.SHARDS_LOST: N_("parts of the desk's list that have no collector: {count}"),
}
