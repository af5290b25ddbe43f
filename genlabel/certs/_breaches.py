"""What in a certificate breaks a rule: a phrase that follows "the certificate", or None.

References
----------
C2PA Technical Specification 2.2, 14.5.1 (certificate profiles); RFC 5280, 4.1 and 4.2.1.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from genlabel._der import has_unique_identifiers
from genlabel.certs._algorithms import algorithm_of, describe

if TYPE_CHECKING:
    from cryptography.x509 import Certificate, ExtensionType

    Kind = TypeVar("Kind", bound=ExtensionType)

#: Extended key usages a claim signer may have: e-mail protection, document signing, C2PA claims.
SIGNER_USES = {
    "1.3.6.1.5.5.7.3.4": "emailProtection",
    "1.3.6.1.5.5.7.3.36": "documentSigning",
    "1.3.6.1.4.1.62558.2.1": "C2PA claim signing",
}
_ANY_USE = "2.5.29.37.0"
_TIME_STAMPING = "1.3.6.1.5.5.7.3.8"
_OCSP_SIGNING = "1.3.6.1.5.5.7.3.9"

_RSASSA_PSS = "1.2.840.113549.1.1.10"
_SIGNATURES = {
    "1.2.840.113549.1.1.11",  # sha256WithRSAEncryption
    "1.2.840.113549.1.1.12",  # sha384WithRSAEncryption
    "1.2.840.113549.1.1.13",  # sha512WithRSAEncryption
    "1.2.840.10045.4.3.2",  # ecdsa-with-SHA256
    "1.2.840.10045.4.3.3",  # ecdsa-with-SHA384
    "1.2.840.10045.4.3.4",  # ecdsa-with-SHA512
    _RSASSA_PSS,
    "1.3.101.112",  # Ed25519
}
_PSS_HASHES = ("sha256", "sha384", "sha512")

# What a validator is known to process, so that it may be marked critical.
_KNOWN_EXTENSIONS = {
    "2.5.29.14",  # subject key identifier
    "2.5.29.15",  # key usage
    "2.5.29.17",  # subject alternative name
    "2.5.29.19",  # basic constraints
    "2.5.29.20",  # CRL number
    "2.5.29.21",  # reason code
    "2.5.29.24",  # invalidity date
    "2.5.29.30",  # name constraints
    "2.5.29.31",  # CRL distribution points
    "2.5.29.32",  # certificate policies
    "2.5.29.33",  # policy mappings
    "2.5.29.35",  # authority key identifier
    "2.5.29.36",  # policy constraints
    "2.5.29.37",  # extended key usage
    "2.5.29.54",  # inhibit any policy
    "1.3.6.1.5.5.7.1.1",  # authority information access
}


def extension(certificate: Certificate, kind: type[Kind]) -> Kind | None:
    """Give an extension's value, or None where the certificate has none of the kind.

    Parameters
    ----------
    certificate : cryptography.x509.Certificate
        The certificate.
    kind : type
        The extension's class in ``cryptography.x509``.
    """
    from cryptography.x509 import ExtensionNotFound

    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except ExtensionNotFound:
        return None


def version(certificate: Certificate) -> str | None:
    """Look for another version than 3."""
    from cryptography.x509 import Version

    return None if certificate.version is Version.v3 else f"is {certificate.version.name}"


def validity(certificate: Certificate) -> str | None:
    """Look for a time of validity that now is outside of."""
    now = datetime.now(UTC)
    if now < certificate.not_valid_before_utc:
        return f"is not valid before {certificate.not_valid_before_utc:%Y-%m-%d %H:%M} UTC"
    if now > certificate.not_valid_after_utc:
        return f"expired on {certificate.not_valid_after_utc:%Y-%m-%d %H:%M} UTC"
    return None


def signature(certificate: Certificate) -> str | None:
    """Look for an algorithm that a certificate may not be signed with."""
    oid = certificate.signature_algorithm_oid
    if oid.dotted_string not in _SIGNATURES:
        return f"is signed with {oid._name} ({oid.dotted_string})"
    if oid.dotted_string == _RSASSA_PSS:
        algorithm = certificate.signature_hash_algorithm
        if algorithm is None or algorithm.name not in _PSS_HASHES:
            return "is signed with RSASSA-PSS over another hash than SHA-256, 384 or 512"
    return None


def key_type(certificate: Certificate) -> str | None:
    """Look for a public key of a kind or size that claims may not be signed with."""
    key = certificate.public_key()
    return None if algorithm_of(key) is not None else f"certifies {describe(key)}"


def unique_identifiers(certificate: Certificate) -> str | None:
    """Look for the unique identifiers of issuer and subject, which must be absent."""
    if has_unique_identifiers(certificate.tbs_certificate_bytes):
        return "has an issuerUniqueID or subjectUniqueID"
    return None


def critical(certificate: Certificate) -> str | None:
    """Look for a critical extension that validators may not know, and must then refuse."""
    for item in certificate.extensions:
        if item.critical and item.oid.dotted_string not in _KNOWN_EXTENSIONS:
            return f"has the critical extension {item.oid.dotted_string}"
    return None


def not_authority(certificate: Certificate) -> str | None:
    """Look for an authority's basic constraints in a signer's certificate."""
    from cryptography.x509 import BasicConstraints

    constraints = extension(certificate, BasicConstraints)
    return "says CA:TRUE" if constraints is not None and constraints.ca else None


def not_self_signed(certificate: Certificate) -> str | None:
    """Look for a signer's certificate whose issuer is its own subject."""
    if certificate.issuer == certificate.subject:
        return f"issuer and subject are both {certificate.subject.rfc4514_string()}"
    return None


def signer_key_usage(certificate: Certificate) -> str | None:
    """Look for key usages without signatures, or with those of an authority."""
    from cryptography.x509 import KeyUsage

    usage = extension(certificate, KeyUsage)
    if usage is None:
        return "has no key usage"
    if not usage.digital_signature:
        return "has no digitalSignature in its key usage"
    return "has keyCertSign in its key usage" if usage.key_cert_sign else None


def _uses(certificate: Certificate) -> set[str] | None:
    from cryptography.x509 import ExtendedKeyUsage

    usage = extension(certificate, ExtendedKeyUsage)
    return None if usage is None else {oid.dotted_string for oid in usage}


def extended_key_usage(certificate: Certificate) -> str | None:
    """Look for extended key usages none of which lets a key sign claims."""
    uses = _uses(certificate)
    if uses is None:
        return "has no extended key usage"
    if uses.isdisjoint(SIGNER_USES) and _ANY_USE not in uses:
        return f"is for {', '.join(sorted(uses))} only"
    return None


def no_any_use(certificate: Certificate) -> str | None:
    """Look for the usage that stands for all, which a signer may not have."""
    uses = _uses(certificate)
    return "has anyExtendedKeyUsage" if uses is not None and _ANY_USE in uses else None


def no_mixed_uses(certificate: Certificate) -> str | None:
    """Look for time stamps or OCSP among other extended key usages."""
    uses = _uses(certificate) or set()
    special = uses & {_TIME_STAMPING, _OCSP_SIGNING}
    if special and len(uses) > 1:
        return "mixes timeStamping or OCSPSigning with other uses"
    return None


def authority_key(certificate: Certificate) -> str | None:
    """Look for the want of an authority key identifier."""
    from cryptography.x509 import AuthorityKeyIdentifier

    if extension(certificate, AuthorityKeyIdentifier) is None:
        return "has no authority key identifier"
    return None


def authority(certificate: Certificate) -> str | None:
    """Look for an authority without CA:TRUE in its basic constraints."""
    from cryptography.x509 import BasicConstraints

    constraints = extension(certificate, BasicConstraints)
    return None if constraints is not None and constraints.ca else "does not say CA:TRUE"


def authority_key_usage(certificate: Certificate) -> str | None:
    """Look for an authority whose key may not sign certificates."""
    from cryptography.x509 import KeyUsage

    usage = extension(certificate, KeyUsage)
    if usage is None:
        return "has no key usage"
    return None if usage.key_cert_sign else "has no keyCertSign in its key usage"


def subject_key(certificate: Certificate) -> str | None:
    """Look for the want of a subject key identifier."""
    from cryptography.x509 import SubjectKeyIdentifier

    if extension(certificate, SubjectKeyIdentifier) is None:
        return "has no subject key identifier"
    return None
