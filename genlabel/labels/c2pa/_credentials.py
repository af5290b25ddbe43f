"""A signer, checked and in the one form that c2pa-python takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from genlabel._errors import SignerError
from genlabel._signer import Signer

# The key's encoding is changed here, and a missing identifier stops only other validators.
_NO_OBSTACLE = frozenset({"key-format", "subject-key-identifier"})


@dataclass(frozen=True, slots=True)
class Credentials:
    """Certificates and key that keep every rule.

    Parameters
    ----------
    algorithm : str
        What the key signs with, as C2PA names it.
    chain : bytes
        PEM certificates, leaf first.
    key : bytes
        PEM private key, PKCS#8.
    tsa_url : str or None
        Time-stamping service.
    """

    algorithm: str
    chain: bytes
    key: bytes = field(repr=False)
    tsa_url: str | None

    @classmethod
    def of(cls, signer: Signer) -> Credentials:
        """Check a signer before the library does, whose refusals do not name the rule.

        Parameters
        ----------
        signer : Signer
            As given by the user.

        Raises
        ------
        SignerError
            A rule is broken; ``rule`` names it.
        """
        from genlabel.certs import doctor
        from genlabel.certs._algorithms import algorithm_of
        from genlabel.certs._key import load_private_key, to_pkcs8

        for finding in doctor(signer.chain, signer.key):
            if not finding.ok and finding.rule not in _NO_OBSTACLE:
                raise SignerError(
                    f"{finding.subject} {finding.found} (asked for: {finding.demand}); "
                    f"{finding.fix}",
                    rule=finding.rule,
                )
        url = signer.tsa_url
        if url is not None and not url.startswith(("http://", "https://")):
            raise SignerError(f"{url!r} is no http or https address", rule="time-stamp")
        algorithm = algorithm_of(load_private_key(signer.key))
        # The key belongs to the leaf, whose kind of key is one of the rules.
        assert algorithm is not None
        return cls(algorithm, signer.chain, to_pkcs8(signer.key), url)

    def open(self) -> Any:
        """Make the ``c2pa.Signer``; its errors are those of signing."""
        import c2pa

        info = c2pa.C2paSignerInfo(
            self.algorithm.encode(),
            self.chain,
            self.key,
            None if self.tsa_url is None else self.tsa_url.encode(),
        )
        return c2pa.Signer.from_info(info)
