from __future__ import annotations

import ssl
import sys
from pathlib import Path

import pytest

from capflow_gui.errors import ConnectFailed, ConnectFault
from capflow_gui.providers.longport.network import proxy_for, proxy_variable, trusted

NAMES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "WSS_PROXY", "SSL_CERT_FILE")


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.mark.parametrize("url", ["https://broker.example/x", "wss://broker.example/v2"])
@pytest.mark.parametrize("text", ["http://proxy:3128", "proxy:3128"])
def test_the_proxy_of_requests_is_the_web_sockets_too(monkeypatch: pytest.MonkeyPatch, url: str, text: str) -> None:
    assert proxy_for("longport", url) is None
    monkeypatch.setenv("HTTPS_PROXY", text)
    found = proxy_for("longport", url)
    assert found is not None
    assert (found.host, found.port) == ("proxy", 3128)


@pytest.mark.parametrize("url", ["http://broker.example/", "ws://broker.example/", "https://near.example/"])
def test_some_ways_take_none(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    monkeypatch.setenv("NO_PROXY", "near.example")
    assert proxy_for("longport", url) is None


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1", "[::1]", "LOCALHOST.", "a.localhost", "127.9.9.9"])
def test_this_computer_is_never_asked_through_a_proxy(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for scheme in ("http", "https", "ws", "wss"):
        assert proxy_for("longport", f"{scheme}://{host}:8080/v2") is None


@pytest.mark.parametrize(
    ("url", "names", "in_force"),
    [
        ("https://broker.example", ("HTTPS_PROXY",), "HTTPS_PROXY"),
        ("https://broker.example", ("https_proxy",), "https_proxy"),
        ("wss://broker.example", ("https_proxy", "HTTPS_PROXY"), "https_proxy"),
        ("ws://broker.example", ("http_proxy", "https_proxy"), "http_proxy"),
        ("http://broker.example", ("HTTPS_PROXY",), ""),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="names of variables have no case there")
def test_the_variable_in_force_is_named(
    monkeypatch: pytest.MonkeyPatch, url: str, names: tuple[str, ...], in_force: str
) -> None:
    for name in names:
        monkeypatch.setenv(name, "socks5://proxy:1080")
    assert proxy_variable(url) == in_force
    if in_force:
        with pytest.raises(ConnectFailed) as caught:
            proxy_for("longport", url)
        assert caught.value.variable == in_force


@pytest.mark.parametrize("text", ["socks5://me:a-secret@proxy:1080", "http://", "http://proxy:a-secret"])
def test_a_proxy_that_cannot_be_used_is_said_without_its_words(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", text)
    with pytest.raises(ConnectFailed, match="proxy_not_http") as caught:
        proxy_for("longport", "https://broker.example")
    assert caught.value.fault is ConnectFault.PROXY
    assert "a-secret" not in str(caught.value)


def test_a_file_of_authorities_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert trusted("longport", "http://broker.example") is True
    assert isinstance(trusted("longport", "wss://broker.example"), ssl.SSLContext)
    file = tmp_path / "authorities.pem"
    for text in (None, "not a certificate"):
        if text is not None:
            file.write_text(text, encoding="utf-8")
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        with pytest.raises(ConnectFailed, match=r"authorities\.pem") as caught:
            trusted("longport", "https://broker.example")
        assert caught.value.fault is ConnectFault.UNTRUSTED
