"""What a file declares, read without decoding a sample: its metadata and its manifest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from genlabel._media import Source
from genlabel._sidecar_owner import is_anothers
from genlabel.labels.containers import SNIFFED_BYTES

if TYPE_CHECKING:
    from genlabel._sm2_keys import PublicKey
    from genlabel.labels.c2pa import ManifestFinding
    from genlabel.labels.metadata import MetadataFinding

# Where none of these occurs there is no manifest, and its large library need not be loaded:
# JUMBF box types, the names of the chunks that hold them, and the manifest's own.
_MANIFEST_TRACES = (b"jumb", b"c2pa", b"caBX", b"C2PA")
# Searching a larger file takes longer than loading the library.
_SEARCHED_BYTES = 64 << 20
_OTHERS = "the manifest in the .c2pa file beside it was made for other bytes"


@dataclass(frozen=True, slots=True)
class Declared:
    """What a file declares.

    Parameters
    ----------
    metadata : MetadataFinding
        AIGC and XMP.
    manifest : ManifestFinding
        C2PA.
    in_sidecar : bool
        Whether the manifest is kept beside the file.
    """

    metadata: MetadataFinding
    manifest: ManifestFinding
    in_sidecar: bool = False

    @property
    def media_type(self) -> str:
        """MIME type by content."""
        return self.metadata.media_type

    @property
    def signed(self) -> bool:
        """Whether there is a manifest, intact or not, here or elsewhere."""
        return self.manifest.layer.state != "absent"


def read_declared(
    source: Source, *, trust: bytes | None = None, pinned: Sequence[PublicKey] = ()
) -> Declared:
    """Read everything a file declares.

    Parameters
    ----------
    source : Source
        The file.
    trust : bytes or None
        PEM root certificates under which a signature is trusted.
    pinned : sequence of PublicKey
        SM2 keys under which an AIGC label's signature is authentic.

    Raises
    ------
    MediaError
        The file cannot be read.
    UnsupportedError
        It is of no kind that this version serves.
    SignerError
        `trust` holds no PEM certificates.
    """
    from genlabel._report import Layer
    from genlabel.labels.c2pa import ManifestFinding, no_carrier, read_manifest
    from genlabel.labels.metadata import read_metadata

    metadata = read_metadata(source.data, name=source.name, pinned=pinned)
    data = source.data
    large = len(data) > _SEARCHED_BYTES
    traced = large or any(data.find(trace) >= 0 for trace in _MANIFEST_TRACES)
    if metadata.provenance_url or traced:
        manifest = read_manifest(source.data, metadata.media_type, name=source.name, trust=trust)
    else:
        manifest = ManifestFinding(Layer("absent"))
    homeless = no_carrier(source.data, metadata.media_type) is not None
    if source.sidecar is not None and manifest.layer.state in ("absent", "damaged"):
        beside = read_manifest(
            data, metadata.media_type, name=source.name, trust=trust, sidecar=source.sidecar
        )
        # Another file's may have the same name; where there is no other place it is this one's,
        # unless it holds for that other file.
        fits = beside.layer.state in ("valid", "trusted")
        own = beside.layer.state != "damaged" or not is_anothers(source.name)
        if fits or (homeless and own):
            details = {**beside.layer.details, "sidecar": True}
            found = replace(beside, layer=replace(beside.layer, details=details))
            return Declared(metadata, found, in_sidecar=True)
        problems = (*manifest.layer.problems, _OTHERS)
        manifest = replace(manifest, layer=replace(manifest.layer, problems=problems))
    if manifest.layer.state == "absent" and homeless:
        manifest = replace(manifest, layer=replace(manifest.layer, details={"carrier": False}))
    return Declared(metadata, manifest)


def undeclared(source: Source) -> Declared | None:
    """Take a damaged film for one that declares nothing.

    Returns
    -------
    Declared or None
        None where it is of no kind of film.
    """
    from genlabel._report import Layer
    from genlabel.labels.c2pa import ManifestFinding
    from genlabel.labels.containers.files import damaged_film
    from genlabel.labels.metadata import MetadataFinding

    media_type = damaged_film(source.data[:SNIFFED_BYTES])
    if media_type is None:
        return None
    absent = Layer("absent")
    metadata = MetadataFinding(media_type, None, absent, absent, None)
    return Declared(metadata, ManifestFinding(absent))
