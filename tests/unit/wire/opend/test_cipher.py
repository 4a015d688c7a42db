from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import serialization as ser
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.errors import RemoteProtocolError, SettingsError
from capflow_gui.present.reasons import reason_words
from capflow_gui.reason import Code
from capflow_gui.wire.opend.cipher import AesCbc, FtAesEcb, RsaKey, load_rsa_key
from capflow_gui.wire.opend.frame import FrameDecoder, encode_frame, open_body

KEY = b"0123456789ABCDEF"
IV = b"ABCDEF0123456789"
PRIVATE = rsa.generate_private_key(65537, 1024)


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, *, pkcs8: bool = False, password: bytes = b"") -> bytes:
    layout = ser.PrivateFormat.PKCS8 if pkcs8 else ser.PrivateFormat.TraditionalOpenSSL
    seal = ser.BestAvailableEncryption(password) if password else ser.NoEncryption()
    return key.private_bytes(ser.Encoding.PEM, layout, seal)


def test_ftaes_vectors() -> None:
    cipher = FtAesEcb(KEY)
    assert cipher.encrypt(b"hello").hex() == "bedb52b74abfefe73c09d878b11fa5e5" + "00" * 15 + "05"
    assert cipher.encrypt(b"0123456789abcdef").hex() == "2ae1068641014724b8d0cbab7d9e054e" + "00" * 16
    assert cipher.decrypt(bytes.fromhex("bedb52b74abfefe73c09d878b11fa5e5" + "00" * 15 + "05")) == b"hello"


def test_cbc_vector() -> None:
    assert AesCbc(KEY, IV).encrypt(b"hello").hex() == "d738141d09d1f219e30788a1591cfc73"


@given(st.binary(max_size=2000))
def test_round_trips(plain: bytes) -> None:
    for cipher in (FtAesEcb(KEY), AesCbc(KEY, IV)):
        assert cipher.decrypt(cipher.encrypt(plain)) == plain


@given(st.binary(max_size=70))
def test_an_impossible_body_is_the_peers_fault(sent: bytes) -> None:
    for cipher in (FtAesEcb(KEY), AesCbc(KEY, IV)):
        try:
            cipher.decrypt(sent)
        except RemoteProtocolError:
            continue
        assert len(sent) % 16 == 0


def test_ftaes_tail_without_a_block() -> None:
    assert FtAesEcb(KEY).decrypt(bytes(16)) == b""
    with pytest.raises(RemoteProtocolError, match="tail"):
        FtAesEcb(KEY).decrypt(bytes(15) + b"\x05")
    with pytest.raises(RemoteProtocolError, match="tail"):
        FtAesEcb(KEY).decrypt(bytes(31) + b"\x10")


@pytest.mark.parametrize(("size", "blocks"), [(1, 1), (100, 1), (101, 2), (250, 3)])
def test_rsa_goes_in_pieces_of_a_hundred(size: int, blocks: int) -> None:
    key = RsaKey(PRIVATE)
    sent = key.encrypt(b"x" * size)
    assert len(sent) == 128 * blocks
    assert key.decrypt(sent) == b"x" * size


def test_rsa_frame_of_another_key_fails_its_digest() -> None:
    other = RsaKey(rsa.generate_private_key(65537, 1024))
    frames, _ = FrameDecoder().receive(encode_frame(1001, 1, b"secret" * 30, other))
    with pytest.raises(RemoteProtocolError):
        open_body(frames[0], RsaKey(PRIVATE))
    with pytest.raises(RemoteProtocolError, match=r"encrypted_length.*128"):
        RsaKey(PRIVATE).decrypt(b"plain")


def test_the_answer_chooses_the_cipher() -> None:
    key = RsaKey(PRIVATE)
    assert isinstance(key.session_cipher(KEY.decode(), IV.decode()), AesCbc)
    assert isinstance(key.session_cipher(KEY.decode(), ""), FtAesEcb)
    with pytest.raises(RemoteProtocolError, match=r"aes_key_length.* length=5"):
        key.session_cipher("short", "")
    with pytest.raises(RemoteProtocolError, match="vector"):
        key.session_cipher(KEY.decode(), "short")
    with pytest.raises(RemoteProtocolError, match="ascii"):
        key.session_cipher("０123456789ABCDE", "")


def test_both_key_layouts_are_read() -> None:
    sent = RsaKey(PRIVATE).encrypt(b"hello")
    assert load_rsa_key(pem(PRIVATE)).decrypt(sent) == b"hello"
    assert load_rsa_key(pem(PRIVATE, pkcs8=True)).decrypt(sent) == b"hello"


def short_key() -> rsa.RSAPrivateKey:
    """512 bits: in the broker's old documents, and too short for pieces of 100 bytes."""
    p = 0xFB66274C336ADC018BEE13EC9AC68F835CCD134AC8E572C994DD38DF48CCB71B
    q = 0xCE523278D215906B219AC442723FAE59FDD6324D84D4F0813797AA3DE32D3191
    d = pow(65537, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(65537, p * q)
    numbers = rsa.RSAPrivateNumbers(
        p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q), public
    )
    return numbers.private_key()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"", Code.RSA_FILE_EMPTY),
        (b"not a key", Code.RSA_NOT_A_KEY),
        (pem(PRIVATE)[:200], Code.RSA_NOT_A_KEY),
        (pem(PRIVATE, password=b"secret"), Code.RSA_PROTECTED),
        (pem(PRIVATE, pkcs8=True, password=b"secret"), Code.RSA_PROTECTED),
        (pem(ec.generate_private_key(ec.SECP256R1())), Code.RSA_OTHER_KIND),
        (
            PRIVATE.public_key().public_bytes(ser.Encoding.PEM, ser.PublicFormat.SubjectPublicKeyInfo),
            Code.RSA_PUBLIC_KEY,
        ),
        (pem(short_key()), Code.RSA_TOO_SHORT),
    ],
)
def test_a_useless_key_says_why(text: bytes, code: Code) -> None:
    with pytest.raises(SettingsError) as caught:
        load_rsa_key(text)
    assert caught.value.reason.code is code
    assert caught.value.key == "rsa_key"
    assert caught.value.suggestion is not None
    assert "openssl" in reason_words(caught.value.suggestion)


@pytest.mark.parametrize("last", [b"\0", b"\x11", b"\xff"])
def test_a_body_of_another_key_has_no_padding(last: bytes) -> None:
    sent = encrypted_block(bytes(15) + last)
    with pytest.raises(RemoteProtocolError) as caught:
        AesCbc(KEY, IV).decrypt(sent)
    assert caught.value.reason.code is Code.AES_PADDING


def test_a_whole_block_that_the_key_does_not_open_is_of_another_key() -> None:
    # A number above the modulus: no block of this key can be one.
    with pytest.raises(RemoteProtocolError) as caught:
        RsaKey(PRIVATE).decrypt(b"\xff" * 128)
    assert caught.value.reason.code is Code.RSA_OTHER_KEY


def encrypted_block(plain: bytes) -> bytes:
    encryptor = Cipher(algorithms.AES(KEY), modes.CBC(IV)).encryptor()
    return encryptor.update(plain) + encryptor.finalize()
