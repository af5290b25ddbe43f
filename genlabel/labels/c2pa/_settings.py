"""How c2pa-python is set up: offline, and trusting nobody who was not named."""

from __future__ import annotations

from typing import Any

from genlabel._errors import SignerError

#: Name of genlabel's watermark among C2PA soft bindings; its value is the payload.
SOFT_BINDING_ALG = "org.genlabel.watermark.1"

_MAX_ANCHORS = 1024
# Copies the library makes of a file while it signs are kept on the disk from this size on; left to
# itself it takes twice a file's size of memory, up to 512 MB for each.
_MAX_COPY_MB = 32


def context(trust: bytes | None = None) -> Any:
    """Make a ``c2pa.Context`` with every setting that matters set.

    c2pa-python takes unknown settings in silence, so each key here is held by a test that shows
    its effect.

    Parameters
    ----------
    trust : bytes or None
        PEM root certificates under which a signer is trusted.

    Raises
    ------
    SignerError
        `trust` holds no PEM certificates.
    """
    import c2pa

    settings = _offline()
    if trust is not None:
        settings["trust"]["user_anchors"] = _anchors(trust)
    return c2pa.Context.from_dict(settings)


def _offline() -> dict[str, Any]:
    from genlabel.certs._breaches import SIGNER_USES

    return {
        "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
        "core": {
            "backing_store_memory_threshold_in_mb": _MAX_COPY_MB,
            # Stops whatever else the library might ask for; a signer's own time-stamping
            # service is not affected.
            "allowed_network_hosts": [],
            # CAWG identities are looked up on the web past that list, and an unknown one below
            # would take the trust from a file signed under a trusted root.
            "decode_identity_assertions": False,
        },
        # A thumbnail is two to seven times the work and a third of a megabyte.
        "builder": {"thumbnail": {"enabled": False}},
        # Without this list only e-mail protection is taken, and no production certificate.
        "trust": {"trust_config": "\n".join(SIGNER_USES)},
        # Later versions refuse soft bindings whose algorithm is not listed here.
        "soft_binding": {"soft_binding_algorithms": [SOFT_BINDING_ALG]},
    }


def _anchors(trust: bytes) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding

    from genlabel.certs._doctor import read_certificates

    anchors, finding = read_certificates(trust, "trust", limit=_MAX_ANCHORS)
    if not finding.ok:
        raise SignerError(f"the trusted roots: {finding.found}", rule=finding.rule)
    # Only the certificates: trust lists carry comments, which the library stumbles over.
    return b"".join(anchor.public_bytes(Encoding.PEM) for anchor in anchors).decode("ascii")
