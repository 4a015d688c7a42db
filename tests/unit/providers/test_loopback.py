from __future__ import annotations

import pytest

from capflow_gui.providers.loopback import is_loopback


@pytest.mark.parametrize(
    "host",
    [
        "localhost", "LocalHost.", "capflow.localhost", "127.0.0.1", "127.8.9.10", "127.1", "0x7f.1", "2130706433",
        "::1", "[::1]", "::ffff:127.0.0.1", "0:0:0:0:0:0:0:1", "0.0.0.0", "::", "::1%lo", " 127.0.0.1 ",  # noqa: S104
    ],
)  # fmt: skip
def test_this_computer_in_every_spelling(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["", "localhost.example.com", "128.0.0.1", "10.0.0.1", "::2", "opend", "127.0.0.1.x"])
def test_other_computers(host: str) -> None:
    assert not is_loopback(host)
