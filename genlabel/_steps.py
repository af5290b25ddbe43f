"""The steps of marking and labelling, in the only order that works, on one `Work`.

Samples first, then metadata, the signature last: each step invalidates those behind it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from genlabel._data import Scratch, sha256
from genlabel._endings import misnamed
from genlabel._errors import LabelError, MediaError, SignerError, UnsupportedError
from genlabel._key import Key
from genlabel._label import Label
from genlabel._layers import read_declared, undeclared
from genlabel._media import Source, TargetLike, check_target, write_target
from genlabel._message import Message, Option
from genlabel._open_samples import open_samples
from genlabel._receipt import Receipt
from genlabel._samples import Coding, Samples
from genlabel._sidecar import sidecar_there
from genlabel._sidecar_owner import sidecar_for
from genlabel._signer import Signer
from genlabel._work import Work
from genlabel.visible._label import ICONS

if TYPE_CHECKING:
    from genlabel.labels.metadata import MetadataFinding
    from genlabel.profiles import Profile
    from genlabel.text._label import Notice


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


def open_source(
    source: Source,
    label: Label,
    signer: Signer | None,
    scratch: Scratch,
    *,
    keep_going: bool = False,
) -> Work:
    """Recognise a file and see what it declares; refuse what could only be done by destroying.

    Raises
    ------
    MediaError
        It is damaged; with `keep_going`, and of no kind of film.
    UnsupportedError
        The file is of no kind that this version serves.
    SignerError
        The file is signed, and there is no signer to carry its manifest on.
    """
    damage = None
    try:
        before = read_declared(source)
    except MediaError as error:
        guessed = undeclared(source) if keep_going else None
        if guessed is None:
            raise
        before, damage = guessed, error.reason
    if before.signed and signer is None:
        raise SignerError(
            Message(
                "carries a C2PA manifest, which any change breaks; give a signer (",
                *(Option("signer"), "), and it is kept as the parent of the new manifest"),
            )
        )
    work = Work(source, label, before, source.data, scratch)
    work.warnings += [*label.warnings, *_replaced(before.metadata, label)]
    if damage is not None:
        work.warnings.append(f"what the damaged source declared was not read: {damage}")
    return work


def embed_watermark(work: Work, key: Key, coding: Coding) -> Samples:
    """Put in the explicit label, and put the label's ``mark_id`` into the samples, in every frame.

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
    samples = open_samples(
        work.source.data, work.before.media_type, work.scratch, name=work.source.name
    )
    samples, work.visible = samples.labelled(coding)
    data, warnings = samples.marked(work.label.mark_id, key, coding, work.scratch)
    work.become(data)
    work.warnings += warnings
    work.layers += ["watermark"] if work.visible is None else ["visible", "watermark"]
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
        work.visible = _told(work, notice)


def _told(work: Work, notice: Notice) -> dict[str, Any]:
    """Tell where a label stands in a text or document, as far as it is found again."""
    from genlabel.text._file import places_of

    places = places_of(bytes(work.data), work.before.media_type, notice, name=work.source.name)
    return {"text": notice.text, "at": list(notice.at), "places": places}


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
        said=_said(work),
        scratch=work.scratch,
    )
    work.become(data)
    work.warnings += warnings
    work.layers += wanted


def sign(work: Work, signer: Signer | None, dst: TargetLike) -> None:
    """Sign the file as it stands; the source's own manifest becomes the parent.

    Where the container has no place for a manifest it goes into a file of its own, or there is a
    warning in its stead.

    Parameters
    ----------
    work : Work
        After all other steps.
    signer : Signer or None
        Who signs, if anybody.
    dst : path-like or binary file object
        The target; a manifest that it has no place for can be put beside a path.

    Raises
    ------
    SignerError
        The certificate or key cannot sign.
    """
    there = sidecar_there(dst)
    if signer is not None:
        _sign(work, signer, dst)
    if there is not None and work.sidecar is None:
        work.warnings.append(f"{there} beside it was made for another file")


def _sign(work: Work, signer: Signer, dst: TargetLike) -> None:
    from genlabel.labels import c2pa

    media_type, source = work.before.media_type, work.source
    beside = source.sidecar if work.before.in_sidecar else None
    about: dict[str, Any] = {
        "name": source.name,
        "payload": work.label.mark_id if "watermark" in work.layers else None,
        "visible": work.visible,
        "parent": c2pa.Parent(source.data, media_type, beside) if work.before.signed else None,
    }
    file = (work.data, media_type, work.label, signer)
    obstacle = c2pa.no_carrier(work.data, media_type)
    if obstacle is None:
        work.become(c2pa.sign_manifest(*file, **about, scratch=work.scratch))
    elif (path := sidecar_for(dst)) is None:
        work.warnings.append(f"{obstacle}; it can stand beside a file that has a path")
        return
    else:
        work.sidecar = c2pa.sign_beside(*file, **about, scratch=work.scratch)
        work.sidecar_path = path
        work.warnings.append(f"the C2PA manifest is in {path}: keep it beside the file")
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
            Message(
                f"{work.before.media_type} has no place for metadata: marking puts a label that "
                "people see into it (",
                *(Option("visible", "auto"), "), and a signer ("),
                *(Option("signer"), ") writes a manifest beside it"),
            )
        )


def put(work: Work, dst: TargetLike, *, overwrite: bool) -> None:
    """Write what was made, and the manifest that stands beside it.

    Raises
    ------
    MediaError
        One of the two exists and may not be replaced, or cannot be written.
    """
    if work.sidecar is not None:
        check_target(work.sidecar_path, overwrite=overwrite)
    # What nothing was changed in is still the source itself.
    write_target(dst, work.scratch.own(work.data), overwrite=overwrite)
    if work.sidecar is not None:
        write_target(work.sidecar_path, work.sidecar, overwrite=overwrite)


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
    named = misnamed(work.source.name, target, work.before.media_type)
    work.warnings += [] if named is None else [named]
    return Receipt(
        source=work.source.name,
        target=target,
        media_type=work.before.media_type,
        sha256=sha256(work.data),
        sidecar=work.sidecar_path or None,
        label=work.label,
        payload=work.label.mark_id if marked else None,
        key=key.name if marked and key is not None else None,
        layers=tuple(work.layers),
        profiles=tuple(profile.name for profile in profiles),
        visible=work.visible,
        **(fidelity or {}),
        warnings=tuple(dict.fromkeys(work.warnings)),
    )


def _said(work: Work) -> str | None:
    """Give what a label that was drawn into a picture says."""
    if work.visible is None or not work.before.media_type.startswith("image/"):
        return None
    return work.visible["text"] or ICONS.get(work.visible["icon"])


def _replaced(before: MetadataFinding, label: Label) -> list[str]:
    if before.aigc.state == "absent":
        return []
    if before.label is None:
        return ["an unreadable AIGC label was replaced"]
    if before.label.mark_id == label.mark_id:
        return []
    old = before.label
    return [f"the AIGC label of {old.producer!r}, id {old.produce_id!r}, was replaced"]
