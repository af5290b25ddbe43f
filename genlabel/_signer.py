"""Who signs C2PA manifests."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from genlabel._errors import SignerError

_MAX_PEM_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Signer:
    """A certificate chain and its private key.

    Parameters
    ----------
    chain : bytes
        PEM certificates, leaf first, then the intermediates.
    key : bytes
        The leaf's private key, PEM. Never shown by ``repr``.
    tsa_url : str or None
        RFC 3161 time-stamping service; None (the default) never touches the network.
    """

    chain: bytes
    key: bytes = field(repr=False)
    tsa_url: str | None = None

    @classmethod
    def load(
        cls,
        chain: str | os.PathLike[str],
        key: str | os.PathLike[str],
        *,
        tsa_url: str | None = None,
    ) -> Signer:
        """Read the chain and the key from PEM files.

        Raises
        ------
        SignerError
            A file cannot be read or holds no PEM.
        """
        return cls(_read_pem(chain, b"CERTIFICATE"), _read_pem(key, b"PRIVATE KEY"), tsa_url)


def _read_pem(path: str | os.PathLike[str], kind: bytes) -> bytes:
    try:
        with open(path, "rb") as stream:
            data = stream.read(_MAX_PEM_BYTES + 1)
    except OSError as error:
        raise SignerError(f"cannot be read: {error.strerror}", path=path) from error
    if len(data) > _MAX_PEM_BYTES or b"-----BEGIN " not in data or kind + b"-----" not in data:
        raise SignerError(f"holds no PEM {kind.decode().lower()}", path=path)
    return data
