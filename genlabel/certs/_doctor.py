"""Which rule a certificate chain breaks.

References
----------
C2PA Technical Specification 2.2, 14.5.1 (certificate profiles); RFC 5280, 4.1, 4.2.1 and 6.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from genlabel.certs._breaches import extension
from genlabel.certs._finding import Finding, unreadable, verdict
from genlabel.certs._key import examine_key
from genlabel.certs._rules import AUTHORITY, EVERY_CERTIFICATE, LEAF

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
    from cryptography.x509 import Certificate

_MAX_PEM_BYTES = 1 << 20
_MAX_CERTIFICATES = 16


def doctor(
    chain: bytes, key: bytes | None = None, *, trust: bytes | None = None
) -> tuple[Finding, ...]:
    """Hold a signer's certificates, and its key, against every rule C2PA has for them.

    Parameters
    ----------
    chain : bytes
        PEM certificates, leaf first, then the intermediates.
    key : bytes or None
        The leaf's private key, PEM; None leaves out the rules about it.
    trust : bytes or None
        PEM root certificates the chain should lead to; None leaves that rule out.

    Returns
    -------
    tuple of Finding
        One for every rule that could be checked, in order; a chain that cannot be read at all
        gives a single broken one. Nothing is raised, whatever the bytes.

    References
    ----------
    C2PA Technical Specification 2.2, 14.5.1 (certificate profiles).
    """
    certificates, finding = read_certificates(chain, "chain")
    if not certificates:
        return (finding, *(() if key is None else examine_key(key, None)))
    findings = [finding]
    leaf = certificates[0]
    for position, certificate in enumerate(certificates):
        subject = "leaf" if position == 0 else f"certificate {position + 1}"
        rules = EVERY_CERTIFICATE + (AUTHORITY if position else LEAF)
        findings += [rule.examine(certificate, subject) for rule in rules]
    findings += _links(certificates)
    if key is not None:
        findings += examine_key(key, _public_key(leaf))
    if trust is not None:
        findings.append(_anchored(certificates, trust))
    return tuple(findings)


def read_certificates(
    pem: bytes, subject: str, *, limit: int = _MAX_CERTIFICATES
) -> tuple[tuple[Certificate, ...], Finding]:
    """Read PEM certificates, within limits.

    Parameters
    ----------
    pem : bytes
        Any bytes.
    subject : str
        As in `Finding`.
    limit : int
        How many certificates are taken.

    Returns
    -------
    tuple
        The certificates, empty where they cannot be read, and the finding on that.
    """
    from cryptography.x509 import InvalidVersion, load_pem_x509_certificates

    demand = f"1 to {limit} PEM certificates"
    fix = "give PEM text: -----BEGIN CERTIFICATE-----; DER becomes it by openssl x509 -inform DER"
    certificates: tuple[Certificate, ...] = ()
    found, rule = None, "pem"
    try:
        if len(pem) > _MAX_PEM_BYTES:
            raise ValueError(f"is larger than {_MAX_PEM_BYTES} bytes")
        certificates = tuple(load_pem_x509_certificates(pem))
        if len(certificates) > limit:
            found, certificates = f"holds {len(certificates)} certificates", ()
    except InvalidVersion as error:
        rule, demand, fix = "version", "X.509 version 3", "have it issued again as version 3"
        found = str(error)
    except unreadable() as error:
        found = f"cannot be read: {error}"
    return certificates, verdict(rule, subject, demand, found, fix)


def _public_key(certificate: Certificate) -> PublicKeyTypes | None:
    try:
        return certificate.public_key()
    except unreadable():
        return None


def _links(certificates: tuple[Certificate, ...]) -> list[Finding]:
    order = verdict(
        "chain-order",
        "chain",
        "the leaf first, then its issuer, then that one's issuer",
        _order(certificates),
        "put them in that order: cat leaf.pem intermediate.pem > chain.pem",
    )
    if not order.ok:
        return [order]
    broken = None
    for number, (lower, upper) in enumerate(zip(certificates, certificates[1:], strict=False), 1):
        if not _issued_by(lower, upper):
            broken = f"certificate {number} was not signed with the key of certificate {number + 1}"
            break
    link = verdict(
        "chain-links",
        "chain",
        "each certificate is signed with the key of the next",
        broken,
        "give the intermediate that issued the leaf, not another one of the same name",
    )
    return [order, link, _path_length(certificates)]


def _order(certificates: tuple[Certificate, ...]) -> str | None:
    try:
        for number, (lower, upper) in enumerate(
            zip(certificates, certificates[1:], strict=False), 1
        ):
            if lower.issuer != upper.subject:
                return (
                    f"certificate {number} was issued by {lower.issuer.rfc4514_string()}, "
                    f"certificate {number + 1} is {upper.subject.rfc4514_string()}"
                )
    except unreadable() as error:
        return f"a name cannot be read: {error}"
    return None


def _path_length(certificates: tuple[Certificate, ...]) -> Finding:
    from cryptography.x509 import BasicConstraints

    found = None
    for position, certificate in enumerate(certificates[1:]):
        try:
            constraints = extension(certificate, BasicConstraints)
        except unreadable():
            continue
        if constraints is not None and constraints.path_length is not None:
            allowed = constraints.path_length
            if position > allowed:
                found = (
                    f"certificate {position + 2} allows {allowed} authorities below it "
                    f"and has {position}"
                )
    return verdict(
        "path-length",
        "chain",
        "no more authorities below one than its path length allows",
        found,
        "have the upper authority issued again with a greater path length",
    )


def _issued_by(lower: Certificate, upper: Certificate) -> bool:
    from cryptography.exceptions import InvalidSignature

    refusals: tuple[type[Exception], ...] = (*unreadable(), InvalidSignature)
    try:
        lower.verify_directly_issued_by(upper)
    except refusals:
        return False
    return True


def _anchored(certificates: tuple[Certificate, ...], trust: bytes) -> Finding:
    anchors, unreadable = read_certificates(trust, "trust")
    if not anchors:
        return unreadable
    top = certificates[-1]
    known = any(top == anchor or _issued_by(top, anchor) for anchor in anchors)
    return verdict(
        "anchored",
        "trust",
        "the last certificate of the chain is one of the trusted roots, or issued by one",
        None if known else "no trusted root issued the last certificate of the chain",
        "add the missing intermediates to the chain, or the right root to the trusted ones",
    )
