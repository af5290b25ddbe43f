"""SM2 keys in PEM files, and signatures with them.

References
----------
GB/T 32918.2 (signatures); GM/T 0009, 6.3 (public key: an uncompressed point), 6.4 (signature: a
SEQUENCE of r and s) and 9 (the signer's identity where none is agreed on); RFC 5208 and RFC 5915
(private keys), RFC 5280 (certificates).
"""

from __future__ import annotations

import binascii
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from genlabel import _der
from genlabel._errors import SecretError, UnsupportedError

#: Who signs, where nobody has agreed on another name.
IDENTITY = b"1234567812345678"
_SECRET_BYTES, _POINT_BYTES, _SIGNATURE_BYTES = 32, 65, 64
# As many as anybody pins; each costs a signature check.
MAX_PUBLIC_KEYS = 64
_MAX_PEM_BYTES = 1 << 20
_PEM = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----\s([^-]{1,65536})-----END \1-----")
_CURVE = bytes.fromhex("2a811ccf5501822d")
_SEQUENCE, _INTEGER, _BITS, _OCTETS, _OBJECT = 0x30, 0x02, 0x03, 0x04, 0x06


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key.

    Parameters
    ----------
    point : bytes
        Uncompressed: 04, then x and y of 32 bytes each.

    Raises
    ------
    SecretError
        It is no point of the curve.
    UnsupportedError
        The extra is not installed.
    """

    point: bytes

    def __post_init__(self) -> None:
        library = _library()
        form = len(self.point) == _POINT_BYTES and self.point[0] == 4
        try:
            sound = form and library.SM2(pk=self.point).verify_pk(self.point)
        except _refusals():
            sound = False
        if not sound:
            raise SecretError("is no SM2 public key: no point of its curve")

    @classmethod
    def from_x(cls, x: bytes) -> tuple[PublicKey, ...]:
        """Give the keys of which only the first coordinate is known.

        Parameters
        ----------
        x : bytes
            32 bytes.
        """
        found = []
        for parity in (2, 3):
            try:
                found.append(cls.from_bytes(bytes([parity]) + x))
            except SecretError:
                continue
        return tuple(found)

    @classmethod
    def from_bytes(cls, point: bytes) -> PublicKey:
        """Take a point, compressed or not.

        Parameters
        ----------
        point : bytes
            33 or 65 bytes.

        Raises
        ------
        SecretError
            It is no point of the curve.
        """
        if len(point) == _SECRET_BYTES + 1 and point[0] in (2, 3):
            point = _uncompressed(point)
        return cls(point)

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Tell whether a signature of this key fits a message.

        Parameters
        ----------
        message : bytes
            What was signed.
        signature : bytes
            In DER, or r and s of 32 bytes each.
        """
        pair = _pair(signature)
        if pair is None:
            return False
        try:
            verifier = _library().SM2(uid=IDENTITY, pk=self.point)
            return bool(verifier.verify(message, *pair))
        except _refusals():
            return False


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key.

    Parameters
    ----------
    secret : bytes
        32 bytes. Never shown by ``repr``.
    """

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not isinstance(self.secret, bytes) or len(self.secret) != _SECRET_BYTES:
            raise SecretError(f"an SM2 private key is {_SECRET_BYTES} bytes")

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> SigningKey:
        """Read a private key from a PEM file, PKCS #8 or SEC 1, not encrypted.

        Raises
        ------
        SecretError
            The file cannot be read or holds no such key.
        """
        for kind, content in _pem(_read(path)):
            if kind == b"ENCRYPTED PRIVATE KEY":
                raise SecretError("is encrypted; genlabel reads keys that are not", path=path)
            if kind in (b"PRIVATE KEY", b"EC PRIVATE KEY", b"SM2 PRIVATE KEY"):
                secret = _secret(content, wrapped=kind == b"PRIVATE KEY")
                if secret is not None:
                    return cls(secret)
        raise SecretError("holds no SM2 private key in PEM", path=path)

    @property
    def public(self) -> PublicKey:
        """The public key."""
        return PublicKey(bytes(_library().SM2(sk=self.secret).generate_pk(self.secret)))

    def sign(self, message: bytes) -> bytes:
        """Sign a message.

        Parameters
        ----------
        message : bytes
            Any; SM3 is taken of it.

        Returns
        -------
        bytes
            In DER.

        Raises
        ------
        UnsupportedError
            The extra is not installed.
        """
        signer = _library().SM2(sk=self.secret, uid=IDENTITY, pk=self.public.point)
        r, s = signer.sign(message)
        content = b"".join(_der.number(int.from_bytes(part, "big")) for part in (r, s))
        return bytes([_SEQUENCE, len(content)]) + content


def load_public_keys(source: str | os.PathLike[str] | bytes) -> tuple[PublicKey, ...]:
    """Read public keys to pin.

    Parameters
    ----------
    source : path-like or bytes
        PEM, or its file: public keys, or certificates, of which only the key counts.

    Returns
    -------
    tuple of PublicKey
        One or more, in order.

    Raises
    ------
    SecretError
        It cannot be read, holds none, or more than `MAX_PUBLIC_KEYS`.
    """
    path = None if isinstance(source, bytes) else source
    data = source if isinstance(source, bytes) else _read(source)
    points = [point for kind, content in _pem(data) if (point := _point(kind, content)) is not None]
    if not 0 < len(points) <= MAX_PUBLIC_KEYS:
        count = f"more than {MAX_PUBLIC_KEYS} keys" if points else "no SM2 public keys"
        raise SecretError(f"holds {count} in PEM", path=path)
    try:
        return tuple(map(PublicKey.from_bytes, points))
    except SecretError as error:
        error.path = None if path is None else os.fspath(path)
        raise


def available() -> bool:
    """Tell whether the extra is installed."""
    try:
        _library()
    except UnsupportedError:
        return False
    return True


def _library() -> Any:
    try:
        import gmalg
    except ImportError:
        raise UnsupportedError("SM2 needs gmalg: pip install 'genlabel[sm2]'") from None
    return gmalg


def _refusals() -> tuple[type[Exception], ...]:
    """Give what the library raises for numbers that no key and no signature has."""
    return (_library().errors.GMError, ValueError, TypeError, ArithmeticError, LookupError)


def _read(path: str | os.PathLike[str]) -> bytes:
    try:
        with open(path, "rb") as stream:
            data = stream.read(_MAX_PEM_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SecretError(f"cannot be read: {reason}", path=path) from error
    if len(data) > _MAX_PEM_BYTES:
        raise SecretError(f"is larger than {_MAX_PEM_BYTES >> 20} MiB", path=path)
    return data


def _pem(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    for match in _PEM.finditer(data):
        try:
            yield match[1], binascii.a2b_base64(match[2])
        except binascii.Error:
            continue


def _secret(content: bytes, *, wrapped: bool) -> bytes | None:
    """Give the number in a private key, if it is one of SM2's curve."""
    if _CURVE not in content:
        return None
    try:
        inside = list(_der.elements(next(_der.elements(content))[1]))
        if wrapped:
            octets = next(value for tag, value in inside if tag == _OCTETS)
            inside = list(_der.elements(next(_der.elements(octets))[1]))
        secret = next(value for tag, value in inside if tag == _OCTETS)
    except (ValueError, StopIteration):
        return None
    return secret if len(secret) == _SECRET_BYTES else None


def _point(kind: bytes, content: bytes) -> bytes | None:
    """Give the point in a public key or a certificate, if it is one of SM2's curve."""
    try:
        top = next(_der.elements(content))[1]
        if kind == b"CERTIFICATE":
            fields = _der.elements(next(_der.elements(top))[1])
            # Version, number, algorithm, issuer, validity and subject come first.
            top = [value for tag, value in fields if tag == _SEQUENCE][4]
        elif kind != b"PUBLIC KEY":
            return None
        algorithm, key = list(_der.elements(top))[:2]
    except (ValueError, StopIteration, IndexError):
        return None
    return key[1][1:] if _CURVE in algorithm[1] and key[0] == _BITS else None


def _uncompressed(point: bytes) -> bytes:
    from gmalg.sm2 import bytes_to_point, point_to_bytes

    try:
        return bytes(point_to_bytes(bytes_to_point(point), _library().PC_MODE.RAW))
    except _refusals():
        raise SecretError("is no SM2 public key: no point of its curve") from None


def _pair(signature: bytes) -> tuple[bytes, bytes] | None:
    """Take a signature apart."""
    if len(signature) == _SIGNATURE_BYTES:
        return signature[:32], signature[32:]
    try:
        parts = list(_der.elements(next(_der.elements(signature))[1]))
    except (ValueError, StopIteration):
        return None
    numbers = [int.from_bytes(value, "big") for tag, value in parts if tag == _INTEGER]
    if len(parts) != 2 or len(numbers) != 2 or max(numbers).bit_length() > 256:
        return None
    return numbers[0].to_bytes(32, "big"), numbers[1].to_bytes(32, "big")
