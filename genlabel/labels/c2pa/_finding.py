"""What reading a manifest gives."""

from __future__ import annotations

from dataclasses import dataclass

from genlabel._label import Label
from genlabel._report import Layer


@dataclass(frozen=True, slots=True)
class SoftBinding:
    """A value by which the manifest can be found again from the samples.

    Parameters
    ----------
    alg : str
        Reverse-domain name of the watermark or fingerprint.
    value : bytes
        What it reads from the samples.
    """

    alg: str
    value: bytes


@dataclass(frozen=True, slots=True)
class ManifestFinding:
    """What a file's C2PA manifest says, and how much it can be relied on.

    Parameters
    ----------
    layer : Layer
        ``absent``: no manifest; ``present``: one that is elsewhere, or intact and signed with a
        certificate that no longer, or never, could sign; ``valid``: intact, the signer unknown;
        ``trusted``: intact, the signer under a given root; ``damaged``: unreadable, or not what
        was signed.
    label : Label or None
        What it declares about generation, as declared; None where it declares none.
    soft_bindings : tuple of SoftBinding
        Those of the active manifest.
    binds_watermark : bool
        Whether the active manifest says that our watermark was put in, and what it reads.
    """

    layer: Layer
    label: Label | None = None
    soft_bindings: tuple[SoftBinding, ...] = ()
    binds_watermark: bool = False
