from __future__ import annotations

import pytest

from capflow_gui.providers.longport.config import GLOBAL, MAINLAND, LongportConfig, private

NEAR = ("http://127.0.0.1:1", "ws://[::1]:2")


@pytest.mark.parametrize(
    ("config", "safe"),
    [
        (GLOBAL, True),
        (MAINLAND, True),
        (LongportConfig(*NEAR), True),
        (LongportConfig("http://10.0.0.5", NEAR[1]), False),
        (LongportConfig("https://x", "ws://10.0.0.5"), False),
        (LongportConfig("https://x", "ws://10.0.0.5", transport="http"), True),  # the socket is not dialled
        (LongportConfig("https://x", "ws://10.0.0.5", "127.0.0.1:2020", transport="tcp"), True),
        (LongportConfig("https://x", "wss://x", "10.0.0.5:2020", transport="tcp"), False),
        (LongportConfig("https://x", "wss://x", "tcp://localhost:2020", transport="tcp"), True),
    ],
)
def test_who_can_read_what_is_sent(config: LongportConfig, safe: bool) -> None:
    assert private(config) is safe
