"""C2PA manifests: signed statements in the file about where it comes from.

Everything here goes through c2pa-python, offline unless a signer names a time-stamping service.

References
----------
C2PA Technical Specification 2.4; CAWG Metadata Assertion 1.1; IPTC Photo Metadata 2025.1.
"""

from __future__ import annotations

from genlabel.labels.c2pa._carriers import no_carrier
from genlabel.labels.c2pa._finding import ManifestFinding, SoftBinding
from genlabel.labels.c2pa._parent import Parent
from genlabel.labels.c2pa._read import has_manifest, read_manifest
from genlabel.labels.c2pa._settings import SOFT_BINDING_ALG
from genlabel.labels.c2pa._sign import sign_beside, sign_manifest

__all__ = [
    "SOFT_BINDING_ALG",
    "ManifestFinding",
    "Parent",
    "SoftBinding",
    "has_manifest",
    "no_carrier",
    "read_manifest",
    "sign_beside",
    "sign_manifest",
]
