"""Fragments of MP4: what in them counts bytes from the beginning of the file.

References
----------
ISO/IEC 14496-12, 8.8.7 (tfhd), 8.8.10 (tfra) and 8.16.3 (sidx, which counts from itself on).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

from genlabel._data import Data
from genlabel._errors import MediaError, UnsupportedError
from genlabel.labels.containers import boxes
from genlabel.labels.containers.boxes import Box, Patch, Shift

_HAS_BASE = 1
# Of an index: what comes before its times, each of its rows, and the bits of a size in one.
_INDEX_BYTES = 12
_ROW_BYTES = 12
_SIZE_BITS = 0x7FFFFFFF


def check_within(top: Sequence[Box], patches: Sequence[Patch], name: str) -> None:
    """Make sure that nothing changes within a fragment, which counts from its own beginning on.

    Parameters
    ----------
    top : sequence of Box
        The file's boxes.
    patches : sequence of Patch
        What is to be changed.
    name : str
        For messages.

    Raises
    ------
    UnsupportedError
        Something would.
    """
    spans = [*_spans(top)]
    if any(start < patch.start < end for patch in patches for start, end in spans):
        raise UnsupportedError(
            "has labels within a fragment, which this version does not change", path=name
        )


def _spans(top: Sequence[Box]) -> Iterator[tuple[int, int]]:
    """Give where each fragment begins, and where its samples end."""
    start: int | None = None
    for box in top:
        if box.kind == b"moof":
            start = box.start
        elif box.kind == b"mdat" and start is not None:
            yield start, box.end


def offset_patches(data: Data, top: Sequence[Box], shift: Shift, name: str) -> Iterator[Patch]:
    """Move what points into the file along with it.

    Parameters
    ----------
    data : bytes or Mapped
        The file.
    top : sequence of Box
        The file's boxes.
    shift : Shift
        Where bytes come to stand.
    name : str
        For messages.

    Raises
    ------
    MediaError
        A box is damaged, or an offset outgrows its bits.
    """
    for box in top:
        if box.kind == b"moof":
            for part in boxes.walk(data, box.payload, box.end, name):
                if part.kind == b"traf":
                    inside = boxes.walk(data, part.payload, part.end, name)
                    yield from _bases(data, inside, shift, name)
        elif box.kind == b"mfra":
            for part in boxes.walk(data, box.payload, box.end, name):
                if part.kind == b"tfra":
                    yield from _entries(data, part, shift, name)
        elif box.kind == b"sidx":
            yield from _references(data, box, shift, name)


def _bases(data: Data, inside: Sequence[Box], shift: Shift, name: str) -> Iterator[Patch]:
    for box in inside:
        if box.kind == b"tfhd" and box.end - box.payload >= 8 and data[box.payload + 3] & _HAS_BASE:
            yield _moved(data, box, box.payload + 8, 8, shift, name)


def _entries(data: Data, table: Box, shift: Shift, name: str) -> Iterator[Patch]:
    head = data[table.payload : min(table.payload + 16, table.end)].ljust(16, b"\0")
    width = 8 if head[0] == 1 else 4
    # How many bytes the numbers of fragment, run and sample take, less one each.
    numbers = sum((head[11] >> shift_by & 3) + 1 for shift_by in (4, 2, 0))
    (count,) = struct.unpack_from(">I", head, 12)
    size = 2 * width + numbers
    if table.payload + 16 + count * size > table.end:
        raise MediaError(f"is a damaged MP4: its index claims {count} fragments", path=name)
    for number in range(count):
        yield _moved(data, table, table.payload + 16 + number * size + width, width, shift, name)


def _references(data: Data, index: Box, shift: Shift, name: str) -> Iterator[Patch]:
    """Let an index count what its parts of the file have become; they lie one behind the other."""
    width = 8 if data[index.payload : index.payload + 1] == b"\1" else 4
    at = index.payload + _INDEX_BYTES + width
    rows = at + width + 4
    count = int.from_bytes(data[rows - 2 : min(rows, index.end)], "big")
    if rows + count * _ROW_BYTES > index.end:
        raise MediaError(f"is a damaged MP4: its index claims {count} fragments", path=name)
    place = index.end + int.from_bytes(data[at : at + width], "big")
    # What comes right behind the index, or the last part, is no part of it.
    moved = shift.moved(place)
    yield _number(at, width, moved - shift.moved(index.end - 1) - 1, name)
    for row in range(rows, rows + count * _ROW_BYTES, _ROW_BYTES):
        word = int.from_bytes(data[row : row + 4], "big")
        place += word & _SIZE_BITS
        last = row + _ROW_BYTES == rows + count * _ROW_BYTES
        end = shift.moved(place - 1) + 1 if last else shift.moved(place)
        if end - moved > _SIZE_BITS:
            raise MediaError("would grow beyond what its fragments can say", path=name)
        yield _number(row, 4, word & ~_SIZE_BITS | end - moved, name)
        moved = end


def _moved(data: Data, box: Box, at: int, width: int, shift: Shift, name: str) -> Patch:
    if at + width > box.end:
        raise MediaError(f"is a damaged MP4: its {box.kind.decode()} is cut short", path=name)
    return _number(at, width, shift.moved(int.from_bytes(data[at : at + width], "big")), name)


def _number(at: int, width: int, number: int, name: str) -> Patch:
    try:
        return Patch(at, at + width, number.to_bytes(width, "big"))
    except OverflowError:
        raise MediaError("would grow beyond what its fragments can say", path=name) from None
