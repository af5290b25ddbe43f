"""AVIF and HEIC: the XMP packet is an item that describes the picture.

References
----------
ISO/IEC 23008-12 (HEIF), A.2 (Exif) and A.3 (XMP: an item of type mime, application/rdf+xml);
ISO/IEC 14496-12, 8.11; XMP Specification Part 3, 1.2 (box uuid), which films have.
"""

from __future__ import annotations

from collections.abc import Iterable

from genlabel._data import Piece
from genlabel._errors import MediaError, UnsupportedError
from genlabel.labels.containers import boxes
from genlabel.labels.containers.boxes import Patch
from genlabel.labels.containers.contents import Contents, Edits, Held
from genlabel.labels.containers.pictures import heif_items
from genlabel.labels.containers.pictures.heif_file import RDF, Change, File, settled, take_apart
from genlabel.labels.containers.pictures.heif_items import Item

_XMP_ID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_LONGEST_NUMBER = 0xFFFF


def read(data: bytes, *, name: str) -> Contents:
    """Take a HEIF file apart.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        For messages.

    Returns
    -------
    Contents
        Packets that describe the picture; those of auxiliary pictures as extended XMP.

    Raises
    ------
    MediaError
        The file is cut short, or a box is damaged.
    """
    file = take_apart(data, name)
    for item in file.items:
        if any(end > len(data) for _, end in file.spans(item) or ()):
            raise MediaError(f"is cut short: item {item.number} lies beyond the end", path=name)
    own = [_held(data, file, item, index) for index, item in enumerate(file.own)]
    packets = [
        Held(index, "box uuid", data[box.payload + len(_XMP_ID) : box.end])
        for index, box in enumerate(file.uuids, len(own))
        if data.startswith(_XMP_ID, box.payload, box.end)
    ]
    start, end = _exif(data, file)
    return Contents(
        xmp=(*own, *packets),
        extended_xmp=tuple(_held(data, file, item, -1) for item in file.others),
        exif=Held(-1, "Exif item", data[start:end]) if start else None,
    )


def write(
    data: bytes, contents: Contents, edits: Edits, *, name: str
) -> tuple[Iterable[Piece], tuple[str, ...]]:
    """Put a HEIF file together again, with everything that points to samples following them.

    Parameters
    ----------
    data, contents, edits, name
        As in `genlabel.labels.containers.write`.

    Returns
    -------
    tuple of (iterable of bytes or range, tuple of str)
        The new file, in pieces; there are no warnings.

    Raises
    ------
    MediaError
        It grows beyond what a size or an offset in it can say.
    UnsupportedError
        It has no list of items, or one that this version cannot extend.
    """
    file = take_apart(data, name)
    change = Change()
    own = file.own
    there = {held.index: held.raw for held in contents.xmp}
    for index, packet in edits.xmp.items():
        if packet == there.get(index):
            # Where a damaged file gives two items the same bytes, it would move each time.
            continue
        if index < len(own):
            _replace(file, own[index], packet, change)
        else:
            box = file.uuids[index - len(own)]
            change.patches.append(Patch(box.payload + len(_XMP_ID), box.end, packet, (box,)))
    if edits.exif is not None and contents.exif is not None:
        start, end = _exif(data, file)
        change.patches.append(Patch(start, end, edits.exif))
    if edits.new_xmp is not None:
        number = _add(data, file, change, name)
        change.behind[number] = edits.new_xmp
    return boxes.applied(data, settled(data, file, change, name)), ()


def _held(data: bytes, file: File, item: Item, index: int) -> Held:
    spans = file.spans(item)
    problem = None
    if spans is None:
        problem = "it does not say where its bytes are"
    elif item.coding:
        problem = f"it is compressed ({item.coding.decode('latin-1')[:20]})"
    raw = b"".join(data[start:end] for start, end in spans or ())
    return Held(index, f"XMP item {item.number}", raw, problem=problem)


def _exif(data: bytes, file: File) -> tuple[int, int]:
    """Find the first Exif block that lies in one part; (0, 0) where there is none."""
    for item in file.items:
        spans = file.spans(item) if item.kind == b"Exif" else None
        if spans is not None and len(spans) == 1:
            start, end = spans[0]
            # The first four bytes say how many others come before the block.
            block = start + 4 + int.from_bytes(data[start : start + 4], "big")
            if block < end:
                return block, end
    return 0, 0


def _replace(file: File, item: Item, packet: bytes, change: Change) -> None:
    """Put a packet where one was, or behind all else where that place is not its own."""
    spans = file.spans(item) or []
    taken = [span for other in file.items if other is not item for span in file.spans(other) or ()]
    alone = not any(start < end and first < last for first, end in spans for start, last in taken)
    around = [file.around(*span) for span in spans]
    if alone and len(spans) == 1 and around[0] is not None:
        start, end = spans[0]
        change.inside[item.number] = (start, len(packet))
        change.patches.append(Patch(start, end, packet, around[0]))
        return
    change.behind[item.number] = packet
    if alone and len(set(spans)) == len(spans):
        change.patches += [
            Patch(start, end, b"", within)
            for (start, end), within in zip(spans, around, strict=True)
            if within is not None
        ]


def _add(data: bytes, file: File, change: Change, name: str) -> int:
    """Make room in the lists for an item more, and give its number."""
    meta, info = file.meta, file.inside.get(b"iinf")
    if meta is None or info is None or b"iloc" not in file.inside or not file.layout.length:
        raise UnsupportedError("has no list of items that another can be put into", path=name)
    numbers = [item.number for item in file.items]
    number = max([*numbers, *(place.number for place in file.locations)], default=0) + 1
    # Numbers and their count take two bytes in the forms that are written here.
    if max(number, file.primary or 0, len(file.items) + 1) > _LONGEST_NUMBER:
        raise UnsupportedError("numbers its items beyond 65535", path=name)
    count = info.payload + 4
    width = 2 if data[info.payload] == 0 else 4
    end = file.ends[b"iinf"]
    change.patches += [
        Patch(count, count + width, (len(file.items) + 1).to_bytes(width, "big")),
        Patch(end, end, heif_items.entry(number, RDF), (meta, info)),
    ]
    if file.primary is not None:
        references = file.inside.get(b"iref")
        wide = references is not None and data[references.payload] != 0
        cdsc = heif_items.description(number, file.primary, wide=wide)
        if references is None:
            end = file.ends[b"meta"]
            new = boxes.framed(b"iref", bytes(4) + cdsc)
            change.patches.append(Patch(end, end, new, (meta,)))
        else:
            change.patches.append(Patch(references.end, references.end, cdsc, (meta, references)))
    return number
