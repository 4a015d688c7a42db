from __future__ import annotations

import json
from pathlib import Path

from capflow_gui.desk.configuration import Certificate, server_text, users_text
from tests.desk_bus import Bus, bus

__all__ = ["bus"]


def test_a_window_may_do_what_a_window_does_and_nothing_else() -> None:
    (line,) = (line for line in users_text({"collector": "a", "ws01": 'q"uote'}).splitlines() if '"ws01"' in line)
    assert '"capflow.v1.interest.ws01"' in line
    assert '"capflow.v1.ack.ws01.>"' in line
    assert json.dumps('q"uote') in line
    for never in ("CONSUMER", "capflow.v1.flow", "$KV", '"$JS.API.>"', "_INBOX_collector", '"capflow.v1.live.ask"'):
        assert never not in line


def test_the_server_keeps_all_it_acknowledged_and_encrypts() -> None:
    files = Certificate(Path("server.pem"), Path("server.key"))
    text = server_text("192.0.2.7", 4222, store=Path("C:\\store"), certificate=files)
    assert 'listen: "192.0.2.7:4222"' in text
    assert 'store_dir: "C:\\\\store"' in text
    assert "sync_interval: always" in text
    assert 'tls { cert_file: "server.pem", key_file: "server.key", timeout: 5 }' in text


def test_a_server_takes_it_and_keeps_its_port_over_a_restart(bus: Bus) -> None:
    said = [line for line in bus.log if "[WRN]" in line or "[ERR]" in line]
    # The secrets are random and as long as a key: bcrypt would only make fifty windows wait for a minute.
    assert len(said) == 1
    assert "Plaintext passwords" in said[0]
    port = bus.port
    bus.restart()
    assert bus.port == port
