"""The words of what keeps `capflow serve` from starting."""

from __future__ import annotations

from capflow_gui.present.language.texts import N_
from capflow_gui.reason import Code

SERVED: dict[Code, str] = {
    Code.NOT_LOOPBACK: N_("only programs on this computer are served"),
    Code.LOOPBACK_FORM: N_("write it as 127.0.0.1:PORT; port 0 picks a free one"),
    Code.NOTHING_CAN_LISTEN: N_("nothing can listen there: {why}"),
    Code.ONE_WAY_TO_ASK: N_("--mcp speaks on stdin and stdout, --http does not"),
    Code.START_TWICE: N_("start two of them"),
    Code.TOKEN_NOT_OWN: N_("others may read it, or it is another user's (mode {mode})"),
    Code.NO_TOKEN_IN_FILE: N_("it holds no token"),
    Code.DELETE_TOKEN: N_("delete it; the next start makes another"),
    Code.NO_MCP: N_("mcp is not installed"),
    Code.INSTALL_MCP: N_("install it: pip install 'capflow-gui[mcp]'"),
}
