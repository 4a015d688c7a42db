from __future__ import annotations

import os
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from capflow_gui.desk.serving.certificates import AUTHORITY_FILE, ensure_certificates, now_utc, renew_certificate
from capflow_gui.errors import InvalidInput
from capflow_gui.reason import Code

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def test_they_are_made_once_and_windows_trust_them(tmp_path: Path) -> None:
    made = ensure_certificates(tmp_path, "192.0.2.7", NOW)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert ensure_certificates(tmp_path, "192.0.2.7", NOW + timedelta(days=600)) == made
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    if os.name != "nt":
        assert [path.name for path in tmp_path.iterdir() if path.stat().st_mode & 0o077 and path.suffix == ".key"] == []
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(made.certificate, made.key)
    ssl.create_default_context(cafile=str(tmp_path / AUTHORITY_FILE))


def test_one_that_ends_soon_or_is_for_another_name_is_made_anew_by_the_same_authority(tmp_path: Path) -> None:
    made = ensure_certificates(tmp_path, "desk.example", NOW)
    authority, first = (tmp_path / AUTHORITY_FILE).read_bytes(), made.certificate.read_bytes()
    ensure_certificates(tmp_path, "desk.example", NOW + timedelta(days=710))
    second = made.certificate.read_bytes()
    ensure_certificates(tmp_path, "::1", NOW + timedelta(days=710))
    assert made.certificate.read_bytes() == second != first
    ensure_certificates(tmp_path, "192.0.2.9", NOW + timedelta(days=710))
    assert made.certificate.read_bytes() != second
    assert (tmp_path / AUTHORITY_FILE).read_bytes() == authority


def test_one_that_does_not_belong_to_its_key_or_was_cut_off_is_made_anew(tmp_path: Path) -> None:
    """The power may go between the two files, and in one."""
    made = ensure_certificates(tmp_path, "desk.example", NOW)
    old = made.key.read_bytes()
    assert renew_certificate(tmp_path, "desk.example", NOW + timedelta(days=710))
    made.key.write_bytes(old)
    assert renew_certificate(tmp_path, "desk.example", NOW + timedelta(days=710))
    made.certificate.write_bytes(b"")
    assert renew_certificate(tmp_path, "desk.example", NOW + timedelta(days=710))
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(made.certificate, made.key)
    assert not renew_certificate(tmp_path, "desk.example", NOW + timedelta(days=711))


def test_a_new_authority_makes_a_new_certificate(tmp_path: Path) -> None:
    """Its two files are removed where its key is known to others."""
    made = ensure_certificates(tmp_path, "desk.example", NOW)
    old = made.certificate.read_bytes()
    for file in tmp_path.glob("authority.*"):
        file.unlink()
    ensure_certificates(tmp_path, "desk.example", NOW)
    authority = x509.load_pem_x509_certificate((tmp_path / AUTHORITY_FILE).read_bytes())
    x509.load_pem_x509_certificate(made.certificate.read_bytes()).verify_directly_issued_by(authority)
    with pytest.raises(InvalidSignature):
        x509.load_pem_x509_certificate(old).verify_directly_issued_by(authority)


def test_while_it_runs_no_new_authority_is_made(tmp_path: Path) -> None:
    """Its key may lie elsewhere, or its files may have been removed for the next start."""
    ensure_certificates(tmp_path, "desk.example", NOW)
    (tmp_path / "authority.key").unlink()
    before = (tmp_path / AUTHORITY_FILE).read_bytes()
    assert not renew_certificate(tmp_path, "desk.example", NOW)
    with pytest.raises(FileNotFoundError):
        renew_certificate(tmp_path, "desk.example", NOW + timedelta(days=710))
    assert (tmp_path / AUTHORITY_FILE).read_bytes() == before


def test_a_certificate_of_somebody_elses_is_replaced(tmp_path: Path) -> None:
    made = ensure_certificates(tmp_path, "desk.example", NOW)
    made.certificate.write_bytes((tmp_path / AUTHORITY_FILE).read_bytes())  # it has no names
    ensure_certificates(tmp_path, "desk.example", NOW)
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(made.certificate, made.key)


def test_the_wall_clock_is_taken_as_utc() -> None:
    assert now_utc(0.0) == datetime(1970, 1, 1, tzinfo=UTC)


def test_an_authority_that_could_not_be_written_whole_is_none_and_made_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = Path.replace

    def cut_off(file: Path, target: Path) -> Path:
        if target.name == AUTHORITY_FILE:
            raise OSError("no room")
        return replace(file, target)

    with monkeypatch.context() as full:
        full.setattr(Path, "replace", cut_off)
        with pytest.raises(OSError, match="no room"):
            ensure_certificates(tmp_path, "desk.example", NOW)
    assert not (tmp_path / AUTHORITY_FILE).exists()
    made = ensure_certificates(tmp_path, "desk.example", NOW)
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(made.certificate, made.key)


def pem(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey, password: bytes | None = None) -> bytes:
    hidden = serialization.NoEncryption() if password is None else serialization.BestAvailableEncryption(password)
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, hidden)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (AUTHORITY_FILE, bytes(range(256))),
        (AUTHORITY_FILE, b""),
        ("authority.key", bytes(range(256))),
        ("authority.key", pem(ec.generate_private_key(ec.SECP256R1()))),
        ("authority.key", pem(ed25519.Ed25519PrivateKey.generate())),
        ("authority.key", pem(ec.generate_private_key(ec.SECP256R1()), b"password")),
    ],
)
def test_an_authority_that_was_spoiled_is_said_and_none_is_made_in_its_place(
    tmp_path: Path, name: str, content: bytes
) -> None:
    ensure_certificates(tmp_path, "desk.example", NOW)
    (tmp_path / name).write_bytes(content)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(InvalidInput, match=name) as caught:
        ensure_certificates(tmp_path, "desk.example", NOW)
    assert (caught.value.reason.code, caught.value.suggestion.code) == (Code.AUTHORITY_UNUSABLE, Code.RESTORE_AUTHORITY)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_the_authoritys_key_may_lie_elsewhere_until_it_has_to_sign(tmp_path: Path) -> None:
    made = ensure_certificates(tmp_path, "desk.example", NOW)
    (tmp_path / "authority.key").unlink()
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert ensure_certificates(tmp_path, "desk.example", NOW) == made
    with pytest.raises(InvalidInput, match=r"authority\.key"):
        ensure_certificates(tmp_path, "another.example", NOW)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("name", [AUTHORITY_FILE, "authority.key", "server.pem", "server.key"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    ensure_certificates(tmp_path, "desk.example", NOW)
    (tmp_path / name).unlink()
    (tmp_path / name).mkdir()
    with pytest.raises(InvalidInput, match=name) as caught:
        ensure_certificates(tmp_path, "desk.example", NOW)
    assert caught.value.reason.code is Code.CANNOT_BE_READ
