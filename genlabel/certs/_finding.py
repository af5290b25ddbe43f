"""One rule of the certificate profile, and whether it is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cryptography.x509 import Certificate


@dataclass(frozen=True, slots=True)
class Finding:
    """What `doctor` says about one rule.

    Parameters
    ----------
    rule : str
        The rule's name, stable: ``"key-usage"``, ``"chain-order"``.
    subject : str
        What was looked at: ``"leaf"``, ``"certificate 2"``, ``"chain"``, ``"key"``, ``"trust"``.
    ok : bool
        Whether the rule is kept.
    demand : str
        What the rule asks.
    found : str
        What breaks it; empty where it is kept.
    fix : str
        What to do about it; empty where it is kept.
    """

    rule: str
    subject: str
    ok: bool
    demand: str
    found: str = ""
    fix: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Give the finding as plain JSON types."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule about one certificate.

    Parameters
    ----------
    name, demand, fix : str
        As in `Finding`.
    breach : callable
        Takes the certificate; gives what breaks the rule, or None.
    """

    name: str
    demand: str
    fix: str
    breach: Callable[[Certificate], str | None]

    def examine(self, certificate: Certificate, subject: str) -> Finding:
        """Hold a certificate against the rule.

        Parameters
        ----------
        certificate : cryptography.x509.Certificate
            The certificate.
        subject : str
            As in `Finding`.
        """
        try:
            found = self.breach(certificate)
        except unreadable() as error:
            # The library reads a certificate's parts only when asked for them.
            found = f"cannot be read: {error}"
        return verdict(self.name, subject, self.demand, found, self.fix)


def verdict(rule: str, subject: str, demand: str, found: str | None, fix: str) -> Finding:
    """Make a finding; `found` None means that the rule is kept.

    Parameters
    ----------
    rule, subject, demand, fix : str
        As in `Finding`.
    found : str or None
        What breaks the rule.
    """
    if found is None:
        return Finding(rule, subject, True, demand)
    return Finding(rule, subject, False, demand, found, fix)


def unreadable() -> tuple[type[Exception], ...]:
    """Give the errors by which the cryptography package says that a part cannot be read."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.x509 import DuplicateExtension, UnsupportedGeneralNameType

    # TypeError: a name whose parts are of kinds that do not go together.
    return (
        ValueError,
        TypeError,
        UnsupportedAlgorithm,
        DuplicateExtension,
        UnsupportedGeneralNameType,
    )
