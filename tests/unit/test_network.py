from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from capflow_gui.network import http_proxy, is_loopback, system_proxy, system_trust


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


@pytest.fixture
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.mark.usefixtures("_nothing_set")
def test_the_proxy_of_the_environment_is_taken_but_for_this_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    assert system_proxy("https://service.example/x") == ""
    monkeypatch.setenv("HTTPS_PROXY", "proxy:3128")
    monkeypatch.setenv("NO_PROXY", "near.example")
    assert system_proxy("https://service.example/x") == "http://proxy:3128"
    assert system_proxy("wss://service.example/x") == "http://proxy:3128"
    for address in ("http://service.example/", "https://near.example/", "https://127.0.0.1:8080/", "https:///x"):
        assert system_proxy(address) == ""


@pytest.mark.parametrize("text", ["socks5://me:a-secret@proxy:1080", "http://", "http://proxy:a-secret", "http://["])
def test_a_proxy_that_cannot_be_used_is_refused_without_its_words(text: str) -> None:
    with pytest.raises(ValueError, match="not an HTTP proxy") as caught:
        http_proxy(text)
    assert caught.value.__context__ is None


@pytest.mark.usefixtures("_nothing_set")
def test_a_file_of_authorities_that_cannot_be_read_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert isinstance(system_trust(), ssl.SSLContext)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authorities.pem"))
    with pytest.raises(OSError, match="No such file"):
        system_trust()
