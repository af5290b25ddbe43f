"""The private key of a signer: reading it, and the rules it must keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genlabel.certs._algorithms import algorithm_of, describe
from genlabel.certs._finding import Finding, verdict

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes

_TO_PKCS8 = "openssl pkcs8 -topk8 -nocrypt -in KEY.pem -out PKCS8.pem; genlabel does it by itself"


def load_private_key(pem: bytes) -> PrivateKeyTypes:
    """Read an unencrypted PEM private key of any encoding: PKCS#8, SEC1, PKCS#1.

    Parameters
    ----------
    pem : bytes
        The key; other PEM blocks around it, such as EC parameters, are passed over.

    Raises
    ------
    ValueError
        It cannot be read, or is encrypted.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        return load_pem_private_key(_private_block(pem), password=None)
    except TypeError:
        raise ValueError("is encrypted with a passphrase") from None
    except UnsupportedAlgorithm as error:
        raise ValueError(f"cannot be read: {error}") from None
    except ValueError:
        raise ValueError("is not a PEM private key") from None


def _private_block(pem: bytes) -> bytes:
    # "openssl ecparam -genkey" puts an EC PARAMETERS block in front of the key.
    end = pem.find(b"PRIVATE KEY-----")
    start = pem.rfind(b"-----BEGIN ", 0, max(end, 0))
    return pem[start:] if start > 0 else pem


def to_pkcs8(pem: bytes) -> bytes:
    """Write a private key the one way that C2PA libraries read it: PKCS#8, PEM, unencrypted.

    Parameters
    ----------
    pem : bytes
        As in `load_private_key`.

    Raises
    ------
    ValueError
        As in `load_private_key`.
    """
    return private_pem(load_private_key(pem))


def private_pem(key: PrivateKeyTypes) -> bytes:
    """Write a private key as unencrypted PKCS#8 PEM.

    Parameters
    ----------
    key : private key
        Any private key of the ``cryptography`` package.
    """
    from cryptography.hazmat.primitives import serialization

    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def examine_key(pem: bytes, certified: PublicKeyTypes | None) -> tuple[Finding, ...]:
    """Hold a private key against the rules.

    Parameters
    ----------
    pem : bytes
        The key.
    certified : public key or None
        What the leaf certifies; None where the leaf cannot be read.
    """
    demand = "a PEM private key that can be read without a passphrase"
    try:
        key = load_private_key(pem)
    except ValueError as error:
        remedy = "give the unencrypted private key of the leaf: openssl pkey -in KEY.pem"
        return (verdict("key-readable", "key", demand, str(error), remedy),)
    findings = [
        verdict("key-readable", "key", demand, None, ""),
        verdict(
            "key-format",
            "key",
            "PKCS#8: -----BEGIN PRIVATE KEY-----",
            None if b"-----BEGIN PRIVATE KEY-----" in pem else "is in an older encoding",
            _TO_PKCS8,
        ),
    ]
    if certified is not None:
        findings.append(_match(key, certified))
    return tuple(findings)


def _match(key: PrivateKeyTypes, certified: PublicKeyTypes) -> Finding:
    found = None
    if key.public_key() != certified:
        found = f"is {describe(key)}, the leaf certifies {describe(certified)}"
        if algorithm_of(key) == algorithm_of(certified):
            found = "is another key than the one the leaf certifies"
    return verdict(
        "key-match",
        "key",
        "the private key belongs to the leaf's public key",
        found,
        "give the key the certificate was requested with; the leaf comes first in the chain",
    )
