"""OpenD's encryption, both directions. Imported only where a key is used: `cryptography` costs start-up time.

RSA covers the two InitConnect bodies, in pieces; everything after is AES-128 with the key the answer carries.
Neither authenticates the server beyond its owning the key. Source: FutuOpenD API docs, "Protocol".
"""

from __future__ import annotations

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import padding as block_padding
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from capflow_gui.errors import RemoteProtocolError, SettingsError
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.opend.frame import BodyCipher

PIECE = 100  # plain bytes to an RSA block, by convention
MIN_KEY_BITS = 1024
_BLOCK = 16
_MAKE_ONE = Reason.of(Code.MAKE_RSA_KEY)


class FtAesEcb:
    """AES-128-ECB over the zero-padded body, then one unencrypted block whose last byte is the length modulo 16."""

    def __init__(self, key: bytes) -> None:
        # The broker's format: the mode is not ours to choose.
        self._cipher = Cipher(_aes(key), modes.ECB())  # noqa: S305

    def encrypt(self, plain: bytes) -> bytes:
        """Return the encrypted blocks and the tail block."""
        tail = len(plain) % _BLOCK
        encryptor = self._cipher.encryptor()
        padded = plain + bytes(_BLOCK - tail) if tail else plain
        return encryptor.update(padded) + encryptor.finalize() + bytes(_BLOCK - 1) + bytes((tail,))

    def decrypt(self, sent: bytes) -> bytes:
        """Return the plain body. Raises RemoteProtocolError on an impossible length or tail."""
        if not sent or len(sent) % _BLOCK:
            raise RemoteProtocolError(Reason.of(Code.ENCRYPTED_LENGTH, length=len(sent), block=_BLOCK))
        tail = sent[-1]
        if tail >= _BLOCK or (tail and len(sent) < 2 * _BLOCK):
            raise RemoteProtocolError(Reason.of(Code.AES_TAIL, tail=tail))
        decryptor = self._cipher.decryptor()
        plain = decryptor.update(sent[:-_BLOCK]) + decryptor.finalize()
        return plain[: len(plain) - _BLOCK + tail] if tail else plain


class AesCbc:
    """AES-128-CBC with PKCS#7; the same initialisation vector for every frame."""

    def __init__(self, key: bytes, iv: bytes) -> None:
        if len(iv) != _BLOCK:
            raise RemoteProtocolError(Reason.of(Code.AES_VECTOR_LENGTH, length=len(iv), block=_BLOCK))
        self._cipher = Cipher(_aes(key), modes.CBC(iv))

    def encrypt(self, plain: bytes) -> bytes:
        """Return the encrypted, padded body."""
        padder = block_padding.PKCS7(_BLOCK * 8).padder()
        encryptor = self._cipher.encryptor()
        return encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()

    def decrypt(self, sent: bytes) -> bytes:
        """Return the plain body. Raises RemoteProtocolError on an impossible length or padding."""
        if not sent or len(sent) % _BLOCK:
            raise RemoteProtocolError(Reason.of(Code.ENCRYPTED_LENGTH, length=len(sent), block=_BLOCK))
        decryptor = self._cipher.decryptor()
        unpadder = block_padding.PKCS7(_BLOCK * 8).unpadder()
        try:
            return unpadder.update(decryptor.update(sent) + decryptor.finalize()) + unpadder.finalize()
        except ValueError as error:
            raise RemoteProtocolError(Reason.of(Code.AES_PADDING)) from error


def _aes(key: bytes) -> algorithms.AES128:
    if len(key) != _BLOCK:
        raise RemoteProtocolError(Reason.of(Code.AES_KEY_LENGTH, length=len(key), block=_BLOCK))
    return algorithms.AES128(key)


class RsaKey:
    """The private key OpenD and its client share. A BodyCipher for the two InitConnect bodies.

    PKCS#1 v1.5, at most 100 plain bytes to a block; a block is as long as the key (128 bytes for 1024 bits).
    """

    def __init__(self, key: rsa.RSAPrivateKey) -> None:
        self._private = key
        self._public = key.public_key()
        self._block = (key.key_size + 7) // 8

    def encrypt(self, plain: bytes) -> bytes:
        """Return the blocks of every piece of `plain`."""
        scheme = padding.PKCS1v15()
        pieces = (plain[at : at + PIECE] for at in range(0, len(plain), PIECE))
        return b"".join(self._public.encrypt(piece, scheme) for piece in pieces)

    def decrypt(self, sent: bytes) -> bytes:
        """Return the plain body. Raises RemoteProtocolError where it was not made for this key.

        OpenSSL may return random bytes for a wrong block instead of an error: the frame's SHA-1 settles it.
        """
        if not sent or len(sent) % self._block:
            raise RemoteProtocolError(Reason.of(Code.ENCRYPTED_LENGTH, length=len(sent), block=self._block))
        scheme = padding.PKCS1v15()
        blocks = (sent[at : at + self._block] for at in range(0, len(sent), self._block))
        try:
            return b"".join(self._private.decrypt(block, scheme) for block in blocks)
        except ValueError as error:
            raise RemoteProtocolError(Reason.of(Code.RSA_OTHER_KEY)) from error

    def session_cipher(self, key: str, iv: str) -> BodyCipher:
        """Return the cipher the InitConnect answer chose: AES_CBC where it carries a vector, else FTAES_ECB.

        Raises RemoteProtocolError where key or vector are not 16 ASCII characters.
        """
        try:
            return AesCbc(key.encode("ascii"), iv.encode("ascii")) if iv else FtAesEcb(key.encode("ascii"))
        except UnicodeEncodeError as error:
            raise RemoteProtocolError(Reason.of(Code.AES_KEY_NOT_ASCII)) from error


def load_rsa_key(pem: bytes) -> RsaKey:
    """Read a private key as PEM, PKCS#1 or PKCS#8, without a password. Raises SettingsError with a way out."""
    if not pem.strip():
        raise SettingsError("rsa_key", Reason.of(Code.RSA_FILE_EMPTY), _MAKE_ONE)
    if b"PUBLIC KEY-----" in pem:
        raise SettingsError("rsa_key", Reason.of(Code.RSA_PUBLIC_KEY), _MAKE_ONE)
    try:
        key = serialization.load_pem_private_key(pem, None, unsafe_skip_rsa_key_validation=False)
    except TypeError as error:
        raise SettingsError("rsa_key", Reason.of(Code.RSA_PROTECTED), Reason.of(Code.REMOVE_RSA_PROTECTION)) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise SettingsError("rsa_key", Reason.of(Code.RSA_NOT_A_KEY), _MAKE_ONE) from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise SettingsError("rsa_key", Reason.of(Code.RSA_OTHER_KIND), _MAKE_ONE)
    if key.key_size < MIN_KEY_BITS:
        raise SettingsError("rsa_key", Reason.of(Code.RSA_TOO_SHORT, bits=key.key_size, wanted=MIN_KEY_BITS), _MAKE_ONE)
    return RsaKey(key)
