"""IPTC's facts in documents: fields by their qualified names, where there is no XMP to hold them.

References
----------
IPTC Photo Metadata Standard 2025.1, whose terms are defined apart from their place in XMP.
"""

from __future__ import annotations

from collections.abc import Iterator

from genlabel._label import Label
from genlabel.labels import iptc
from genlabel.labels.containers.contents import Contents, Edits, Unreadable
from genlabel.labels.xmp import Property


def properties(contents: Contents) -> Iterator[tuple[int, Property]]:
    """Give the fields that stand for XMP properties, with their places.

    Parameters
    ----------
    contents : Contents
        Of a file with named fields; of any other there are none.
    """
    for held in contents.texts if contents.named_fields else ():
        prefix, _, name = held.keyword.partition(":")
        if prefix in iptc.NAMESPACES:
            try:
                text = held.content().decode("utf-8", "replace")
            except Unreadable:
                continue
            yield held.index, iptc.field(prefix, name, text)


def edits(contents: Contents, label: Label) -> tuple[Edits, list[str]]:
    """Write what a label says of the origin into fields, in place of those that are there.

    Parameters
    ----------
    contents : Contents
        Of a file with named fields.
    label : Label
        What is declared.

    Returns
    -------
    tuple of (Edits, list of str)
        What to change, and warnings.

    Raises
    ------
    LabelError
        A text cannot be written.
    """
    there = list(properties(contents))
    kept = [old for _, old in there if not iptc.replaces(label, old)]
    new, warnings = iptc.values(label, kept)
    texts: dict[int, bytes] = {}
    drop: set[int] = set()
    for index, old in there:
        if not iptc.replaces(label, old):
            continue
        value = new.pop(contents.texts[index].keyword, None)
        if value is None:
            drop.add(index)
        else:
            texts[index] = value.encode()
    fields = {name: value.encode() for name, value in new.items()}
    return Edits(texts=texts, drop=frozenset(drop), fields=fields), warnings
