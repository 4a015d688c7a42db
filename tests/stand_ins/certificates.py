"""A certificate for a server on loopback, and the authority that made it."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def certificates(folder: Path, *hosts: str) -> tuple[Path, ssl.SSLContext]:
    """The authority's file, and a context that shows a certificate of it for `hosts`."""
    now = datetime.now(UTC)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]

    def signed(
        subject: str, key: ec.EllipticCurvePrivateKey, extensions: list[tuple[x509.ExtensionType, bool]]
    ) -> bytes:
        builder = (
            x509.CertificateBuilder()
            .subject_name(_named(subject))
            .issuer_name(_named("A Company's Proxy"))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(hours=1))
        )
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return builder.sign(keys[0], hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    own = x509.SubjectKeyIdentifier.from_public_key(keys[0].public_key())
    usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    root = signed(
        "A Company's Proxy", keys[0], [(x509.BasicConstraints(True, None), True), (own, False), (usage, True)]
    )
    by = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own)
    names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
    leaf = signed(hosts[0], keys[1], [(names, False), (by, False)])
    authority, chain, key = (folder / name for name in ("authority.pem", "chain.pem", "key.pem"))
    authority.write_bytes(root)
    chain.write_bytes(leaf)
    key.write_bytes(
        keys[1].private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    return authority, context


def _named(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
