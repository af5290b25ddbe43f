"""The steps of marking and labelling, in the only order that works, on one object.

Samples first, then metadata, the signature last: each step invalidates those behind it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from genlabel._errors import GenlabelError, LabelError, MediaError, SignerError
from genlabel._key import Key
from genlabel._label import Label
from genlabel._layers import Declared, read_declared
from genlabel._media import Source
from genlabel._receipt import Receipt
from genlabel._signer import Signer

if TYPE_CHECKING:
    from genlabel.image._picture import Picture
    from genlabel.labels.metadata import MetadataFinding
    from genlabel.profiles import Profile

_NOT_WRITTEN = {
    "visible": "a label people can see, which this version does not draw",
    "c2pa": "a signed C2PA manifest, for which no signer was given",
    "watermark": "a watermark, which writing metadata alone does not give",
}
_AIGC_FIELDS = (
    "status",
    "producer",
    "produce_id",
    "propagator",
    "propagate_id",
    "reserved1",
    "reserved2",
)
_XMP_FIELDS = ("source_type", "system", "system_version")


@dataclass(slots=True)
class Work:
    """One file on its way from source to target.

    Parameters
    ----------
    source : Source
        The file as it came.
    label : Label
        What is declared.
    before : Declared
        What the source declares.
    data : bytes
        The file as far as it is done.
    layers, warnings : list of str
        For the receipt.
    """

    source: Source
    label: Label
    before: Declared
    data: bytes = field(repr=False)
    layers: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@contextlib.contextmanager
def errors_name(name: str) -> Iterator[None]:
    """Let every error that leaves the block name the file it is about."""
    try:
        yield
    except GenlabelError as error:
        if error.path is None:
            error.path = name
        raise


def settle(label: Label) -> Label:
    """Check what is to be declared, and date it where it has no time.

    Raises
    ------
    LabelError
        It is no label, or breaks a rule of its standard.
    """
    if not isinstance(label, Label):
        raise LabelError("label is not a genlabel.Label")
    # A label read from a file is unchecked; made anew it is checked.
    now = datetime.now(UTC).replace(microsecond=0)
    return dataclasses.replace(label, created=now if label.created is None else label.created)


def open_source(source: Source, label: Label, signer: Signer | None) -> Work:
    """Recognise a file and see what it declares; refuse what could only be done by destroying.

    Raises
    ------
    UnsupportedError
        The file is no picture of a kind this version serves.
    SignerError
        The file is signed, and there is no signer to carry its manifest on.
    """
    before = read_declared(source)
    if before.signed and signer is None:
        raise SignerError(
            "carries a C2PA manifest, which any change breaks; give a signer, "
            "and the manifest is kept as the parent of the new one"
        )
    work = Work(source, label, before, source.data)
    work.warnings += [*label.warnings, *_replaced(before.metadata, label)]
    return work


def embed_watermark(work: Work, key: Key, *, strength: float, quality: int | None) -> Picture:
    """Put the label's ``mark_id`` into the samples.

    Returns
    -------
    Picture
        The source's samples, to compare with.

    Raises
    ------
    CapacityError
        The picture is too small or too flat.
    MediaError, UnsupportedError
        It cannot be decoded.
    """
    from genlabel import image
    from genlabel.image._file import decode, encode

    picture = decode(work.source.data, name=work.source.name)
    marked = image.embed(picture.pixels, work.label.mark_id, key, strength=strength)
    work.data, warnings = encode(picture, marked, quality=quality)
    work.warnings += warnings
    work.layers.append("watermark")
    return picture


def write_labels(work: Work, profiles: Iterable[Profile]) -> None:
    """Write what the profiles ask for into the file's metadata.

    Raises
    ------
    MediaError
        The metadata cannot be written.
    """
    from genlabel.labels.metadata import write_metadata

    asked = {layer for profile in profiles for layer in profile.layers}
    wanted = [layer for layer in ("aigc", "xmp") if layer in asked]
    if not wanted:
        return
    work.data, warnings = write_metadata(
        work.data, work.label, name=work.source.name, aigc="aigc" in wanted, xmp="xmp" in wanted
    )
    work.warnings += warnings
    work.layers += wanted


def sign(work: Work, signer: Signer | None) -> None:
    """Sign the file as it stands; the source's own manifest becomes the parent.

    Raises
    ------
    SignerError
        The certificate or key cannot sign.
    """
    if signer is None:
        return
    from genlabel.labels.c2pa import sign_manifest

    work.data = sign_manifest(
        work.data,
        work.before.media_type,
        work.label,
        signer,
        name=work.source.name,
        payload=work.label.mark_id if "watermark" in work.layers else None,
        parent=work.source.data if work.before.signed else None,
        parent_media_type=work.before.media_type if work.before.signed else None,
    )
    work.layers.append("c2pa")


def check_labels(work: Work) -> None:
    """Read back every label from the bytes that are about to be written.

    Raises
    ------
    MediaError
        A layer does not read back as it was written.
    """
    from genlabel.labels import c2pa, metadata

    found = metadata.read_metadata(work.data, name=work.source.name)
    if "aigc" in work.layers:
        _require(found.aigc.state == "valid", "aigc", found.aigc.problems)
        _require(_same(found.label, work.label, _AIGC_FIELDS), "aigc")
    if "xmp" in work.layers:
        _require(found.xmp.state in ("present", "valid"), "xmp", found.xmp.problems)
        _require(_same(found.label, work.label, _XMP_FIELDS), "xmp")
        if found.label is not None and found.label.created != work.label.created:
            work.warnings.append(
                f"the file's own xmp:CreateDate stays: {found.label.created or 'not an instant'}"
            )
    if "c2pa" in work.layers:
        manifest = c2pa.read_manifest(work.data, work.before.media_type, name=work.source.name)
        state = manifest.layer.state
        _require(state in ("valid", "trusted"), "c2pa", manifest.layer.problems)


def check_watermark(work: Work, key: Key, before: Picture) -> float | None:
    """Decode what is about to be written and look for the watermark.

    Returns
    -------
    float or None
        Peak signal-to-noise ratio against the source in dB; None where nothing changed.

    Raises
    ------
    MediaError
        The exact payload is not found.
    """
    from genlabel import image
    from genlabel.image._file import decode
    from genlabel.image._picture import psnr

    after = decode(work.data, name=work.source.name)
    detection = image.detect(after.pixels, [key])
    _require(detection.found and detection.payload == work.label.mark_id, "watermark")
    fidelity = psnr(after.pixels, before.pixels)
    return None if fidelity == float("inf") else round(fidelity, 2)


def unmet(work: Work, profiles: Iterable[Profile], *, opted_out: Iterable[str] = ()) -> list[str]:
    """Say what the profiles require of every file and this file does not have.

    Parameters
    ----------
    work : Work
        After its last step.
    profiles : iterable of Profile
        The regimes it was labelled for.
    opted_out : iterable of str
        Layers the caller has refused.
    """
    left_out = set(opted_out)
    warnings = []
    for profile in profiles:
        required = [r for r in profile.requirements if r.force == "required"]
        asked = {r.layer for r in required} & set(profile.layers)
        for layer in (name for name in _NOT_WRITTEN if name in asked):
            if layer not in work.layers and layer not in left_out:
                warnings.append(f"profile {profile.name} asks for {_NOT_WRITTEN[layer]}")
        fields = sorted({name for r in required for name in r.fields if not _set(work.label, name)})
        if fields:
            names = ", ".join(fields)
            warnings.append(f"profile {profile.name} asks for fields the label lacks: {names}")
    return warnings


def receipt(
    work: Work,
    target: str,
    profiles: Iterable[Profile],
    *,
    key: Key | None = None,
    psnr: float | None = None,
) -> Receipt:
    """Sum up what was done."""
    marked = "watermark" in work.layers
    return Receipt(
        source=work.source.name,
        target=target,
        media_type=work.before.media_type,
        sha256=hashlib.sha256(work.data).hexdigest(),
        label=work.label,
        payload=work.label.mark_id if marked else None,
        key=key.name if marked and key is not None else None,
        layers=tuple(work.layers),
        profiles=tuple(profile.name for profile in profiles),
        psnr=psnr,
        warnings=tuple(dict.fromkeys(work.warnings)),
    )


def _replaced(before: MetadataFinding, label: Label) -> list[str]:
    if before.aigc.state == "absent":
        return []
    if before.label is None:
        return ["an unreadable AIGC label was replaced"]
    if before.label.mark_id == label.mark_id:
        return []
    old = before.label
    return [f"the AIGC label of {old.producer!r}, id {old.produce_id!r}, was replaced"]


def _same(found: Label | None, written: Label, fields: tuple[str, ...]) -> bool:
    return all(getattr(found, name, None) == getattr(written, name) for name in fields)


def _set(label: Label, name: str) -> bool:
    return getattr(label, name) not in (None, "")


def _require(held: bool, layer: str, problems: Iterable[str] = ()) -> None:
    if not held:
        reasons = "; ".join(problems)
        tail = f": {reasons}" if reasons else ""
        raise MediaError(f"was not written: the {layer} layer did not read back{tail}")
