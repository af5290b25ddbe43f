"""What a certificate must be like: the C2PA certificate profile, rule by rule.

References
----------
C2PA Technical Specification 2.2, 14.5.1 (certificate profiles); RFC 5280, 4.1 and 4.2.1.
"""

from __future__ import annotations

from genlabel.certs import _breaches as breaches
from genlabel.certs._algorithms import MIN_RSA_BITS
from genlabel.certs._breaches import SIGNER_USES
from genlabel.certs._finding import Rule

_REISSUE = "have it issued again"

EVERY_CERTIFICATE = (
    Rule(
        "version", "X.509 version 3", f"{_REISSUE} as version 3, with extensions", breaches.version
    ),
    Rule(
        "validity",
        "valid today",
        "renew it; certs init makes a signer for a year",
        breaches.validity,
    ),
    Rule(
        "signature-algorithm",
        "signed with ECDSA, RSA or RSASSA-PSS over SHA-256, 384 or 512, or with Ed25519",
        f"{_REISSUE} with one of these: openssl x509 -req -sha256",
        breaches.signature,
    ),
    Rule(
        "key-type",
        f"a key on P-256, P-384 or P-521, Ed25519, or RSA of {MIN_RSA_BITS} bits and more",
        f"{_REISSUE} for another key: openssl genpkey -algorithm EC -pkeyopt "
        "ec_paramgen_curve:P-256",
        breaches.key_type,
    ),
    Rule(
        "unique-identifiers",
        "no issuerUniqueID and no subjectUniqueID",
        f"{_REISSUE} without them",
        breaches.unique_identifiers,
    ),
    Rule(
        "critical-extensions",
        "no critical extension that validators do not know",
        f"{_REISSUE} without it, or with it marked non-critical",
        breaches.critical,
    ),
)

LEAF = (
    Rule(
        "not-ca",
        "CA:FALSE, or no basic constraints",
        "sign with a certificate made for signing, not with an authority's; the signer's "
        "certificate comes first in the file",
        breaches.not_authority,
    ),
    Rule(
        "not-self-signed",
        "issued by another party: issuer and subject differ",
        "have it issued by an authority; certs init makes one",
        breaches.not_self_signed,
    ),
    Rule(
        "key-usage",
        "key usage with digitalSignature and without keyCertSign",
        f"{_REISSUE} with keyUsage = critical, digitalSignature",
        breaches.signer_key_usage,
    ),
    Rule(
        "extended-key-usage",
        f"extended key usage with one of {', '.join(SIGNER_USES.values())}",
        f"{_REISSUE} with extendedKeyUsage = emailProtection",
        breaches.extended_key_usage,
    ),
    Rule(
        "no-any-eku",
        "no anyExtendedKeyUsage",
        f"{_REISSUE} with extendedKeyUsage = emailProtection",
        breaches.no_any_use,
    ),
    Rule(
        "no-mixed-eku",
        "timeStamping and OCSPSigning only alone",
        f"{_REISSUE} with extendedKeyUsage = emailProtection",
        breaches.no_mixed_uses,
    ),
    Rule(
        "authority-key-identifier",
        "an authority key identifier",
        f"{_REISSUE} with authorityKeyIdentifier = keyid",
        breaches.authority_key,
    ),
)

AUTHORITY = (
    Rule(
        "ca", "CA:TRUE", f"{_REISSUE} with basicConstraints = critical, CA:TRUE", breaches.authority
    ),
    Rule(
        "ca-key-usage",
        "key usage with keyCertSign",
        f"{_REISSUE} with keyUsage = critical, keyCertSign, cRLSign",
        breaches.authority_key_usage,
    ),
    Rule(
        "subject-key-identifier",
        "a subject key identifier",
        f"{_REISSUE} with subjectKeyIdentifier = hash",
        breaches.subject_key,
    ),
)
