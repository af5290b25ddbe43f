"""Puts the AIGC label into the container's own place, and takes every other one away."""

from __future__ import annotations

import dataclasses

from genlabel._label import Label
from genlabel.labels import aigc, exif
from genlabel.labels._aigc_copy import compose_copy
from genlabel.labels._survey import Survey, is_aigc
from genlabel.labels.containers.contents import Contents, Edits

_SIX_ONE_C = "GB 45438-2025 6.1 c)"


def with_text(edits: Edits, found: Survey, label: Label) -> Edits:
    """Put the label into the container's own place, and only there.

    Parameters
    ----------
    edits : Edits
        What else changes.
    found : Survey
        What the file holds.
    label : Label
        What is declared.
    """
    text = aigc.compose(label).encode()
    if not found.keyed:
        return dataclasses.replace(edits, new_text=(aigc.PROPERTY, text))
    kept, *others = found.keyed
    drop = edits.drop | frozenset(others)
    return dataclasses.replace(edits, texts={**edits.texts, kept: text}, drop=drop)


def with_copy(
    edits: Edits, contents: Contents, found: Survey, label: Label
) -> tuple[Edits, list[str]]:
    """Put a copy in words into the comment of a film or sound, unless it has one of its own.

    Where the container has no comment for it, copies that other programs brought there go.

    Parameters
    ----------
    edits : Edits
        What else changes.
    contents : Contents
        The file's places.
    found : Survey
        What they hold.
    label : Label
        What is declared.

    Returns
    -------
    tuple of (Edits, list of str)
        All changes, and warnings.
    """
    text = compose_copy(label).encode()
    kept, others = (found.copies[:1], found.copies[1:]) if contents.comment else ((), found.copies)
    texts = {**edits.texts, **dict.fromkeys(kept, text)}
    edits = dataclasses.replace(edits, texts=texts, drop=edits.drop | frozenset(others))
    if kept or not contents.comment:
        return edits, []
    if found.commented:
        return edits, ["its own comment stays, and no copy of the label stands there"]
    return dataclasses.replace(edits, new_comment=(contents.comment, text)), []


def without_strays(edits: Edits, contents: Contents, found: Survey) -> tuple[Edits, list[str]]:
    """Remove AIGC labels outside their place, and name those that cannot be.

    Parameters
    ----------
    edits : Edits
        What else changes.
    contents : Contents
        The file's places.
    found : Survey
        What they hold.

    Returns
    -------
    tuple of (Edits, list of str)
        All changes, and warnings.

    References
    ----------
    GB 45438-2025, 6.1 c).
    """
    warnings = [
        f"its extended XMP holds another AIGC label, which was left [{_SIX_ONE_C}]"
        for packet in found.extended
        if any(map(is_aigc, packet.properties))
    ]
    gone = [text for text in found.stray_exif if text.alone]
    warnings += [
        f"its Exif {text.tag} holds another AIGC label that shares its bytes with other fields "
        f"and was left [{_SIX_ONE_C}]"
        for text in found.stray_exif
        if not text.alone
    ]
    block = None
    if gone and contents.exif is not None:
        block = exif.blanked(contents.exif.raw, gone)
    drop = edits.drop | found.stray_pieces
    return dataclasses.replace(edits, drop=drop, exif=block), warnings
