"""Kinds of key that may sign a C2PA claim.

References
----------
C2PA Technical Specification 2.2, 13.2 (digital signatures): ES256, ES384, ES512, PS256, Ed25519.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import (
        CertificateIssuerPrivateKeyTypes,
        PrivateKeyTypes,
        PublicKeyTypes,
    )
    from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512

ALGORITHMS = ("es256", "es384", "es512", "ps256", "ed25519")
MIN_RSA_BITS = 2048
_CURVES = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}
_NEW_RSA_BITS = 3072


def algorithm_of(key: PublicKeyTypes | PrivateKeyTypes) -> str | None:
    """Name the algorithm a key signs claims with.

    Parameters
    ----------
    key : public or private key
        Any key of the ``cryptography`` package.

    Returns
    -------
    str or None
        One of `ALGORITHMS`; None where the key is of no kind, size or curve that may sign.
    """
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if isinstance(key, (ec.EllipticCurvePublicKey, ec.EllipticCurvePrivateKey)):
        return _CURVES.get(key.curve.name)
    if isinstance(key, (rsa.RSAPublicKey, rsa.RSAPrivateKey)):
        return "ps256" if key.key_size >= MIN_RSA_BITS else None
    if isinstance(key, (ed25519.Ed25519PublicKey, ed25519.Ed25519PrivateKey)):
        return "ed25519"
    return None


def describe(key: PublicKeyTypes | PrivateKeyTypes) -> str:
    """Say what kind of key it is, as a person would.

    Parameters
    ----------
    key : public or private key
        Any key of the ``cryptography`` package.
    """
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    if isinstance(key, (ec.EllipticCurvePublicKey, ec.EllipticCurvePrivateKey)):
        return f"an elliptic-curve key on {key.curve.name}"
    if isinstance(key, (rsa.RSAPublicKey, rsa.RSAPrivateKey)):
        return f"an RSA key of {key.key_size} bits"
    kind = type(key).__name__.removesuffix("PublicKey").removesuffix("PrivateKey")
    return f"a key of type {kind}"


def new_key(algorithm: str) -> CertificateIssuerPrivateKeyTypes:
    """Make a private key.

    Parameters
    ----------
    algorithm : str
        One of `ALGORITHMS`.

    Raises
    ------
    KeyError
        Another name.
    """
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if algorithm == "ps256":
        return rsa.generate_private_key(public_exponent=65537, key_size=_NEW_RSA_BITS)
    if algorithm == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    curves: dict[str, ec.EllipticCurve] = {
        "es256": ec.SECP256R1(),
        "es384": ec.SECP384R1(),
        "es512": ec.SECP521R1(),
    }
    return ec.generate_private_key(curves[algorithm])


def signature_hash(algorithm: str) -> SHA256 | SHA384 | SHA512 | None:
    """Give the hash that certificates are signed with; None where the algorithm brings its own.

    Parameters
    ----------
    algorithm : str
        One of `ALGORITHMS`.
    """
    from cryptography.hazmat.primitives import hashes

    if algorithm == "ed25519":
        return None
    if algorithm == "es384":
        return hashes.SHA384()
    return hashes.SHA512() if algorithm == "es512" else hashes.SHA256()
