"""What one certificate must be like: the C2PA certificate profile, rule by rule.

References
----------
C2PA Technical Specification 2.2, 14.5.1 (certificate profiles); RFC 5280, 4.1 and 4.2.1.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from genlabel.certs._algorithms import MIN_RSA_BITS, algorithm_of, describe
from genlabel.certs._der import has_unique_identifiers
from genlabel.certs._finding import Rule

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


def _version(certificate: Certificate) -> str | None:
    from cryptography.x509 import Version

    return None if certificate.version is Version.v3 else f"is {certificate.version.name}"


def _validity(certificate: Certificate) -> str | None:
    now = datetime.now(UTC)
    if now < certificate.not_valid_before_utc:
        return f"is not valid before {certificate.not_valid_before_utc:%Y-%m-%d %H:%M} UTC"
    if now > certificate.not_valid_after_utc:
        return f"expired on {certificate.not_valid_after_utc:%Y-%m-%d %H:%M} UTC"
    return None


def _signature(certificate: Certificate) -> str | None:
    oid = certificate.signature_algorithm_oid
    if oid.dotted_string not in _SIGNATURES:
        return f"is signed with {oid._name} ({oid.dotted_string})"
    if oid.dotted_string == _RSASSA_PSS:
        algorithm = certificate.signature_hash_algorithm
        if algorithm is None or algorithm.name not in _PSS_HASHES:
            return "is signed with RSASSA-PSS over another hash than SHA-256, 384 or 512"
    return None


def _key_type(certificate: Certificate) -> str | None:
    key = certificate.public_key()
    return None if algorithm_of(key) is not None else f"certifies {describe(key)}"


def _unique_identifiers(certificate: Certificate) -> str | None:
    if has_unique_identifiers(certificate.tbs_certificate_bytes):
        return "has an issuerUniqueID or subjectUniqueID"
    return None


def _critical(certificate: Certificate) -> str | None:
    for item in certificate.extensions:
        if item.critical and item.oid.dotted_string not in _KNOWN_EXTENSIONS:
            return f"has the critical extension {item.oid.dotted_string}"
    return None


def _not_authority(certificate: Certificate) -> str | None:
    from cryptography.x509 import BasicConstraints

    constraints = extension(certificate, BasicConstraints)
    return "says CA:TRUE" if constraints is not None and constraints.ca else None


def _not_self_signed(certificate: Certificate) -> str | None:
    if certificate.issuer == certificate.subject:
        return f"issuer and subject are both {certificate.subject.rfc4514_string()}"
    return None


def _signer_key_usage(certificate: Certificate) -> str | None:
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


def _extended_key_usage(certificate: Certificate) -> str | None:
    uses = _uses(certificate)
    if uses is None:
        return "has no extended key usage"
    if uses.isdisjoint(SIGNER_USES) and _ANY_USE not in uses:
        return f"is for {', '.join(sorted(uses))} only"
    return None


def _no_any_use(certificate: Certificate) -> str | None:
    uses = _uses(certificate)
    return "has anyExtendedKeyUsage" if uses is not None and _ANY_USE in uses else None


def _no_mixed_uses(certificate: Certificate) -> str | None:
    uses = _uses(certificate) or set()
    special = uses & {_TIME_STAMPING, _OCSP_SIGNING}
    if special and len(uses) > 1:
        return "mixes timeStamping or OCSPSigning with other uses"
    return None


def _authority_key(certificate: Certificate) -> str | None:
    from cryptography.x509 import AuthorityKeyIdentifier

    if extension(certificate, AuthorityKeyIdentifier) is None:
        return "has no authority key identifier"
    return None


def _authority(certificate: Certificate) -> str | None:
    from cryptography.x509 import BasicConstraints

    constraints = extension(certificate, BasicConstraints)
    return None if constraints is not None and constraints.ca else "does not say CA:TRUE"


def _authority_key_usage(certificate: Certificate) -> str | None:
    from cryptography.x509 import KeyUsage

    usage = extension(certificate, KeyUsage)
    if usage is None:
        return "has no key usage"
    return None if usage.key_cert_sign else "has no keyCertSign in its key usage"


def _subject_key(certificate: Certificate) -> str | None:
    from cryptography.x509 import SubjectKeyIdentifier

    if extension(certificate, SubjectKeyIdentifier) is None:
        return "has no subject key identifier"
    return None


_REISSUE = "have it issued again"

EVERY_CERTIFICATE = (
    Rule("version", "X.509 version 3", f"{_REISSUE} as version 3, with extensions", _version),
    Rule(
        "validity",
        "valid today",
        "renew it; certs init makes a signer for a year",
        _validity,
    ),
    Rule(
        "signature-algorithm",
        "signed with ECDSA, RSA or RSASSA-PSS over SHA-256, 384 or 512, or with Ed25519",
        f"{_REISSUE} with one of these: openssl x509 -req -sha256",
        _signature,
    ),
    Rule(
        "key-type",
        f"a key on P-256, P-384 or P-521, Ed25519, or RSA of {MIN_RSA_BITS} bits and more",
        f"{_REISSUE} for another key: openssl genpkey -algorithm EC -pkeyopt "
        "ec_paramgen_curve:P-256",
        _key_type,
    ),
    Rule(
        "unique-identifiers",
        "no issuerUniqueID and no subjectUniqueID",
        f"{_REISSUE} without them",
        _unique_identifiers,
    ),
    Rule(
        "critical-extensions",
        "no critical extension that validators do not know",
        f"{_REISSUE} without it, or with it marked non-critical",
        _critical,
    ),
)

LEAF = (
    Rule(
        "not-ca",
        "CA:FALSE, or no basic constraints",
        "sign with a certificate made for signing, not with an authority's; the signer's "
        "certificate comes first in the file",
        _not_authority,
    ),
    Rule(
        "not-self-signed",
        "issued by another party: issuer and subject differ",
        "have it issued by an authority; certs init makes one",
        _not_self_signed,
    ),
    Rule(
        "key-usage",
        "key usage with digitalSignature and without keyCertSign",
        f"{_REISSUE} with keyUsage = critical, digitalSignature",
        _signer_key_usage,
    ),
    Rule(
        "extended-key-usage",
        f"extended key usage with one of {', '.join(SIGNER_USES.values())}",
        f"{_REISSUE} with extendedKeyUsage = emailProtection",
        _extended_key_usage,
    ),
    Rule(
        "no-any-eku",
        "no anyExtendedKeyUsage",
        f"{_REISSUE} with extendedKeyUsage = emailProtection",
        _no_any_use,
    ),
    Rule(
        "no-mixed-eku",
        "timeStamping and OCSPSigning only alone",
        f"{_REISSUE} with extendedKeyUsage = emailProtection",
        _no_mixed_uses,
    ),
    Rule(
        "authority-key-identifier",
        "an authority key identifier",
        f"{_REISSUE} with authorityKeyIdentifier = keyid",
        _authority_key,
    ),
)

AUTHORITY = (
    Rule("ca", "CA:TRUE", f"{_REISSUE} with basicConstraints = critical, CA:TRUE", _authority),
    Rule(
        "ca-key-usage",
        "key usage with keyCertSign",
        f"{_REISSUE} with keyUsage = critical, keyCertSign, cRLSign",
        _authority_key_usage,
    ),
    Rule(
        "subject-key-identifier",
        "a subject key identifier",
        f"{_REISSUE} with subjectKeyIdentifier = hash",
        _subject_key,
    ),
)
