"""Where the bytes of HEIF items lie: read, and written where items have moved.

References
----------
ISO/IEC 14496-12, 8.11.3 (iloc) and 8.11.11 (idat).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace

from genlabel._errors import MediaError
from genlabel.labels.containers.boxes import Box

IN_FILE, IN_IDAT = 0, 1
# A picture of 300 megapixels in tiles of 64 x 64.
MAX_EXTENTS = 1 << 17
_WIDTHS = (0, 4, 8)


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
