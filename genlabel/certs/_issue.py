"""Making certificates: authorities and signers as the C2PA profile wants them.

References
----------
C2PA Technical Specification 2.2, 14.5.1 (certificate profiles); RFC 5280, 4.2.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from genlabel.certs._algorithms import signature_hash

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes

# Clocks differ: a file signed at once must not come before its certificate elsewhere.
_BACKDATE = timedelta(hours=1)
# Older validators look for e-mail protection, validators of C2PA 2.x for claim signing.
_SIGNER_USES = ("1.3.6.1.5.5.7.3.4", "1.3.6.1.4.1.62558.2.1")


@dataclass(frozen=True, slots=True)
class Party:
    """Who appears in a certificate.

    Parameters
    ----------
    name : str
        The common name.
    key : private key
        The party's own key.
    """

    name: str
    key: CertificateIssuerPrivateKeyTypes


class Issuer:
    """Makes certificates of one organisation that share an algorithm and a beginning.

    Parameters
    ----------
    organisation : str
        Stands in every name.
    algorithm : str
        One of `genlabel.certs._algorithms.ALGORITHMS`, the same for every key.
    """

    def __init__(self, organisation: str, algorithm: str) -> None:
        self._organisation = organisation
        self._hash = signature_hash(algorithm)
        self._start = datetime.now(UTC).replace(microsecond=0) - _BACKDATE

    def authority(
        self, subject: Party, issuer: Party, *, days: int, path_length: int
    ) -> x509.Certificate:
        """Make a certificate that may sign others.

        Parameters
        ----------
        subject, issuer : Party
            Whom it is for, and who signs it; the same for a root.
        days : int
            How long it is valid.
        path_length : int
            How many authorities may stand below it.
        """
        from cryptography import x509

        return (
            self._begin(subject, issuer, days)
            .add_extension(x509.BasicConstraints(True, path_length), critical=True)
            .add_extension(_key_usage(authority=True), critical=True)
            .sign(issuer.key, self._hash)
        )

    def signer(self, subject: Party, issuer: Party, *, days: int) -> x509.Certificate:
        """Make a certificate that may sign claims and nothing else.

        Parameters
        ----------
        subject, issuer : Party
            Whom it is for, and who signs it.
        days : int
            How long it is valid.
        """
        from cryptography import x509

        uses = [x509.ObjectIdentifier(oid) for oid in _SIGNER_USES]
        return (
            self._begin(subject, issuer, days)
            .add_extension(x509.BasicConstraints(False, None), critical=True)
            .add_extension(_key_usage(authority=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
            .sign(issuer.key, self._hash)
        )

    def _begin(self, subject: Party, issuer: Party, days: int) -> x509.CertificateBuilder:
        from cryptography import x509

        own = x509.SubjectKeyIdentifier.from_public_key(subject.key.public_key())
        above = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
        return (
            x509.CertificateBuilder()
            .subject_name(self._name(subject))
            .issuer_name(self._name(issuer))
            .public_key(subject.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._start)
            .not_valid_after(self._start + _BACKDATE + timedelta(days=days))
            .add_extension(own, critical=False)
            .add_extension(above, critical=False)
        )

    def _name(self, party: Party) -> x509.Name:
        from cryptography import x509
        from cryptography.x509.oid import NameOID

        return x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, self._organisation),
                x509.NameAttribute(NameOID.COMMON_NAME, party.name),
            ]
        )


def _key_usage(*, authority: bool) -> x509.KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
