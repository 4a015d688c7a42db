from __future__ import annotations

import os
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from capflow_gui.desk.serving.certificates import AUTHORITY_FILE, ensure_certificates, now_utc, renew_certificate

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


def test_the_wall_clock_is_taken_as_utc() -> None:
    assert now_utc(0.0) == datetime(1970, 1, 1, tzinfo=UTC)
