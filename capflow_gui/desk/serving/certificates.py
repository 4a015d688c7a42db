"""The certificate of a desk's server, and the authority that windows trust: made once, and renewed before it ends."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from capflow_gui.desk.serving.configuration import Certificate
from capflow_gui.desk.serving.private_files import read_kept, write_private
from capflow_gui.errors import InvalidInput
from capflow_gui.paths import shown
from capflow_gui.reason import Code, Reason

AUTHORITY_FILE = "authority.pem"
_AUTHORITY_KEY, _SERVER_FILE, _SERVER_KEY = "authority.key", "server.pem", "server.key"
_AUTHORITY_DAYS, _SERVER_DAYS = 3650, 730
_RENEW_BEFORE = timedelta(days=30)
_ALWAYS = ("localhost", "127.0.0.1", "::1")


def ensure_certificates(folder: Path, host: str, now: datetime) -> Certificate:
    """The server's certificate for `host` and this computer; windows are given `AUTHORITY_FILE` of the folder.

    One that ends within a month, is for other names, or was made by an authority that was removed, is made anew. To be
    called off the loop. Raises OSError, and InvalidInput where a file cannot be read, or the authority cannot be used:
    made anew, it would shut every window out.
    """
    if not (folder / AUTHORITY_FILE).exists():
        key = ec.generate_private_key(ec.SECP256R1())
        write_private(folder / _AUTHORITY_KEY, _pem(key))
        _write_whole(folder / AUTHORITY_FILE, _authority(key, now).public_bytes(serialization.Encoding.PEM))
    authority, signing = _kept_authority(folder)
    files, names = _files(folder), _names(host)
    if not (_is_good(files, names, now) and _is_issued_by(authority, files.certificate)):
        if signing is None:
            raise _unusable(folder / _AUTHORITY_KEY)
        key = ec.generate_private_key(ec.SECP256R1())
        made = _server(key, names, authority, signing, now)
        # A disk that is full at the second file leaves the first as it was.
        new = files.certificate.with_name(f"{_SERVER_FILE}.new")
        new.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        write_private(files.key, _pem(key))
        new.replace(files.certificate)
    return files


def renew_certificate(folder: Path, host: str, now: datetime) -> bool:
    """The same for a server that runs; whether there is a new one. To be called off the loop.

    Raises OSError, also where the authority is not there: no window would trust what another one signs; InvalidInput as
    `ensure_certificates` does.
    """
    if _is_good(_files(folder), _names(host), now):
        return False
    for name in (AUTHORITY_FILE, _AUTHORITY_KEY):
        (folder / name).stat()
    ensure_certificates(folder, host, now)
    return True


def _kept_authority(folder: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey | None]:
    """The authority of the folder, and its key; None where that lies elsewhere. Raises InvalidInput."""
    file, key_file = folder / AUTHORITY_FILE, folder / _AUTHORITY_KEY
    try:
        authority = x509.load_pem_x509_certificate(read_kept(file))
        authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    except (ValueError, x509.ExtensionNotFound) as error:
        raise _unusable(file) from error
    if not key_file.exists():
        return authority, None
    try:
        key = serialization.load_pem_private_key(read_kept(key_file), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:  # TypeError: it asks for a password
        raise _unusable(key_file) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != authority.public_key():
        raise _unusable(key_file)
    return authority, key


def _unusable(file: Path) -> InvalidInput:
    return InvalidInput(shown(file), Reason.of(Code.AUTHORITY_UNUSABLE), Reason.of(Code.RESTORE_AUTHORITY))


def _write_whole(file: Path, content: bytes) -> None:
    new = file.with_name(f"{file.name}.new")
    new.write_bytes(content)
    new.replace(file)


def _files(folder: Path) -> Certificate:
    return Certificate(folder / _SERVER_FILE, folder / _SERVER_KEY)


def _names(host: str) -> list[str]:
    return list(dict.fromkeys((host, *_ALWAYS, socket.gethostname())))


def _is_good(files: Certificate, names: Sequence[str], now: datetime) -> bool:
    """Whether it is there, holds for a while, has these names, and belongs to the key beside it."""
    if not (files.certificate.exists() and files.key.exists()):
        return False
    try:
        found = x509.load_pem_x509_certificate(read_kept(files.certificate))
        key = serialization.load_pem_private_key(read_kept(files.key), None)
        held = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.ExtensionNotFound):
        return False  # it was cut off while it was written, or is none of ours
    is_ours = key.public_key() == found.public_key()
    return is_ours and found.not_valid_after_utc - now > _RENEW_BEFORE and set(held) >= set(map(_name, names))


def _is_issued_by(authority: x509.Certificate, file: Path) -> bool:
    """Whether windows that trust the authority trust the certificate: not after the authority was replaced."""
    try:
        x509.load_pem_x509_certificate(read_kept(file)).verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _authority(key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    return (
        _builder("Capflow desk authority", "Capflow desk authority", key, now, _AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(True, None), critical=True)
        .add_extension(own, critical=False)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )


def _server(
    key: ec.EllipticCurvePrivateKey,
    names: Sequence[str],
    authority: x509.Certificate,
    signing: ec.EllipticCurvePrivateKey,
    now: datetime,
) -> x509.Certificate:
    by = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return (
        _builder("Capflow desk", "Capflow desk authority", key, now, _SERVER_DAYS)
        .add_extension(x509.SubjectAlternativeName(list(map(_name, names))), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(by), critical=False)
        .add_extension(x509.BasicConstraints(False, None), critical=True)
        .sign(signing, hashes.SHA256())
    )


def _builder(
    subject: str, issuer: str, key: ec.EllipticCurvePrivateKey, now: datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_named(subject))
        .issuer_name(_named(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=days))
    )


def _named(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def now_utc(wall: float) -> datetime:
    """The wall clock as certificates count it."""
    return datetime.fromtimestamp(wall, UTC)
