"""Items of HEIF files: what they are, where their bytes lie, what they describe.

References
----------
ISO/IEC 14496-12, 8.11.3 (iloc), 8.11.4 (pitm), 8.11.6 (iinf and infe), 8.11.11 (idat) and 8.11.12
(iref).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from genlabel._errors import MediaError
from genlabel.labels.containers import boxes
from genlabel.labels.containers.boxes import Box

IN_FILE, IN_IDAT = 0, 1
MIME = b"mime"
# A picture of 300 megapixels in tiles of 64 x 64.
MAX_EXTENTS = 1 << 17
_WIDTHS = (0, 4, 8)


@dataclass(frozen=True, slots=True)
class Item:
    """What iinf says of an item.

    Parameters
    ----------
    number : int
        Its identity.
    kind : bytes
        Four bytes.
    content : bytes
        The MIME type of a ``mime`` item.
    coding : bytes
        How it is compressed, empty where it is not.
    """

    number: int
    kind: bytes
    content: bytes = b""
    coding: bytes = b""


@dataclass(frozen=True, slots=True)
class Location:
    """Where an item's bytes lie.

    Parameters
    ----------
    number : int
        The item.
    method : int
        `IN_FILE`, `IN_IDAT`, or 2 for inside another item.
    reference : int
        0 for this file.
    base : int
        What offsets count from.
    extents : tuple of (int, int, int)
        Index, offset and length.
    """

    number: int
    method: int
    reference: int
    base: int
    extents: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """How iloc writes its numbers.

    Parameters
    ----------
    version : int
        0 to 2.
    offset, length, base, index : int
        Bytes that each takes.
    """

    version: int
    offset: int
    length: int
    base: int
    index: int


def primary(data: bytes, box: Box | None) -> int | None:
    """Read which item is the picture.

    Parameters
    ----------
    data : bytes
        The file.
    box : Box or None
        The box pitm.
    """
    if box is None or box.end - box.payload < 6:
        return None
    width = 2 if data[box.payload] == 0 else 4
    return int.from_bytes(data[box.payload + 4 : box.payload + 4 + width], "big")


def entries(data: bytes, box: Box, name: str) -> list[Box]:
    """List the boxes infe.

    Parameters
    ----------
    data : bytes
        The file.
    box : Box
        The box iinf.
    name : str
        For messages.
    """
    start = box.payload + 4 + (2 if data[box.payload : box.payload + 1] == b"\0" else 4)
    return boxes.walk(data, min(start, box.end), box.end, name)


def items(data: bytes, found: Sequence[Box]) -> Iterator[Item]:
    """Read what items are.

    Parameters
    ----------
    data : bytes
        The file.
    found : sequence of Box
        Boxes infe.
    """
    for box in found:
        body = data[box.payload : box.end]
        version = body[0] if body else 0
        width = 4 if version == 3 else 2
        number = int.from_bytes(body[4 : 4 + width], "big")
        rest = body[6 + width :]
        kind = MIME
        if version >= 2:
            kind, rest = rest[:4], rest[4:]
        _, content, coding, *_ = [*rest.split(b"\0", 3), b"", b"", b""]
        yield Item(number, kind, content, coding) if kind == MIME else Item(number, kind)


def described(data: bytes, box: Box | None, name: str) -> dict[int, set[int]]:
    """Read what items describe.

    Parameters
    ----------
    data : bytes
        The file.
    box : Box or None
        The box iref.
    name : str
        For messages.

    Returns
    -------
    dict of int to set of int
        Item, and those it describes.
    """
    found: dict[int, set[int]] = {}
    if box is None or box.end - box.payload < 4:
        return found
    width = 2 if data[box.payload] == 0 else 4
    for reference in boxes.walk(data, box.payload + 4, box.end, name):
        if reference.kind != b"cdsc":
            continue
        body = data[reference.payload : reference.end]
        numbers = [int.from_bytes(body[:width], "big")]
        targets = body[width + 2 :]
        numbers += [
            int.from_bytes(targets[at : at + width], "big") for at in range(0, len(targets), width)
        ]
        found.setdefault(numbers[0], set()).update(numbers[1:])
    return found


def locations(data: bytes, box: Box, name: str) -> tuple[Layout, list[Location]]:
    """Read where items lie.

    Parameters
    ----------
    data : bytes
        The file.
    box : Box
        The box iloc.
    name : str
        For messages.

    Raises
    ------
    MediaError
        It is cut short, of an unknown version, or has more than `MAX_EXTENTS`.
    """
    numbers = _Numbers(data[box.payload : box.end])
    try:
        version = numbers.take(1)
        numbers.take(3)
        first, second = numbers.take(1), numbers.take(1)
        layout = Layout(version, first >> 4, first & 15, second >> 4, second & 15)
        widths = (layout.offset, layout.length, layout.base, layout.index)
        if version > 2 or any(width not in _WIDTHS for width in widths):
            raise MediaError("is damaged: its list of items is of an unknown form", path=name)
        found: list[Location] = []
        left = MAX_EXTENTS
        for _ in range(numbers.take(2 if version < 2 else 4)):
            found.append(_location(numbers, layout))
            left -= 1 + len(found[-1].extents)
            if left < 0:
                raise MediaError(f"is damaged: more than {MAX_EXTENTS} extents", path=name)
    except IndexError:
        raise MediaError("is damaged: its list of items is cut short", path=name) from None
    return layout, found


def _location(numbers: _Numbers, layout: Layout) -> Location:
    number = numbers.take(2 if layout.version < 2 else 4)
    method = numbers.take(2) & 15 if layout.version else IN_FILE
    reference, base = numbers.take(2), numbers.take(layout.base)
    extents = tuple(
        (
            numbers.take(layout.index) if layout.version else 0,
            numbers.take(layout.offset),
            numbers.take(layout.length),
        )
        for _ in range(numbers.take(2))
    )
    return Location(number, method, reference, base, extents)


def encoded(layout: Layout, found: Sequence[Location]) -> bytes:
    """Write what a box iloc holds.

    Parameters
    ----------
    layout : Layout
        How numbers are written.
    found : sequence of Location
        Of all items.

    Raises
    ------
    OverflowError
        A number does not fit.
    """
    version = layout.version
    sizes = (layout.offset << 4 | layout.length, layout.base << 4 | layout.index)
    out = [struct.pack(">4B2B", version, 0, 0, 0, *sizes)]
    wide = 2 if version < 2 else 4
    out.append(len(found).to_bytes(wide, "big"))
    for location in found:
        out.append(location.number.to_bytes(wide, "big"))
        if version:
            out.append(struct.pack(">H", location.method))
        out.append(struct.pack(">H", location.reference))
        out.append(location.base.to_bytes(layout.base, "big"))
        out.append(struct.pack(">H", len(location.extents)))
        for index, offset, length in location.extents:
            out.append(index.to_bytes(layout.index, "big") if version else b"")
            out.append(offset.to_bytes(layout.offset, "big"))
            out.append(length.to_bytes(layout.length, "big"))
    return b"".join(out)


def entry(number: int, content: bytes) -> bytes:
    """Write a box infe of a ``mime`` item.

    Parameters
    ----------
    number : int
        The item.
    content : bytes
        Its MIME type.
    """
    body = struct.pack(">B3xHH", 2, number, 0) + MIME + b"\0" + content + b"\0"
    return boxes.framed(b"infe", body)


def description(number: int, target: int, *, wide: bool) -> bytes:
    """Write the reference of an item that describes another.

    Parameters
    ----------
    number, target : int
        The items.
    wide : bool
        Whether numbers take four bytes.
    """
    return boxes.framed(b"cdsc", struct.pack(">IHI" if wide else ">HHH", number, 1, target))


def spans(location: Location, idat: Box | None) -> list[tuple[int, int]] | None:
    """Say where in the file an item lies.

    Parameters
    ----------
    location : Location
        As read.
    idat : Box or None
        The box that data beside the items lie in.

    Returns
    -------
    list of (int, int) or None
        None where it lies elsewhere.
    """
    origin = location.base
    if location.reference or location.method not in (IN_FILE, IN_IDAT):
        return None
    if location.method == IN_IDAT:
        if idat is None:
            return None
        origin += idat.payload
    # A length of zero means all there is.
    if not location.extents or not all(length for _, _, length in location.extents):
        return None
    return [(origin + at, origin + at + length) for _, at, length in location.extents]


def placed(location: Location, starts: Sequence[int], origin: int) -> Location:
    """Give the location of an item that has come to stand elsewhere.

    Parameters
    ----------
    location : Location
        As read.
    starts : sequence of int
        Where each extent begins in the new file.
    origin : int
        Where in it offsets count from.
    """
    extents = tuple(
        (index, start - origin, length)
        for (index, _, length), start in zip(location.extents, starts, strict=True)
    )
    return replace(location, base=0, extents=extents)


class _Numbers:
    """Numbers one behind the other."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, width: int) -> int:
        """Read a number of so many bytes, the highest first."""
        end = self._at + width
        if end > len(self._data):
            raise IndexError
        value = int.from_bytes(self._data[self._at : end], "big")
        self._at = end
        return value
