"""The steps of marking and labelling, in the only order that works, on one object.

Samples first, then metadata, the signature last: each step invalidates those behind it.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from genlabel._data import Data, Scratch, sha256
from genlabel._errors import GenlabelError, LabelError, SignerError, UnsupportedError
from genlabel._key import Key
from genlabel._label import Label
from genlabel._layers import Declared, read_declared
from genlabel._media import Source
from genlabel._receipt import Receipt
from genlabel._samples import Coding, Samples, open_samples
from genlabel._signer import Signer

if TYPE_CHECKING:
    from genlabel.labels.metadata import MetadataFinding
    from genlabel.profiles import Profile
    from genlabel.text._label import Notice


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
    data : bytes or Mapped
        The file as far as it is done.
    scratch : Scratch
        Where it is done, if it is too large for memory.
    layers, warnings : list of str
        For the receipt.
    visible : mapping or None
        The label that was drawn, for the receipt.
    """

    source: Source
    label: Label
    before: Declared
    data: Data = field(repr=False)
    scratch: Scratch = field(repr=False)
    layers: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    visible: Mapping[str, Any] | None = None

    def become(self, data: Data) -> None:
        """Take the next state of the file in place of the last."""
        if self.data is not self.source.data:
            self.scratch.drop(self.data)
        self.data = data


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


def open_source(source: Source, label: Label, signer: Signer | None, scratch: Scratch) -> Work:
    """Recognise a file and see what it declares; refuse what could only be done by destroying.

    Raises
    ------
    UnsupportedError
        The file is of no kind that this version serves.
    SignerError
        The file is signed, and there is no signer to carry its manifest on.
    """
    before = read_declared(source)
    if before.signed and signer is None:
        raise SignerError(
            "carries a C2PA manifest, which any change breaks; give a signer, "
            "and the manifest is kept as the parent of the new one"
        )
    work = Work(source, label, before, source.data, scratch)
    work.warnings += [*label.warnings, *_replaced(before.metadata, label)]
    return work


def embed_watermark(work: Work, key: Key, coding: Coding) -> Samples:
    """Draw the explicit label, and put the label's ``mark_id`` into the samples, in every frame.

    Returns
    -------
    Samples
        The source's with the label drawn, to compare with.

    Raises
    ------
    CapacityError
        The picture or sound is too small or too flat, or the label does not fit.
    MediaError, UnsupportedError
        It cannot be decoded.
    """
    samples = open_samples(work.source.data, work.before.media_type, name=work.source.name)
    if coding.visible is not None:
        samples, work.visible = samples.labelled(coding.visible)
    data, warnings = samples.marked(work.label.mark_id, key, coding, work.scratch)
    work.become(data)
    work.warnings += warnings
    explicit = coding.audible is not None or coding.visible is not None
    work.layers += ["visible", "watermark"] if explicit else ["watermark"]
    return samples


def write_notice(work: Work, notice: Notice | None) -> None:
    """Put the label that people read into a text or document; there is no watermark for one.

    Raises
    ------
    MediaError, UnsupportedError
        The file is damaged, or cannot hold the label.
    """
    from genlabel.text._file import insert_notice

    work.warnings.append(
        "there is no watermark for text: nothing in the words themselves is marked"
    )
    if notice is not None:
        media_type = work.before.media_type
        data = insert_notice(bytes(work.data), media_type, notice, name=work.source.name)
        work.become(data)
        work.layers.append("visible")


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
    if not work.before.metadata.carrier:
        work.warnings.append(
            f"no metadata was written: {work.before.media_type} has no place for any"
        )
        return
    data, warnings = write_metadata(
        work.data,
        work.label,
        name=work.source.name,
        aigc="aigc" in wanted,
        xmp="xmp" in wanted,
        scratch=work.scratch,
    )
    work.become(data)
    work.warnings += warnings
    work.layers += wanted


def sign(work: Work, signer: Signer | None) -> None:
    """Sign the file as it stands; the source's own manifest becomes the parent.

    Where the container has no place for a manifest there is a warning in its stead.

    Raises
    ------
    SignerError
        The certificate or key cannot sign.
    """
    if signer is None:
        return
    from genlabel.labels.c2pa import no_carrier, sign_manifest

    obstacle = no_carrier(work.data, work.before.media_type)
    if obstacle is not None:
        work.warnings.append(obstacle)
        return
    data = sign_manifest(
        work.data,
        work.before.media_type,
        work.label,
        signer,
        name=work.source.name,
        payload=work.label.mark_id if "watermark" in work.layers else None,
        visible="visible" in work.layers,
        box=None if work.visible is None else work.visible["box"],
        parent=work.source.data if work.before.signed else None,
        parent_media_type=work.before.media_type if work.before.signed else None,
        scratch=work.scratch,
    )
    work.become(data)
    work.layers.append("c2pa")


def require_some(work: Work) -> None:
    """Refuse to write a file that says no more than its source.

    Raises
    ------
    UnsupportedError
        The kind of file has no place for metadata, and it got no label that people read.
    """
    if not work.layers and not work.before.metadata.carrier:
        raise UnsupportedError(
            f"{work.before.media_type} has no place for metadata: all it can carry is a label that "
            "people read (genlabel.mark with visible='auto')"
        )


def receipt(
    work: Work,
    target: str,
    profiles: Iterable[Profile],
    *,
    key: Key | None = None,
    fidelity: Mapping[str, float] | None = None,
) -> Receipt:
    """Sum up what was done."""
    marked = "watermark" in work.layers
    return Receipt(
        source=work.source.name,
        target=target,
        media_type=work.before.media_type,
        sha256=sha256(work.data),
        label=work.label,
        payload=work.label.mark_id if marked else None,
        key=key.name if marked and key is not None else None,
        layers=tuple(work.layers),
        profiles=tuple(profile.name for profile in profiles),
        visible=work.visible,
        **(fidelity or {}),
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
